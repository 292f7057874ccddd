import Foundation
import Sandbox
import Support
import Testing

extension EndToEnd {
  /// An auditor asks a year later who did what, and why.
  @Suite("Evidence")
  struct EvidenceTests {
    @Test("record, show and history say what was changed, why, and of whom")
    func values() async throws {
      let place = try Site().workplace("evidence")
      let agent = try await place.agent()
      try await place.carryOut(
        form(
          number: "EV-1",
          changes: [
            "create: {address: ev1@example.org, name: {given: Eva, family: Mora}, document: '1124850777', "
              + "position: Auxiliar, quota: 2 GiB, expires: 2030-12-31}"
          ]), "EV-1")
      try await place.carryOut(
        form(
          number: "EV-2",
          changes: [
            "modify: {address: ev1@example.org, set: {position: Jefa, document: '99'}, add: {aliases: [ev2@example.org]}}",
            "modify: {address: ev1@example.org, set: {position: Jefa}}",
            "delete: {address: ev1@example.org, reason: Retiro voluntario}",
          ]), "EV-2")
      // The delete ends the hand-over, and the record of the create says so.
      #expect(
        try await comesTrue { try place.record("EV-1")?["changes"][0]["handoverEvents"].array.count == 2 })
      let created = try #require(try place.record("EV-1"))["changes"][0]
      #expect(created["name"] == "Eva Mora")
      let values = Dictionary(
        uniqueKeysWithValues: created["values"].array.map { ($0["key"].text ?? "", $0["after"].array) })
      #expect(values["position"] == ["Auxiliar"] && values["document"] == ["***"])
      #expect(values["quota"] == ["2 GiB"] && values["expires"] == ["2030-12-31"])
      #expect(created["handoverEvents"].array.map { $0["event"] } == ["granted", "expired"])

      let changes = try #require(try place.record("EV-2"))["changes"].array
      let first: [JSON] = [
        ["key": "document", "before": ["***"], "after": ["***"]],
        ["key": "position", "before": ["Auxiliar"], "after": ["Jefa"]],
        ["key": "aliases", "before": [], "after": ["ev2@example.org"]],
      ]
      #expect(changes[0]["values"].array == first && changes[0]["name"] == "Eva Mora")
      #expect(changes[1]["outcome"] == "unchanged" && changes[1]["values"] == [])
      #expect(changes[2]["reason"] == "Retiro voluntario")
      #expect(changes[2]["values"] == [["key": "status", "before": ["active"], "after": ["retained"]]])

      let show = try await place.run("show", "EV-2").output
      for text in ["(Eva Mora)", "position: Auxiliar -> Jefa", "reason: Retiro voluntario", "sha256:", "Ledger"] {
        #expect(show.contains(text), "\(text): \(show)")
      }
      let history = try await place.run("history", "ev1@example.org").output
      for text in ["position: Auxiliar -> Jefa", "reason: Retiro voluntario", "EV-1#0 handover.granted"] {
        #expect(history.contains(text), "\(text): \(history)")
      }
      #expect(!(show + history).contains("1124850777"))

      // Nothing of it hangs on the moment it was written: the register says the same.
      #expect(await agent.end() == 0)
      let before = try place.record("EV-2")
      #expect(try await place.run("rebuild").status == 0)
      #expect(try place.record("EV-2") == before)
    }

    @Test("drift and its author stay in the history after it is mended")
    func drift() async throws {
      let place = try Site().workplace("evidence")
      let agent = try await place.agent()
      try await place.carryOut(
        form(
          number: "EV-3",
          changes: ["create: {address: ev3@example.org, name: {given: A, family: B}, position: Auxiliar}"]), "EV-3")
      let dn = place.site.dn("ev3")
      for title in ["Gerente", "Auxiliar"] {
        try place.site.modify("dn: \(dn)\nchangetype: modify\nreplace: title\ntitle: \(title)\n")
        #expect(
          try await comesTrue {
            try await place.run("drift").errors.contains("nothing differs") == (title == "Auxiliar")
          })
      }
      let drift = try await place.answer("history", "ev3@example.org")["accounts"][0]["drift"].array
      #expect(drift.map { $0["event"] } == ["found", "mended"])
      #expect(drift[0]["by"].text == place.site.sandbox.admin && drift[0]["present"] == ["Gerente"])
      let events = try await place.answer("show", "EV-3")["history"].array.compactMap { $0["event"].text }
      #expect(events.suffix(3) == ["done", "drift.found", "drift.mended"], "\(events)")
      #expect(try await place.run("history", "ev3@example.org").output.contains("title: Auxiliar → Gerente"))
      #expect(await agent.end() == 0)
    }

    @Test("an order keeps its reason, a hold its cause, and the history is in order of time")
    func orders() async throws {
      let place = try Site().workplace("evidence")
      try place.drop(form(number: "EV-9", changes: ["delete: {address: nadie9@example.org}"]), as: "EV-9.yaml")
      try place.site.stopDirectory()
      let agent = try await place.agent()
      #expect(try await comesTrue { try await place.run("show", "EV-9").status == 0 })
      #expect(try await place.run("hold", "EV-9", "--because", "falta la firma").status == 0)
      #expect(try await place.run("queue").output.contains("falta la firma"))
      #expect(try await place.run("release", "EV-9", "--because", "firmado").status == 0)
      #expect(try await place.run("cancel", "EV-9", "--because", "duplicada").status == 0)
      #expect(await agent.end() == 0)
      let history = try await place.answer("show", "EV-9")["history"].array
      #expect(
        Set(history.map { $0["event"].text ?? "" }) == [
          "received", "accepted", "held", "released", "skipped", "cancelled", "done",
        ])
      let details = history.compactMap { $0["detail"].text }
      for text in ["falta la firma", "firmado", "duplicada"] { #expect(details.contains(text), "\(details)") }
      #expect(history.map { $0["at"].text ?? "" } == history.map { $0["at"].text ?? "" }.sorted())
    }
  }
}
