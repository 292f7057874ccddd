import Support
import Testing

/// What a shell asks the program for when somebody types the tabulator, as the installed scripts ask it.
@Suite("Completion")
struct CompletionTests {
  @Test("offers numbers and addresses of the register, that begin as typed, and nothing where there is none")
  func registered() async throws {
    let place = try Site().workplace("completion")
    func offered(_ command: String, _ prefix: String = "", _ words: [String] = []) async throws -> [String] {
      let line = ["buzon", command] + words + [prefix]
      let outcome = try await place.start(
        ["---completion", command, "--", "positional@0", "\(line.count - 1)", "\(prefix.utf8.count)"] + line
      ).outcome()
      #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome)")
      return outcome.output.split(separator: "\n").map(String.init)
    }
    #expect(try await offered("show").isEmpty, "there is no register yet")

    let agent = try await place.agent()
    for number in ["A-1", "7-1", "7-2"] {
      try await place.carryOut(
        form(
          number: number, changes: ["create: {address: u\(number)@example.org, name: {given: A, family: B}}"]), number)
    }
    #expect(await agent.end() == 0)
    #expect(try await offered("show") == ["A-1", "7-2", "7-1"])
    #expect(try await offered("evidence", "7") == ["7-2", "7-1"])
    #expect(try await offered("history", "ua").contains("ua-1@example.org"))
    #expect(try await offered("handover", "7-2") == ["7-2"])
    #expect(try await offered("cancel") == ["ALL"], "nothing is open")
    #expect(try await offered("show", "", ["--config", "/nowhere/buzon.yaml"]).isEmpty)
  }

  @Test("a version is one line by itself, then the commit and the libraries that are loaded")
  func version() async throws {
    let lines = try await Program.run(Program.built("buzon"), ["--version"]).output.split(separator: "\n")
    #expect(lines.count == 3 && lines[0].wholeMatch(of: /\d+\.\d+\.\d+/) != nil, "\(lines)")
    for library in ["libldap 2.", "libsasl2 2.", "SQLite 3.", "libyaml 0.", "libxlsxwriter 1."] {
      #expect(lines.last?.contains(library) == true, "\(library): \(lines)")
    }
  }
}
