import Foundation
import Sandbox
import Support
import Testing

/// What the memory of a running agent holds when its work is done: neither the temporary passwords that it sent nor the
/// password that it proves itself with. Not ours to zero, and left out here: the requests as libldap has encoded them, in
/// memory that it frees as it is; what the kernel, TLS and SASL keep.
@Suite("In the agent's memory", .enabled(if: geteuid() == 0))
struct MemoryTests {
  @Test("no password is left once its change is settled, nor the bind password once the connection stands")
  func passwords() async throws {
    let site = try Site()
    let file = site.folder + "/bind.password"
    try FileManager.default.copyItem(atPath: site.sandbox.passwordFile, toPath: file)
    let place = try site.workplace(
      "memory", .with { $0.bind = "{method: simple, dn: \"\(site.sandbox.admin)\", password_file: \"\(file)\"}" })
    let agent = try await place.agent()
    #expect(await agent.says("mirror.listening"))
    for index in 1...6 {
      try await place.carryOut(
        form(
          number: "S-\(index)",
          changes: ["create: {address: secreta\(index)@example.org, name: {given: Ana, family: Rojas}}"]),
        "S-\(index)")
    }
    var secrets = [("the bind password", try String(contentsOfFile: file, encoding: .utf8))]
    for index in 1...6 {
      let slip = try await place.answer("handover", "secreta\(index)@example.org")
      secrets.append(("password \(index)", try #require(slip["password"].text)))
    }
    let memory = try Memory(agent.program.processIdentifier)
    #expect(memory.count("secreta6@example.org") > 0, "the search finds what is there")
    for (what, secret) in secrets {
      #expect(secret.utf8.count >= 20)
      #expect(memory.count(secret) == 0, "\(what)")
    }
    #expect(await agent.end() == 0)
  }

  @Test("nobody looks but root, and no core of it is written")
  func dumps() async throws {
    let place = try Site().workplace("core")
    let ready = try await Program.run("/usr/bin/chown", ["-R", "65531:65531", place.folder])
    #expect(ready.status == 0, "\(ready.errors)")
    let agent = try await place.agent(
      prefix: ["/usr/bin/setpriv", "--reuid", "65531", "--regid", "65531", "--clear-groups"])
    var status = stat()
    #expect(stat("/proc/\(agent.program.processIdentifier)/mem", &status) == 0)
    #expect(status.st_uid == 0, "a process that can be dumped is its user's (proc(5))")
    #expect(await agent.end() == 0)
  }
}

/// All that a process can read of its own memory.
private struct Memory {
  private var regions: [Data] = []

  init(_ process: pid_t) throws {
    let file = open("/proc/\(process)/mem", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw SiteError("/proc/\(process)/mem: \(String(cString: strerror(errno)))") }
    defer { close(file) }
    for line in try String(contentsOfFile: "/proc/\(process)/maps", encoding: .utf8).split(separator: "\n") {
      let words = line.split(separator: " ")
      let ends = words[0].split(separator: "-").compactMap { UInt64($0, radix: 16) }
      guard words[1].hasPrefix("r"), ends.count == 2, ends[1] <= UInt64(Int64.max) else { continue }
      var region = Data(count: Int(ends[1] - ends[0]))
      let count = region.withUnsafeMutableBytes { pread(file, $0.baseAddress, $0.count, off_t(ends[0])) }
      if count > 0 { regions.append(region.prefix(count)) }
    }
  }

  /// How often a text stands there, but for octet strings in BER (X.690): a request as libldap encodes it.
  func count(_ text: String) -> Int {
    let needle = Data(text.utf8)
    let encoded: [UInt8] = [0x04, UInt8(needle.count)]
    return regions.reduce(0) { sum, region in
      var (found, start) = (0, region.startIndex)
      while let range = region.range(of: needle, in: start..<region.endIndex) {
        let before = region[max(region.startIndex, range.lowerBound - 2)..<range.lowerBound]
        if !before.elementsEqual(encoded) { found += 1 }
        start = range.upperBound
      }
      return sum + found
    }
  }
}
