import Foundation
import Sandbox
import Support
import Testing

extension EndToEnd {
  @Suite("Personal data")
  struct PersonalDataTests {
    /// Numbers that stand nowhere else.
    private static let documents = ["7788994411", "CC 33.221.998", "66554433"]

    /// Accounts with identity numbers, one of them changed, one taken from a form with mistakes, one failed.
    private func use(_ place: Workplace) async throws -> RunningAgent {
      let agent = try await place.agent()
      let tag = place.folder.suffix(4).lowercased()
      let (a, b) = ("pd-\(tag)-a", "pd-\(tag)-b")
      try await place.carryOut(
        form(
          number: "PD-1",
          changes: [
            "create: {address: \(a)@example.org, name: {given: A, family: B}, document: \"\(Self.documents[0])\"}",
            "create: {address: \(b)@example.org, name: {given: A, family: B}, document: \"\(Self.documents[0])\"}",
            "create: {address: pd-\(tag)-c@example.org, name: {given: A, family: B}}",
          ]), "PD-1")
      try await place.carryOut(
        form(
          number: "PD-2",
          changes: [
            "modify: {address: \(a)@example.org, set: {document: \(Self.documents[1])}}",
            "create: {address: \(b)@example.org, name: {given: A, family: B}, document: \"\(Self.documents[2])\"}",
            "delete: {address: \(b)@example.org}",
          ]), "PD-2")
      for (name, document) in [("bad1", "'\(Self.documents[2])!'"), ("bad2", "[\(Self.documents[2])]")] {
        try place.drop(
          form(
            number: "PD-3",
            changes: [
              "create: {address: \(a)@example.org, name: {given: A, family: B}, document: \(document), extra: 1}"
            ]), as: name)
        _ = try await place.rejection(of: name)
      }
      #expect(try await comesTrue { try place.listed("\(b)@example.org")?["status"] == "retained" })
      return agent
    }

    @Test("stands in no log, record, list, report or text of the register", arguments: ["text", "json"])
    func identityNumbers(_ format: String) async throws {
      let place = try EndToEnd.place().site.workplace(
        "personal", .with { $0.log = "{format: \(format), level: trace}" })
      let agent = try await use(place)
      var texts: [(place: String, text: String)] = [("the log", agent.log.joined(separator: "\n"))]
      for command in [
        ["accounts"], ["accounts", "--json"], ["show", "PD-2"], ["show", "PD-2", "--json"], ["queue"], ["handover"],
        ["handover", "--json"], ["drift"], ["drift", "--json"], ["status"], ["status", "--json"],
      ] {
        let outcome = try await place.start(command).outcome()
        texts.append(("\(command)", outcome.output + outcome.errors))
      }
      for file in try files(below: place.records) where !file.contains("/forms/") {
        texts.append((file, try text(file)))
      }
      for name in place.names(in: place.spool + "/rejected") where name.hasSuffix(".report") {
        texts.append((name, try text(place.spool + "/rejected/" + name)))
      }
      let register = place.state + "/register.sqlite"
      for table in try SQLite.rows(register, "SELECT name FROM sqlite_master WHERE type = 'table'") {
        let name = try #require(table["name"]?.text)
        for row in try SQLite.rows(register, "SELECT * FROM \"\(name)\"") {
          for (column, value) in row { if let text = value.text { texts.append(("\(name).\(column)", text)) } }
        }
      }
      #expect(texts.contains { $0.text.contains("PD-1#0") } && texts.count > 50, "there was something to look through")
      for document in Self.documents {
        for (place, text) in texts { #expect(!text.contains(document), "\(document) in \(place)") }
      }
      // The directory has it, for the agent alone.
      let entry = try #require(try place.site.entry("pd-\(place.folder.suffix(4).lowercased())-a"))
      #expect(entry["employeeNumber"] == [Self.documents[1]])
      #expect(await agent.end() == 0)
    }

    @Test("A temporary password opens nothing but its own change, and stands nowhere")
    func temporaryPassword() async throws {
      let place = try EndToEnd.place().site.workplace("passwords", .with { $0.log = "{format: text, level: trace}" })
      let site = place.site
      let agent = try await use(place)
      let dn = site.dn("pd-\(place.folder.suffix(4).lowercased())-a")
      let password = try await place.temporaryPassword("PD-1")
      let other = try await place.temporaryPassword("PD-1", change: 2)
      #expect(password != other && password.wholeMatch(of: /([a-km-np-z2-9]{5}-){3}[a-km-np-z2-9]{5}/) != nil)

      #expect(try await site.bind(dn, password: password).status == 0)
      #expect(try await site.bind(dn, password: other).status == 49)
      func search(_ password: String) async throws -> Outcome {
        try await Program.run(
          "/usr/bin/ldapsearch",
          ["-x", "-LLL", "-H", site.sandbox.uri, "-D", dn, "-w", password, "-b", dn, "-s", "base", "mail"])
      }
      let restricted = try await search(password)
      #expect(restricted.status == 50 && restricted.output.isEmpty, "\(restricted.errors)")
      let own = "La clave de su dueña 1"
      let change = try await Program.run(
        "/usr/bin/ldappasswd", ["-x", "-H", site.sandbox.uri, "-D", dn, "-w", password, "-s", own])
      #expect(change.status == 0, "\(change.errors)")
      #expect(try await site.bind(dn, password: password).status == 49)
      #expect(try await search(own).output.contains("mail: "))
      #expect(try #require(try site.entry("pd-\(place.folder.suffix(4).lowercased())-a"))["pwdReset"].isEmpty)

      // With the WAL on its side and without.
      for moment in ["while the agent runs", "when it has ended"] {
        #expect(agent.log.allSatisfy { !$0.contains(password) && !$0.contains(other) })
        for file in try files(below: place.folder) {
          let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
          for secret in [password, other] {
            #expect(bytes.range(of: Data(secret.utf8)) == nil, "\(moment): \(file)")
            #expect(bytes.range(of: Data(secret.filter { $0 != "-" }.utf8)) == nil, "\(moment): \(file)")
          }
        }
        if agent.program.isRunning { #expect(await agent.end() == 0) }
      }
    }

    private func files(below folder: String) throws -> [String] {
      let found = try FileManager.default.subpathsOfDirectory(atPath: folder).map { folder + "/" + $0 }
      return found.filter { path in
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
      }
    }

    private func text(_ file: String) throws -> String {
      String(decoding: try Data(contentsOf: URL(fileURLWithPath: file)), as: UTF8.self)
    }
  }
}
