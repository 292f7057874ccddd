import Foundation
import Support
import Testing

/// What the agent does by itself when a day is over: `BUZON_CLOCK_AHEAD` sets its clock on.
@Suite("The clock")
struct ClockTests {
  private func create(_ local: String, _ more: String = "") -> String {
    "create: {address: \(local)@example.org, name: {given: A, family: B}\(more)}"
  }

  /// Runs the agent when so many days have gone by.
  private func run(_ place: Workplace, days: Int) async throws -> Int32 {
    try await place.run("run", "--once", environment: ["BUZON_CLOCK_AHEAD": "\(days * 86_400)"]).status
  }

  /// A form approved when it is dropped, by the moved clock.
  private func form(_ number: String, days: Int, _ changes: String...) -> String {
    Support.form(number: number, changes: changes).replacingOccurrences(of: today(), with: day(ahead: days - 1))
  }

  private func clocked(_ place: Workplace) throws -> [(number: String, changes: [JSON])] {
    try place.paths(below: "deliveries", suffix: ".json").keys.filter { $0.hasPrefix("@") }.sorted().map {
      ($0, try place.record($0)?["changes"].array ?? [])
    }
  }

  @Test("suspends an account after its last day, once, under a number of its own, and purges after the retention")
  func expiryAndPurge() async throws {
    let place = try Site().workplace(
      "clock", .with { $0.more = "policy: {retention: 10 d, address_memory: 30 d, clock_jump: 400 d}" })
    let site = place.site
    try place.drop(
      form(
        "C-1", days: 0, create("una", ", aliases: [u@example.org], expires: \(day(ahead: 2))"),
        create("otra", ", aliases: [o@example.org]"), create("tercera", ", expires: \(day(ahead: 2))"),
        create("cuarta", ", expires: \(day(ahead: 2))")), as: "1.yaml")
    #expect(try await run(place, days: 0) == 0)
    // Addresses of an account that nobody ever used are not remembered.
    #expect(try await place.run("handover", "otra@example.org", "--received-by", "Ana").status == 0)
    try place.drop(
      form(
        "C-2", days: 0, "delete: {address: otra@example.org, reason: Retiro}",
        "modify: {address: tercera@example.org, set: {expires: \(day(ahead: 30))}}",
        "modify: {address: cuarta@example.org, set: {expires: null}}"), as: "2.yaml")
    #expect(try await run(place, days: 0) == 0)
    #expect(try clocked(place).isEmpty)
    // Its last day is not over yet.
    #expect(try await run(place, days: 2) == 0)
    #expect(try clocked(place).isEmpty && site.entry("una")?["buzonStatus"] == ["active"])

    #expect(try await run(place, days: 3) == 0)
    let expiry = try clocked(place)
    #expect(expiry.count == 1 && expiry[0].changes.count == 1)
    #expect(
      expiry.first?.changes.first?["operation"] == "modify" && expiry.first?.changes.first?["outcome"] == "applied")
    #expect(expiry.first?.changes.first?["address"] == "una@example.org")
    let una = try #require(try site.entry("una"))
    #expect(una["buzonStatus"] == ["suspended"] && una["pwdAccountLockedTime"] == ["000001010000Z"])
    #expect(una["buzonRequest"] == [(expiry.first?.number ?? "") + "#0"])
    #expect(try place.listed("una@example.org")?["status"] == "suspended")
    let history = try await place.answer("history", "una@example.org")
    #expect(history["accounts"][0]["events"].array.last?["number"].text == expiry.first?.number)
    #expect(try place.archivedForm(expiry.first?.number ?? "") != nil)
    // At the same moment again there is nothing to do.
    #expect(try await run(place, days: 3) == 0)
    #expect(try clocked(place).count == 1)

    // Whom a form brings back is left alone, though the day is still over.
    try place.drop(
      form("C-3", days: 4, "modify: {address: una@example.org, set: {status: active, expires: null}}"), as: "3.yaml")
    #expect(try await run(place, days: 4) == 0)
    #expect(try await run(place, days: 5) == 0)
    #expect(try clocked(place).count == 1 && site.entry("una")?["buzonStatus"] == ["active"])

    // The retention is over.
    #expect(try await run(place, days: 9) == 0)
    #expect(try site.entry("otra") != nil)
    #expect(try await run(place, days: 11) == 0)
    #expect(try site.entry("otra") == nil && place.listed("otra@example.org") == nil)
    let purge = try clocked(place)
    #expect(purge.count == 2 && purge.last?.changes.first?["operation"] == "delete")
    #expect(purge.last?.changes.first?["outcome"] == "applied")

    // Nobody else gets its addresses for 30 days.
    try place.drop(
      form(
        "C-4", days: 12, create("otra"), create("nueva", ", aliases: [o@example.org]"),
        "modify: {address: una@example.org, set: {address: otra@example.org}}",
        "modify: {address: una@example.org, add: {aliases: [o@example.org]}}"), as: "4.yaml")
    #expect(try await run(place, days: 12) == 1)
    let refused = try place.record("C-4")?["changes"].array ?? []
    #expect(refused.count == 4 && refused.allSatisfy { $0["outcome"] == "failed" && $0["error"]["code"] == 19 })
    #expect(refused.allSatisfy { $0["error"]["diagnostic"].text?.contains("address_memory") == true })
    try place.drop(form("C-5", days: 45, create("otra", ", aliases: [o@example.org]")), as: "5.yaml")
    #expect(try await run(place, days: 45) == 0)
    #expect(try place.record("C-5")?["outcome"] == "applied")
    // The one whose day was moved to the thirtieth has expired since; the one without a day never does.
    #expect(try site.entry("tercera")?["buzonStatus"] == ["suspended"])
    #expect(try site.entry("cuarta")?["buzonStatus"] == ["active"])
  }

  @Test("is exempt from policy.limits, and leaves their day to the forms")
  func exempt() async throws {
    let place = try Site().workplace(
      "clock",
      .with {
        $0.more =
          "policy: {retention: 1 d, clock_jump: 400 d, limits: {deletes: {per_form: 1, per_day: 1}, suspensions: {per_form: 1, per_day: 1}}}"
      })
    let changes = (0..<5).map { create("e\($0)", ", expires: \(day(ahead: 1))") } + (0..<5).map { create("r\($0)") }
    try place.drop(
      Support.form(number: "L-1", changes: changes), as: "1.yaml", modified: Date(timeIntervalSinceNow: -99))
    #expect(try await run(place, days: 0) == 0)
    try place.drop(
      Support.form(number: "L-2", changes: (0..<5).map { "delete: {address: r\($0)@example.org}" }), as: "2.yaml")
    #expect(try await run(place, days: 0) == 75, "held by the limits")
    #expect(try await place.run("release", "L-2").status == 0)
    #expect(try await run(place, days: 0) == 0)
    try place.drop(form("L-3", days: 3, "modify: {address: r0@example.org, set: {status: suspended}}"), as: "3.yaml")
    #expect(try await run(place, days: 3) == 1, "it isn't there any more")
    let changesByClock = try clocked(place).flatMap(\.changes)
    #expect(changesByClock.count == 10 && changesByClock.allSatisfy { $0["outcome"] == "applied" })
    // Five were suspended that day, and still a form may suspend one.
    #expect(try place.record("L-3")?["changes"][0]["outcome"] == "failed")
  }

  @Test("does not outrun a form of the same run: whose day is moved as it ends stays active")
  func race() async throws {
    let place = try Site().workplace("clock", .with { $0.more = "policy: {clock_jump: 400 d}" })
    try place.drop(form("R-1", days: 0, create("una", ", expires: \(day(ahead: 1))")), as: "1.yaml")
    #expect(try await run(place, days: 0) == 0)
    try place.drop(
      form("R-2", days: 5, "modify: {address: una@example.org, set: {status: active, expires: \(day(ahead: 90))}}"),
      as: "2.yaml")
    #expect(try await run(place, days: 5) == 0)
    // Either the clock was first, and the form brought the account back, or it came too late to do anything.
    #expect(try place.site.entry("una")?["buzonStatus"] == ["active"])
    #expect(try place.listed("una@example.org")?["status"] == "active")
    #expect(try await run(place, days: 6) == 0)
    #expect(try place.site.entry("una")?["buzonStatus"] == ["active"])
  }
}
