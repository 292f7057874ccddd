import Foundation
import Support
import Testing
import Text

extension Hostile {
  /// What was taken is in the directory, the records, the lists and the pages as the form says it, byte for byte.
  @Suite("A value that was taken")
  struct ReadBackTests {
    @Test("is the same everywhere: directory, records, lists, pages; and harmless on a terminal and in a browser")
    func everywhere() async throws {
      let site = try Site()
      let place = try site.workplace("values", .with { $0.log = "{format: json, level: debug}" })
      let port = Int.random(in: 20_000..<30_000)
      let values = HostileValue.table(port: port).filter { $0.fate == .taken }
      let agent = try await place.agent()
      var beat = Beat(place, "values")
      try await beat.good()

      // One bulk form makes an account of each; one of each kind is plain, to compare the pages' shape with.
      let all = [HostileValue(.taken, "plain", "plain")] + values
      let creates = all.indices.map { index in
        let text = FormCell.escaped(all[index].text)
        return index % 3 == 2
          ? "create: {address: v\(index)@example.org, kind: list, name: {display: \(text)}, department: \(text), owner: jefe@example.org}"
          : """
          create: {address: v\(index)@example.org, name: {given: \(text), family: \(text)}, department: \(text), position: \(text)}
          """
      }
      try place.drop(form("OWNER", ["create: {address: jefe@example.org, name: {given: J, family: E}}"]), as: "owner")
      #expect(try await place.recorded("OWNER")["outcome"] == "applied")
      try place.drop(form("BULK", creates), as: "bulk")
      #expect(try await place.recorded("BULK")["outcome"] == "applied")
      // A form of each: what stands in its own head.
      let step = Torture.isFull ? 1 : 3
      let heads = stride(from: 0, to: all.count, by: step).map { $0 }
      for index in heads {
        let text = index % 2 == 0 ? FormCell.escaped(all[index].text) : FormCell.raw(all[index].text)
        let changes =
          index % 2 == 0
          ? "modify: {address: v\(index)@example.org, set: {department: \(text)}}"
          : "delete: {address: v\(index)@example.org, reason: \(text)}"
        let form = """
          number: HEAD-\(index)
          department: \(text)
          requester: {name: \(text)}
          approval: {by: \(text), date: \(today()), reference: \(text)}
          changes: [\(changes)]

          """
        try place.drop(form, as: all[index].name + ".yaml")
      }
      for index in heads {
        let record = try await place.recorded("HEAD-\(index)")
        #expect(record["outcome"] == "applied", "\(all[index].name): \(record)")
      }
      try await beat.good()
      beat.expectPrompt("\(values.count) hostile values")

      try expectInDirectory(site, all)
      // The last of the deletes is on the list.
      let last = heads.last { $0 % 2 == 1 } ?? 0
      #expect(
        try await comesTrue { try place.listed("v\(last)@example.org")?["status"] == "retained" })
      // The page of the list is written by itself, at times of its own.
      let page = place.records + "/accounts/accounts.html"
      let retained = heads.count { $0 % 2 == 1 }
      let isPrinted = try await comesTrue {
        try String(contentsOfFile: page, encoding: .utf8).split(separator: "<span class=\"retained\">").count > retained
      }
      #expect(isPrinted)
      try await expectInFiles(place, all, heads, port: port)
      try await expectSafeOnTerminal(place, all, heads)
      let applied = try site.timesApplied("HEAD-").merging(site.timesApplied("BULK")) { $1 }
      // What a modify says is so already: those write nothing.
      let writes = all.count + heads.count { $0 % 2 == 1 }
      let twice = applied.values.count { $0 > 1 }
      #expect(applied.count == writes && twice == 0)
      await agent.expectGoodEnd("hostile values")
      Torture.report(
        "hostile values read back", [("values", values.count), ("forms", heads.count + 1)],
        lost: writes - applied.count, twice: twice)
    }

    private func expectInDirectory(_ site: Site, _ all: [HostileValue]) throws {
      let entries = try site.search(filter: "(objectClass=buzonAccount)")
      var found: [String: LDIFEntry] = [:]
      for entry in entries { found[entry["mail"].first ?? ""] = entry }
      for (index, value) in all.enumerated() {
        guard let entry = found["v\(index)@example.org"] else {
          Issue.record("\(value.name) isn't there")
          continue
        }
        let attributes = index % 3 == 2 ? ["displayname", "sn", "ou"] : ["givenname", "sn", "ou", "title"]
        for attribute in attributes {
          let isSame = entry[attribute].map { Array($0.utf8) } == [Array(value.text.utf8)]
          #expect(isSame, "\(value.name): \(attribute) is \(entry[attribute])")
        }
        // A name of our choosing, whatever the value.
        #expect(entry.dn == site.dn("v\(index)"))
      }
    }

    private func expectInFiles(_ place: Workplace, _ all: [HostileValue], _ heads: [Int], port: Int) async throws {
      let given: [String: Any] = [
        "values": all.map(\.text), "heads": heads, "records": place.records, "port": port,
        "year": place.names(in: place.records + "/deliveries").first ?? "",
      ]
      try JSONSerialization.data(withJSONObject: given).write(to: URL(fileURLWithPath: place.folder + "/given.json"))
      try await Python.run(ReadBack.script, in: place.folder, "the files")
      guard FileManager.default.isExecutableFile(atPath: "/usr/bin/chromium") else {
        return print("hostile: no browser")
      }
      try await Python.run(ReadBack.browser, in: place.folder, "the browser")
    }

    private func expectSafeOnTerminal(_ place: Workplace, _ all: [HostileValue], _ heads: [Int]) async throws {
      let some = Torture.isFull ? heads : heads.filter { $0 % 21 == 0 }
      var commands = [
        ["queue"], ["accounts"], ["accounts", "--format", "csv"], ["accounts", "--json"], ["handover"],
        ["status"], ["drift"], ["show", "BULK"], ["show", "BULK", "--json"], ["history", "v3@example.org"],
      ]
      commands += some.flatMap {
        [["show", "HEAD-\($0)"], ["show", "HEAD-\($0)", "--json"], ["history", "v\($0)@example.org"]]
      }
      for command in commands {
        let outcome = try await place.start(command).outcome()
        #expect([0, 1, 65].contains(outcome.status), "\(command): \(outcome.status) \(outcome.errors)")
        // RFC 4180's lines end in CR LF.
        expectSafe(Data((outcome.output + outcome.errors).replacing("\r\n", with: "\n").utf8), "\(command)")
      }
      // As a table each account is one line, whatever it is called.
      let table = try await place.run("accounts").output.split(separator: "\n")
      #expect(table.filter { $0.prefixMatch(of: /v[0-9]+@example/) != nil }.count == all.count)
    }
  }
}
