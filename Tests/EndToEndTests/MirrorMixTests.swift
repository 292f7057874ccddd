import Foundation
import Sandbox
import Support
import Testing

/// Forms, and changes outside Buzón, on the same accounts at the same time: changes that still stand are reported, what we did
/// never is.
@Suite("Forms and changes outside Buzón at the same time")
struct MirrorMixTests {
  private static let forms = 200
  private static let locals = (0..<10).map { "m\($0)" }

  /// What both write: the form's key and the attribute.
  private static let fields = [("position", "title"), ("phone", "telephoneNumber"), ("quota", "buzonQuota")]

  @Test("of 200 forms none is reported as drift; each change outside Buzón that stands is")
  func mixed() async throws {
    let seed = ProcessInfo.processInfo.environment["BUZON_TEST_SEED"].flatMap { UInt64($0) } ?? 11
    print("seed of the mixture: \(seed)")
    let place = try Site().workplace("mix")
    let site = place.site
    let agent = try await place.agent()
    try await place.carryOut(
      form(
        number: "X",
        changes: Self.locals.map {
          "create: {address: \($0)@example.org, name: {given: Ada, family: Bo}, position: a0, phone: '+57 8 4200000', quota: 1 MiB}"
        }), "X")

    var random = SeededGenerator(seed: seed)
    /// As the procedure leaves it, by entry and attribute.
    var expected: [String: [String: String]] = [:]
    for local in Self.locals {
      expected[local] = ["title": "a0", "telephoneNumber": "+57 8 4200000", "buzonQuota": "\(1 << 20)"]
    }
    var touched: Set<String> = []
    let start = Date(timeIntervalSinceNow: -3_600)
    for index in 0..<Self.forms {
      let local = Self.locals[Int.random(in: 0..<Self.locals.count, using: &random)]
      let (key, attribute) = Self.fields[Int.random(in: 0..<3, using: &random)]
      let value = Self.value(attribute, &random)
      expected[local]?[attribute] = value
      let spelled = key == "quota" ? "\((Int(value) ?? 0) >> 20) MiB" : "'\(value)'"
      // In this order, however they come to rest.
      try place.drop(
        form(
          number: "X-\(index)", changes: ["modify: {address: \(local)@example.org, set: {\(key): \(spelled)}}"]),
        as: "X-\(index).yaml", modified: start + Double(index))
      guard Int.random(in: 0..<3, using: &random) == 0 else { continue }
      let other = Self.locals[Int.random(in: 0..<Self.locals.count, using: &random)]
      let theirs = Self.fields[Int.random(in: 0..<3, using: &random)].1
      try site.modify(
        "dn: \(site.dn(other))\nchangetype: modify\nreplace: \(theirs)\n\(theirs): \(Self.value(theirs, &random))\n")
      touched.insert("\(other) \(theirs)")
      // Into the middle of the forms, now and then.
      if index == Self.forms / 2 {
        #expect(try await comesTrue { try place.records().count > 1 })
      }
    }
    try await place.recorded("X-\(Self.forms - 1)")
    #expect(try await comesTrue { try place.records().count == Self.forms + 1 })
    // Behind the forms too.
    for _ in 0..<10 {
      let other = Self.locals[Int.random(in: 0..<Self.locals.count, using: &random)]
      try site.modify(
        "dn: \(site.dn(other))\nchangetype: modify\nreplace: title\ntitle: \(Self.value("title", &random))\n")
      touched.insert("\(other) title")
    }

    // What differs from what the forms left is drift, and nothing else is.
    var wanted: [String: Set<String>] = [:]
    for local in Self.locals {
      let entry = try #require(try site.entry(local))
      let differing = Self.fields.map(\.1).filter { entry[$0] != (expected[local]?[$0]).map { [$0] } ?? [] }
      if !differing.isEmpty { wanted["\(local)@example.org"] = Set(differing) }
    }
    #expect(!wanted.isEmpty)
    func told() async throws -> [String: Set<String>] {
      Dictionary(
        uniqueKeysWithValues: try await place.answer("drift")["drift"].array.map { account in
          (account["address"].text ?? "", Set(account["changes"].array.compactMap { $0["attribute"].text }))
        })
    }
    _ = try await comesTrue { try await told() == wanted }
    #expect(try await told() == wanted)
    #expect(
      try await comesTrue {
        try place.accounts().mapValues { Set($0["drift"] as? [String] ?? []) }.filter { !$0.value.isEmpty } == wanted
      })
    #expect(await agent.end() == 0)
    // Nothing is told, not even for a moment, that nobody else has touched; and always by whom.
    for line in agent.log where line.contains("drift.found") {
      let words = line.split(separator: " ")
      let local = words.first { $0.hasPrefix("address=") }?.dropFirst(8).prefix { $0 != "@" } ?? ""
      let attribute = words.first { $0.hasPrefix("attribute=") }?.dropFirst(10) ?? ""
      #expect(touched.contains("\(local) \(attribute)"), "\(line)")
    }
    print("drift in \(wanted.count) of \(Self.locals.count) accounts, \(touched.count) attributes touched")
  }

  private static func value(_ attribute: String, _ random: inout SeededGenerator) -> String {
    let number = Int.random(in: 1...6, using: &random)
    return switch attribute {
    case "title": "a\(number)"
    case "telephoneNumber": "+57 8 420000\(number)"
    default: "\(number << 20)"
    }
  }
}
