import Glibc

/// The target that BUZON_FUZZ_TARGET names.
private let target: FuzzTarget = {
  let name = getenv("BUZON_FUZZ_TARGET").map { String(cString: $0) }
  guard let target = FuzzTarget.all.first(where: { $0.name == name }) else {
    print("BUZON_FUZZ_TARGET is one of \(FuzzTarget.all.map(\.name).joined(separator: ", "))")
    exit(64)
  }
  return target
}()

/// What libFuzzer, whose program this is, calls with each input: it comes back, or the input broke something.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  do {
    try target.check(Array(UnsafeBufferPointer(start: bytes, count: count)))
  } catch {
    print("broken: \(error)")
    fflush(nil)
    abort()
  }
  return 0
}
