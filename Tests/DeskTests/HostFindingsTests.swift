import Configuration
import Files
import Testing

@testable import Desk

@Suite("What the facts of a host mean")
struct HostFindingsTests {
  private static let text = """
    organization: {name: X}
    directory: {uris: ["ldapi:///"], base: dc=x, tls: {certificate_file: /c, key_file: /k}}
    domains: [example.org]
    handover: {change_url: "https://example.org/clave"}

    """

  private func names(_ change: (inout HostFacts) -> Void) throws -> [String] {
    var facts = HostFacts(agent: AgentUser(uid: 7, gid: 7), isAgent: true)
    facts.page = .answered(200)
    change(&facts)
    let configuration = try Configuration.read(Array(Self.text.utf8), file: "x")
    return HostFindings(facts: facts, configuration: configuration).all().map { "\($0.severity.rawValue) \($0.name)" }
  }

  private func folder(type: UInt32 = 0xEF53, free: UInt64 = 1 << 40, names: UInt64? = nil) -> HostFacts.Folder {
    HostFacts.Folder(
      key: "state", path: "/s", fileSystem: FileSystem(type: type, free: free, size: 1 << 41, freeNames: names))
  }

  @Test(
    "depends on the file system of a folder",
    arguments: [
      (0xEF53, 1 << 40, nil, []), (0x6969, 1 << 40, nil, ["warning network-file-system"]),
      (0xFF53_4D42, 1 << 40, nil, ["warning network-file-system"]),
      (0x0102_1994, 1 << 40, nil, ["warning memory-file-system"]), (0xEF53, 100 << 20, nil, ["warning disk-space"]),
      (0xEF53, 10 << 20, nil, ["error disk-space"]), (0xEF53, 1 << 40, 500, ["error disk-space"]),
      (0xEF53, 1 << 40, 5_000, ["warning disk-space"]),
    ] as [(UInt32, UInt64, UInt64?, [String])])
  func fileSystems(type: UInt32, free: UInt64, left: UInt64?, expected: [String]) throws {
    #expect(try names { $0.folders = [folder(type: type, free: free, names: left)] } == expected)
  }

  @Test("is nothing where all is as it should be, and one finding for each fault")
  func faults() throws {
    #expect(try names { _ in } == [])
    #expect(try names { $0.agent.exists = false } == ["error agent-user"])
    #expect(try names { $0.isSubmitter = false } == ["warning agent-group"])
    #expect(try names { $0.page = .answered(404) } == ["warning change-url"])
    #expect(try names { $0.page = .unasked } == ["not-checked change-url"])
    #expect(try names { $0.hasLostState = true } == ["error state-lost"])
    #expect(try names { $0.strangeFiles = ["/s/register.sqlite"] } == ["error state-owner"])
    #expect(try names { ($0.spoolLock, $0.stateLock) = (5, nil) } == ["error locks"])
    #expect(try names { ($0.spoolLock, $0.stateLock) = (5, 5) } == [])
    #expect(try names { $0.isOneFileSystem = false } == ["error spool-file-systems"])
    #expect(try names { $0.certificate = (100 + 31 * 86_400, 100) } == [])
    #expect(try names { $0.certificate = (100 + 29 * 86_400, 100) } == ["warning certificate-ends"])
    #expect(try names { $0.certificate = (99, 100) } == ["error certificate-ends"])
    #expect(try names { $0.isAgent = false } == ["not-checked trust"])
  }
}
