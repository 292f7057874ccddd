import Foundation
import Sandbox
import Support
import Testing

/// The promise of `buzon plan` on a real slapd: what it says of random forms over a random directory is what `run` does.
@Suite("Random forms, planned and carried out")
struct RandomPlanTests {
  @Test("300 forms (a share: 25): outcomes, errors and values change by change, and the LDIF against the accesslog")
  func equality() async throws {
    let site = try Site()
    let place = try site.workplace("plan-random", .with { $0.more = "policy: {address_memory: 30 d}" })
    try site.refuse(title: Model.refused)
    try site.modify(RequestGenerator.foreign.map { site.foreign($0.address, $0.account) }.joined())
    var model = Model()
    for (address, account) in RequestGenerator.foreign { model.found(address, account) }
    var generator = RequestGenerator(seed: Torture.seed &+ 12)
    let agent = try await place.agent()
    let (base, count) = (40, Torture.count(share: 25, full: 300))
    var figures = (changes: 0, asked: 0, compared: 0, failed: 0, records: 0, unforeseen: 0, bound: 0)
    for index in 0..<base + count {
      let number = "RP-\(index)"
      let (changes, isAtomic) = generator.request(model)
      model.stamp.number = number
      if isAtomic {
        _ = model.applyAtomically(changes, department: "Salud")
      } else {
        for (place, change) in changes.enumerated() {
          model.stamp.place = place
          model.promise(changes, behind: place)
          _ = model.apply(change, department: "Salud")
        }
      }
      let text = form(number: number, department: "Salud", atomic: isAtomic, changes: changes.map(\.yaml))
      if index < base {
        try await place.carryOut(text, number)
        continue
      }
      try await settle(place)
      let (before, written) = (try entries(site), try writes(site).count)
      let file = place.folder + "/form.yaml"
      try Data(text.utf8).write(to: URL(fileURLWithPath: file))
      let outcome = try await place.run("plan", "--json", file)
      let plan = try JSON(outcome.output)
      let ldif = try await place.run("plan", file)
      #expect(outcome.status == ldif.status, "\(outcome)\(ldif)")
      // What would be done as a whole is bound to its plan: nothing moves but by the form itself.
      let isWhole = plan["forms"][0]["changes"].array.allSatisfy { ["applied", "unchanged"].contains($0["outcome"]) }
      let record: JSON
      if isWhole {
        figures.bound += 1
        let bound = place.folder + "/form.plan"
        let written = try await place.run("plan", file, "--out", bound, "--force")
        #expect(written.status == outcome.status, "\(written)")
        #expect(try await place.run("submit", file, "--plan", bound).status == 0)
        record = try await place.recorded(number)
      } else {
        record = try await place.carryOut(text, number)
      }
      try await settle(place)
      let story = Comment(rawValue: "\(text)\n\(ldif.output)\n\(record)")

      let planned = plan["forms"][0]["changes"].array
      #expect(planned.count == changes.count, story)
      var isForeseen = true
      for (one, done) in zip(planned, record["changes"].array) {
        figures.changes += 1
        if one["judge"] == "directory" { figures.asked += 1 }
        if one["judge"] == "comparison" { figures.compared += 1 }
        if done["outcome"] == "failed" { figures.failed += 1 }
        // What only the directory can know is foreseen where it was asked.
        if one["judge"] != "directory", done["error"]["code"] == 19, text.contains(Model.refused) { isForeseen = false }
      }
      guard isForeseen else {
        figures.unforeseen += 1
        continue
      }
      for (one, done) in zip(planned, record["changes"].array) {
        #expect(Self.outcome(one) == Self.outcome(done), story)
        #expect(one["error"]["code"] == done["error"]["code"], story)
        #expect(Self.values(one) == Self.values(done), story)
      }
      figures.records += try compare(ldif.output, number, before, try writes(site).dropFirst(written), story)
      #expect((ldif.status == 2) == !plan["accounts"].array.allSatisfy { $0["operation"] == nil }, story)
    }
    Torture.report(
      "random plans",
      [
        ("forms", count), ("changes", figures.changes), ("judged by the directory", figures.asked),
        ("compared", figures.compared), ("records", figures.records), ("unforeseen", figures.unforeseen),
        ("bound", figures.bound),
      ])
    #expect(figures.asked > figures.compared && figures.unforeseen * 20 < count + 20)
    #expect(await agent.end() == 0)
  }

  // MARK: Change by change

  /// A change that only follows a rename of what its account names may do so by the clock as well.
  private static func outcome(_ change: JSON) -> JSON {
    let keys = change["values"].array.compactMap { $0["key"].text }
    let isFollowing = !keys.isEmpty && keys.allSatisfy(["owner", "lists"].contains)
    return change["outcome"] == "applied" && isFollowing ? "unchanged" : change["outcome"]
  }

  private static func values(_ change: JSON) -> [String: [Set<String>]] {
    var values: [String: [Set<String>]] = [:]
    for value in change["values"].array where !["owner", "lists"].contains(value["key"].text ?? "") {
      values[value["key"].text ?? ""] = ["before", "after"].map { Set(value[$0].array.compactMap(\.text)) }
    }
    return values
  }

  // MARK: The LDIF against slapd's log

  private static let passing: Set = [
    "entrycsn", "modifytimestamp", "modifiersname", "createtimestamp", "creatorsname", "entryuuid",
    "structuralobjectclass",
    "userpassword", "pwdchangedtime", "pwdlastsuccess", "pwdfailuretime", "entrydn", "subschemasubentry",
    "hassubordinates", "buzonowner", "buzonlist", "pwdpolicysubentry",
  ]
  /// Instants of the moment.
  private static let instants: Set = ["pwdendtime", "buzonretainedsince"]

  private typealias Image = [String: Set<String>]

  private func entries(_ site: Site) throws -> [String: LDIFEntry] {
    let entries = try site.search(filter: "(objectClass=inetOrgPerson)", attributes: ["*", "+"])
    return Dictionary(uniqueKeysWithValues: entries.map { ($0.dn.lowercased(), $0) })
  }

  private func image(_ entry: LDIFEntry?) -> Image? {
    entry.map { $0.values.filter { !Self.passing.contains($0.key) }.mapValues { Set($0) } }
  }

  /// What slapd's log has, in order.
  private func writes(_ site: Site) throws -> [LDIFEntry] {
    try site.search(
      base: "cn=accesslog", filter: "(&(objectClass=auditWriteObject)(reqResult=0))",
      attributes: ["reqDN", "reqType", "reqMod"])
  }

  /// - Parameter writes: those since.
  /// - Returns: how many records there were.
  private func compare(
    _ ldif: String, _ number: String, _ before: [String: LDIFEntry], _ writes: ArraySlice<LDIFEntry>, _ story: Comment
  ) throws -> Int {
    var planned: [String: Image?] = [:]
    for record in Self.changeRecords(ldif) {
      var image = image(before[record.dn])
      record.apply(to: &image)
      planned.updateValue(image, forKey: record.dn)
    }
    var done: [String: Image?] = [:]
    let mark = "buzonrequest"
    for write in writes {
      guard let dn = write["reqDN"].first?.lowercased() else { continue }
      let mods = write["reqMod"].map(Self.modification)
      let stamp = mods.first { $0.name == mark }?.value ?? ""
      let isStamped = stamp.hasPrefix(number + "#") && !stamp.hasSuffix("-undone")
      // A delete has no stamp: it is the form's where the entry was there before it.
      let isDelete = write["reqType"] == ["delete"] && (before[dn] != nil || done[dn] != nil)
      guard isStamped || isDelete else { continue }
      var image = done[dn] ?? image(before[dn])
      if write["reqType"] == ["delete"] {
        if dn.contains("@") { continue }
        image = nil
      } else {
        if write["reqType"] == ["add"] { image = [:] }
        // A replacement has a line for each value.
        var replaced: Set<String> = []
        for mod in mods {
          if mod.operation == "=", replaced.insert(mod.name).inserted { image?[mod.name] = [] }
          mod.apply(to: &image)
        }
        image = image.map { $0.filter { !Self.passing.contains($0.key) } }
      }
      done.updateValue(image, forKey: dn)
    }
    for dn in Set(planned.keys).union(done.keys) {
      let (said, was) = (planned[dn] ?? image(before[dn]), done[dn] ?? image(before[dn]))
      #expect(Self.without(instants: said) == Self.without(instants: was), "\(dn): \(story)")
      for name in Self.instants {
        let (one, other) = (said?[name]?.first ?? "", was?[name]?.first ?? "")
        #expect(one.prefix(8) == other.prefix(8), "\(name) of \(dn): \(story)")
      }
    }
    return planned.count
  }

  private static func without(instants image: Image?) -> Image? {
    image.map { $0.filter { !instants.contains($0.key) && !$0.value.isEmpty } }
  }

  private struct Modification {
    var name: String
    var operation: Character
    var value: String?

    func apply(to image: inout Image?) {
      guard image != nil else { return }
      switch operation {
      case "+", "=": if let value { image?[name, default: []].insert(value) }
      case "-":
        let present = image?[name] ?? []
        image?[name] = value.map { value in present.filter { $0.lowercased() != value.lowercased() } } ?? []
      default: break
      }
    }
  }

  /// `attribute:+ value`, `attribute:= value`, `attribute:- value`, `attribute:-`.
  private static func modification(_ text: String) -> Modification {
    guard let colon = text.firstIndex(of: ":") else { return Modification(name: "", operation: " ") }
    let rest = text[text.index(after: colon)...]
    return Modification(
      name: text[..<colon].lowercased(), operation: rest.first ?? " ",
      value: rest.count > 2 ? String(rest.dropFirst(2)) : nil)
  }

  private struct ChangeRecord {
    var dn: String
    var type: String
    var modifications: [(name: String, kind: String, values: [String])]

    func apply(to image: inout Image?) {
      switch type {
      case "delete": image = nil
      case "add":
        image = [:]
        for one in modifications where !RandomPlanTests.passing.contains(one.name) {
          image?[one.name, default: []].formUnion(one.values)
        }
      default:
        for one in modifications where !RandomPlanTests.passing.contains(one.name) {
          switch one.kind {
          case "replace": image?[one.name] = Set(one.values)
          case "add": image?[one.name, default: []].formUnion(one.values)
          default:
            let gone = Set(one.values.map { $0.lowercased() })
            let present = image?[one.name] ?? []
            image?[one.name] = one.values.isEmpty ? [] : present.filter { !gone.contains($0.lowercased()) }
          }
        }
      }
    }
  }

  /// Read by a reader of the tests' own.
  private static func changeRecords(_ text: String) -> [ChangeRecord] {
    text.components(separatedBy: "\n\n").compactMap { block in
      let lines = block.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line -> (String, String) in
        let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return (String(line), "") }
        if parts[1].hasPrefix(":") {
          let data = Data(base64Encoded: parts[1].dropFirst().trimmingCharacters(in: .whitespaces)) ?? Data()
          return (parts[0].lowercased(), String(decoding: data, as: UTF8.self))
        }
        return (parts[0].lowercased(), String(parts[1].drop { $0 == " " }))
      }
      guard lines.count > 1, lines[0].0 == "dn" else { return nil }
      var record = ChangeRecord(dn: lines[0].1.lowercased(), type: lines[1].1, modifications: [])
      if record.type == "add" {
        record.modifications = lines.dropFirst(2).map { ($0.0, "add", [$0.1]) }
        return record
      }
      var isInside = false
      for (name, value) in lines.dropFirst(2) {
        if name == "-" {
          isInside = false
        } else if isInside {
          record.modifications[record.modifications.count - 1].values.append(value)
        } else {
          record.modifications.append((value.lowercased(), name, []))
          isInside = true
        }
      }
      return record
    }
  }

  /// Waits until the clock has corrected what named a renamed account.
  private func settle(_ place: Workplace) async throws {
    #expect(
      try await comesTrue {
        try SQLite.rows(
          place.state + "/register.sqlite",
          "SELECT count(*) AS open FROM request WHERE state <> 'done' UNION ALL SELECT count(*) FROM reference"
        ).allSatisfy { $0["open"]?.integer == 0 }
      })
  }
}
