import Foundation
import Support
import Testing

/// One place whose accounts' times come one day after the other: each day one expires, and one was retained long enough.
struct SweptClock: Sendable {
  static let days = 200
  let place: Workplace
  private var site: Site { place.site }

  init(_ site: Site) async throws {
    // Made from another place, and retained by another hand, for a form can't retain in the past. Whoever reads a directory
    // for the first time takes it as it is.
    let maker = try site.workplace("maker", .with { $0.formSize = "4 MiB" })
    place = try site.workplace("clock", .with { $0.more = "policy: {clock_jump: 400 d}" })
    let creates = (0..<Self.days).flatMap { index in
      [
        "create: {address: e\(index)@example.org, name: {given: A, family: B}, expires: \(day(ahead: index + 2))}",
        "create: {address: r\(index)@example.org, name: {given: A, family: B}}",
      ]
    }
    try maker.drop(form(number: "S", changes: creates), as: "S.yaml")
    #expect(try await maker.run("run", "--once").status == 0)
    try site.modify(
      (0..<Self.days).map { index in
        """
        dn: \(site.dn("r\(index)"))
        changetype: modify
        replace: buzonStatus
        buzonStatus: retained
        -
        replace: buzonRetainedSince
        buzonRetainedSince: \(day(ahead: index + 2 - 180).filter { $0 != "-" })235900Z


        """
      }.joined())
    #expect(try await place.run("run", "--once").status == 0)
  }

  /// Runs the agent when the times of that day's accounts have come.
  func run(_ environment: [String: String], day: Int) async throws -> Outcome {
    var environment = environment
    environment["BUZON_CLOCK_AHEAD"] = "\((day + 3) * 86_400)"
    return try await place.run("run", "--once", environment: environment)
  }

  func check(days: Int) throws {
    let (stamps, deletes) = try site.stampsAndDeletes()
    let clocked = stamps.filter { $0.key.hasPrefix("@") }
    #expect(clocked.count == days && clocked.values.allSatisfy { $0 == 1 }, "\(clocked.filter { $0.value != 1 })")
    #expect(deletes == days)
    let left = try site.search(filter: "(objectClass=buzonAccount)")
    #expect(left.count == Self.days * 2 - days)
    let suspended = Set((0..<days).map { "e\($0)@example.org" })
    #expect(Set(left.filter { $0["buzonStatus"] == ["suspended"] }.map { $0["mail"][0] }) == suspended)
    let records = try place.records().filter { $0.key.hasPrefix("@") }
    let changes = records.values.flatMap { $0["changes"] as? [[String: Any]] ?? [] }
    #expect(changes.count == days * 2 && changes.allSatisfy { $0["outcome"] as? String == "applied" })
    let list = try place.accounts()
    #expect(list.count == left.count && suspended.allSatisfy { list[$0]?["status"] as? String == "suspended" })
  }
}
