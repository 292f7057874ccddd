import Files
import Glibc
import Support
import Testing

@Suite("Names that nobody can guess")
struct UnguessableNameTests {
  @Test("have 128 random bits behind their beginning, each time others; what belongs together shares the stem")
  func names() throws {
    var seen: Set<FileName> = []
    for _ in 0..<1_000 {
      let name = try #require(FileName.unguessable("2026-0142", suffix: ".yaml"))
      let text = try #require(name.text)
      let word = text.dropFirst("2026-0142-".count).dropLast(".yaml".count)
      #expect(text.hasPrefix("2026-0142-") && text.hasSuffix(".yaml") && word.utf8.count == 32)
      #expect(word.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
      #expect(name.replacing(".yaml", with: ".sig")?.text == String(text.dropLast(5)) + ".sig")
      #expect(name.replacing(".sig", with: ".yaml") == nil)
      #expect(seen.insert(name).inserted)
    }
    // Each of the 128 bits is sometimes 0 and sometimes 1.
    let bits = seen.compactMap { name in name.text.map { Array($0.utf8.dropFirst(10).prefix(32)) } }
    for place in 0..<32 { #expect(Set(bits.map { $0[place] }).count == 16) }
    #expect(FileName.unguessable(String(repeating: "a", count: 255), suffix: ".yaml") == nil)
  }

  @Test("A file is written under such a name too: who watches sees no two alike, and none made of the process id alone")
  func passing() throws {
    let scratch = try Scratch()
    let folder = try scratch.folder("in")
    let watch = inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK))
    #expect(watch >= 0)
    defer { close(watch) }
    #expect(inotify_add_watch(watch, scratch.path + "/in", UInt32(IN_CREATE)) >= 0)
    for name in ["a", "b", "c"] as [FileName] { try folder.writeDurably([0x61], as: name, mode: 0o640) }
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = read(watch, &buffer, buffer.count)
    var names: [String] = []
    var position = 0
    while position < count {
      let length = buffer[(position + 12)..<(position + 16)].reversed().reduce(0) { $0 << 8 | Int($1) }
      names.append(
        String(decoding: buffer[(position + 16)..<(position + 16 + length)].prefix { $0 != 0 }, as: UTF8.self))
      position += 16 + length
    }
    #expect(names.count == 3 && Set(names).count == 3)
    for name in names {
      let parts = name.dropFirst().dropLast(4).split(separator: "-")
      #expect(name.hasPrefix(".\(getpid())-") && name.hasSuffix(".tmp") && parts.last?.utf8.count == 32, "\(name)")
    }
    #expect(try folder.cleanPassing() == 0, "nothing is left, and what is an hour old would be removed")
  }
}
