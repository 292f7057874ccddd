import Foundation
import Support
import Testing

/// Much at once comes to its end in a time that is known, and the list is what the directory has.
@Suite("Volume", .serialized)
struct VolumeTests {
  @Test("thousands of forms dropped at once (a share: 500)", .timeLimit(.minutes(15)))
  func manyForms() async throws {
    let site = try Site()
    let place = try site.workplace("many")
    let count = Torture.count(share: 500, full: 2_000)
    let agent = try await place.agent()
    let files = try (0..<count).map { index in
      let path = place.folder + "/v\(index)"
      try Data(
        form(number: "V-\(index)", changes: ["create: {address: v\(index)@example.org, name: {given: A, family: V}}"])
          .utf8
      ).write(to: URL(fileURLWithPath: path))
      return path
    }
    let start = ContinuousClock.now
    for (index, file) in files.enumerated() { try place.moveIn(file, as: "\(index).yaml") }
    let dropped = ContinuousClock.now - start
    #expect(
      await comesTrue {
        place.paths(below: "deliveries", suffix: ".json").count == count
      })
    let took = ContinuousClock.now - start
    #expect(await agent.end() == 0)
    print("volume: \(count) forms dropped in \(dropped), recorded after \(took)")
    try Self.expect(place, count: count, stamps: "V-")
    #expect(place.names(in: place.spool + "/incoming") == [] && place.names(in: place.spool + "/taken") == [])
    #expect(place.paths(below: "forms", suffix: ".yaml").count == count)
  }

  @Test("a form of 5,000 changes (a share: 1,000)", .timeLimit(.minutes(15)))
  func bulkForm() async throws {
    let site = try Site()
    let place = try site.workplace("bulk", .with { $0.formSize = "16 MiB" })
    let count = Torture.count(share: 500, full: 2_500)
    // Creates, then a change of each: the second of an account waits for the first.
    let changes =
      (0..<count).map { "create: {address: b\($0)@example.org, name: {given: A, family: V}, position: Aspirante}" }
      + (0..<count).map { "modify: {address: b\($0)@example.org, set: {position: Titular}}" }
    try place.drop(form(number: "B-1", changes: changes), as: "bulk.yaml")
    let start = ContinuousClock.now
    let outcome = try await place.run("run", "--once")
    print("volume: a form of \(changes.count) changes, recorded after \(ContinuousClock.now - start)")
    #expect(outcome.status == 0, "\(outcome.errors.suffix(500))")
    let record = try #require(try place.record("B-1"))
    #expect(record["outcome"] == "applied" && record["changes"].array.count == changes.count)
    #expect(record["changes"].array.map { $0["index"].integer } == Array(0..<changes.count))
    #expect(record["changes"].array.allSatisfy { $0["outcome"] == "applied" })
    try Self.expect(place, count: count, stamps: "B-1#", writes: changes.count)
    let entries = try site.search(filter: "(title=Titular)", attributes: ["mail"])
    #expect(entries.count == count)
  }

  /// The list, as both files, equals the directory, and each change was applied once.
  private static func expect(_ place: Workplace, count: Int, stamps: String, writes: Int? = nil) throws {
    let entries = try place.site.search(filter: "(objectClass=buzonAccount)", attributes: ["mail", "title"])
    let directory = Set(entries.map { $0["mail"][0] })
    #expect(directory.count == count)
    #expect(try Set(place.accounts().keys) == directory)
    let csv = try String(contentsOfFile: place.records + "/accounts/accounts.csv", encoding: .utf8)
    let rows = csv.components(separatedBy: "\r\n").dropFirst().filter { !$0.isEmpty }
    #expect(rows.count == count && Set(rows.map { String($0.prefix { $0 != "," }) }) == directory)
    let times = try place.site.timesApplied(stamps)
    #expect(times.count == writes ?? count && times.values.allSatisfy { $0 == 1 })
  }
}
