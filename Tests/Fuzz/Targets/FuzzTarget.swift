import Glibc
import LDAP
import Text

/// What a parser or writer of ours promises of any bytes whatever, as a function that libFuzzer and a plain test call.
///
/// Input that is refused keeps the promise; what is wrong is thrown as ``Broken``, and a trap or an over-read ends the
/// process, which libFuzzer tells.
struct FuzzTarget: Sendable {
  /// The name of its folder in Corpora, and of its dictionary, if it has one.
  let name: String
  let check: @Sendable ([UInt8]) throws -> Void

  init(_ name: String, _ check: @escaping @Sendable ([UInt8]) throws -> Void) {
    self.name = name
    self.check = check
  }

  static let all: [FuzzTarget] = [
    FuzzTarget("form", FormTargets.form), FuzzTarget("stored-form", FormTargets.storedForm),
    FuzzTarget("csv", FormTargets.spreadsheet), FuzzTarget("configuration", ConfigurationTarget.check),
    FuzzTarget("value", ValueTargets.check), FuzzTarget("dn", NameTargets.dn), FuzzTarget("filter", FilterTarget.check),
    FuzzTarget("url", NameTargets.url), FuzzTarget("ldif", LDIFTarget.check),
    FuzzTarget("certificate", BERTargets.certificate), FuzzTarget("sync", BERTargets.sync),
    FuzzTarget("ppolicy", BERTargets.passwordPolicy), FuzzTarget("image", ImageTarget.check),
    FuzzTarget("json", EscapingTargets.json), FuzzTarget("csv-cell", EscapingTargets.csvCell),
    FuzzTarget("html", EscapingTargets.html), FuzzTarget("terminal", EscapingTargets.terminal),
    FuzzTarget("zone", ZoneTarget.check), FuzzTarget("template", TemplateTarget.check),
  ]
}

/// A promise that doesn't hold.
struct Broken: Error, CustomStringConvertible {
  let description: String
}

/// Throws where a promise doesn't hold.
func promise(_ holds: Bool, _ what: @autoclosure () -> String) throws {
  if !holds { throw Broken(description: what()) }
}

/// What a text of LDAP is read as; `nil` where it is refused, which must be told in one line.
func accepted<Value>(_ body: () throws(LDAPError) -> Value) throws -> Value? {
  switch Result(catching: body) {
  case .success(let value): return value
  case .failure(let error):
    try promise("\(error)".isOneLine, "no line: \("\(error)".debugDescription)")
    return nil
  }
}

/// Bytes of an input, taken from its front: what shapes a value that is built.
struct Choices {
  private(set) var rest: ArraySlice<UInt8>

  init(_ input: [UInt8]) { rest = input[...] }

  /// 0 where nothing is left.
  mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

  /// One of a few.
  mutating func of<Element>(_ some: [Element]) -> Element { some[Int(byte()) % some.count] }

  /// As many bytes as the next one says, or as there are.
  mutating func bytes() -> [UInt8] {
    let count = Int(byte())
    defer { rest = rest.dropFirst(count) }
    return Array(rest.prefix(count))
  }

  mutating func all() -> [UInt8] {
    defer { rest = [] }
    return Array(rest)
  }
}

extension String {
  /// Neither a control nor a mark of format, nothing that ends a line: safe to print, and one line.
  var isOneSafeLine: Bool {
    unicodeScalars.allSatisfy { scalar in
      switch scalar.properties.generalCategory {
      // Signs of numbers that are seen.
      case .format where (0x600...0x605).contains(scalar.value) || (0x6DD...0x8E2).contains(scalar.value): true
      case .format where (0x110BD...0x110CD).contains(scalar.value): true
      case .control, .format, .lineSeparator, .paragraphSeparator: false
      default: true
      }
    }
  }

  /// Without controls, and one line.
  var isOneLine: Bool {
    unicodeScalars.allSatisfy { scalar in
      switch scalar.properties.generalCategory {
      case .control, .lineSeparator, .paragraphSeparator: false
      default: true
      }
    }
  }

  /// The same bytes; `==` takes NFC and NFD for one.
  func isSame(as other: String) -> Bool { utf8.elementsEqual(other.utf8) }
}

/// What a check may take: a second, and 50 µs a byte, of this thread's own time, in a build that is slowed by sanitizers
/// or not optimized. What grows with the square of the bytes is seen when it is fed a few kilobytes.
func withinTime<Result>(_ bytes: Int, _ body: () throws -> Result) throws -> Result {
  func now() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return time.tv_sec * 1_000_000 + time.tv_nsec / 1_000
  }
  let start = now()
  let result = try body()
  let taken = now() - start
  try promise(taken < 1_000_000 + bytes * 50, "it took \(taken) µs for \(bytes) bytes")
  return result
}
