import Foundation
import Support
import Testing

/// `policy.limits`: what asks for too much waits for an operator, and nobody waits for it.
@Suite("Limits against accidents")
struct LimitTests {
  /// A place with accounts `a0` to `a29`.
  private func begin(_ limits: String) async throws -> Workplace {
    let place = try Site().workplace("limits", .with { $0.more = "policy: {limits: {\(limits)}}" })
    let creates = (0..<30).map { "create: {address: a\($0)@example.org, name: {given: A, family: B}}" }
    try place.drop(form(number: "BASE", changes: creates), as: "base.yaml")
    #expect(try await place.run("run", "--once").status == 0)
    return place
  }

  private func deletes(_ range: Range<Int>) -> [String] { range.map { "delete: {address: a\($0)@example.org}" } }
  private func suspensions(_ range: Range<Int>) -> [String] {
    range.map { "modify: {address: a\($0)@example.org, set: {status: suspended}}" }
  }
  private func resets(_ range: Range<Int>) -> [String] {
    range.map { "modify: {address: a\($0)@example.org, reset: password}" }
  }

  /// Drops forms in this order and runs the agent until nothing more can be done.
  private func submit(_ place: Workplace, _ forms: (String, [String])...) async throws -> Int32 {
    for (index, (number, changes)) in forms.enumerated() {
      try place.drop(
        form(number: number, changes: changes), as: number + ".yaml",
        modified: Date(timeIntervalSinceNow: -1_000 + Double(index)))
    }
    return try await place.run("run", "--once").status
  }

  private func state(_ place: Workplace, _ number: String) async throws -> String? {
    try await place.answer("show", number)["state"].text
  }

  @Test("a form that asks for more than one form may is held with the reason, and others overtake it")
  func perForm() async throws {
    let place = try await begin("deletes: {per_form: 3}, suspensions: {per_form: 2}, resets: {per_form: 1}")
    let status = try await submit(
      place, ("D-4", deletes(0..<4)), ("S-3", suspensions(4..<7)), ("R-2", resets(7..<9)), ("D-3", deletes(10..<13)),
      ("S-2", suspensions(13..<15)), ("R-1", resets(15..<16)),
      // On an account that the held one names.
      ("M-1", ["modify: {address: a0@example.org, set: {position: X}}"]))
    #expect(status == 75)
    for (number, kind, most) in [("D-4", "deletes", 3), ("S-3", "suspensions", 2), ("R-2", "resets", 1)] {
      let queued = try await place.answer("queue")["requests"].array.first { $0["number"].text == number }
      #expect(queued?["state"] == "held" && queued?["reason"].text?.contains("\(kind)") == true, "\(number)")
      #expect(queued?["reason"].text?.contains("allows \(most) a form") == true, "\(number)")
      #expect(try place.record(number) == nil)
    }
    for number in ["D-3", "S-2", "R-1", "M-1"] {
      #expect(try place.record(number)?["outcome"] == "applied", "\(number)")
    }
    #expect(try place.site.search(filter: "(buzonStatus=retained)").count == 3)

    // A restart doesn't let it go; release does, cancel ends it.
    #expect(try await place.run("run", "--once").status == 75)
    #expect(try await state(place, "D-4") == "held")
    #expect(try await place.run("release", "D-4").status == 0)
    #expect(try await place.run("cancel", "S-3").status == 0)
    #expect(try await place.run("run", "--once").status == 75, "R-2 waits still")
    #expect(try place.record("D-4")?["outcome"] == "applied" && place.record("S-3")?["outcome"] == "cancelled")
    #expect(try place.site.search(filter: "(buzonStatus=retained)").count == 7)
    #expect(try place.site.search(filter: "(buzonStatus=suspended)").count == 2)
    #expect(try await state(place, "R-2") == "held")
  }

  @Test("what would be more than the day has left is held, and what fits goes on")
  func perDay() async throws {
    let place = try await begin("deletes: {per_day: 5}")
    #expect(try await submit(place, ("D-1", deletes(0..<3)), ("D-2", deletes(3..<6)), ("D-3", deletes(6..<8))) == 75)
    #expect(try place.record("D-1")?["outcome"] == "applied" && place.record("D-3")?["outcome"] == "applied")
    #expect(try await state(place, "D-2") == "held")
    let reason = try await place.answer("show", "D-2")["history"].array.compactMap {
      $0["detail"].text ?? $0["reason"].text
    }
    let queued = try await place.answer("queue")["requests"][0]["reason"].text ?? ""
    #expect(queued.contains("3 deletes make 6 today") && queued.contains("allows 5 a day"), "\(queued) \(reason)")
    // Counted in the register: another run of the same day counts on.
    #expect(try await submit(place, ("D-4", deletes(8..<9))) == 75)
    #expect(try await state(place, "D-4") == "held")
    // The next day has its own.
    try place.drop(
      form(number: "D-5", changes: deletes(9..<14)), as: "D-5.yaml")
    #expect(
      try await place.run("run", "--once", environment: ["BUZON_CLOCK_AHEAD": "\(2 * 86_400)"]).status == 75)
    #expect(try place.record("D-5")?["outcome"] == "applied")
    #expect(try place.site.search(filter: "(buzonStatus=retained)").count == 10)
  }

  @Test("a share is one of all accounts there are")
  func share() async throws {
    let place = try await begin("deletes: {per_form: 10%}, suspensions: {per_day: 20%}")
    #expect(
      try await submit(
        place, ("D-4", deletes(0..<4)), ("D-3", deletes(4..<7)), ("S-7", suspensions(10..<17)),
        ("S-6", suspensions(17..<23))) == 75)
    for (number, isHeld) in [("D-4", true), ("D-3", false), ("S-7", true), ("S-6", false)] {
      #expect(try await state(place, number) == (isHeld ? "held" : "done"), "\(number)")
    }
  }

  @Test("a running agent lets a held form go when it is released")
  func running() async throws {
    let place = try await begin("deletes: {per_form: 0}")
    let agent = try await place.agent()
    try place.drop(form(number: "D-1", changes: deletes(0..<1)), as: "D-1.yaml")
    #expect(await agent.says("request.held", "D-1"))
    try await place.carryOut(
      form(number: "M-1", changes: ["modify: {address: a0@example.org, set: {position: X}}"]), "M-1")
    #expect(await agent.end() == 0)
    let second = try await place.agent()
    #expect(try await state(place, "D-1") == "held")
    let released = try await place.run("release", "D-1")
    #expect(released.status == 0 && released.output.contains("D-1 released"))
    #expect(try await place.recorded("D-1")["outcome"] == "applied")
    #expect(try await comesTrue { try place.listed("a0@example.org")?["status"] == "retained" })
    #expect(await second.end() == 0)
  }
}
