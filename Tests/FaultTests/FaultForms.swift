import Foundation
import Sandbox
import Support

/// A spool, a state, records and a branch of the directory of its own, and forms with every kind of operation: what a
/// fault may disturb, and what it must come to all the same.
struct FaultForms: Sendable {
  let place: Workplace
  private let name: String
  private var site: Site { place.site }
  private var base: String { Self.base(site, name) }

  private static func root(_ site: Site) -> String { "ou=faults,\(site.sandbox.base)" }
  private static func base(_ site: Site, _ name: String) -> String { "ou=\(name),\(root(site))" }

  /// Branches for scenarios of these names, each with an account made outside Buzón.
  static func prepare(_ site: Site, names: [String]) throws {
    // The site's own rules let the agent work below its container alone.
    try site.modify(
      """
      dn: olcDatabase={1}mdb,cn=config
      changetype: modify
      add: olcAccess
      olcAccess: {0}to dn.subtree="\(root(site))" by users write

      dn: \(root(site))
      changetype: add
      objectClass: organizationalUnit
      ou: faults


      """
        + names.map { name in
          """
          dn: \(base(site, name))
          changetype: add
          objectClass: organizationalUnit
          ou: \(name)

          dn: ou=people,\(base(site, name))
          changetype: add
          objectClass: organizationalUnit
          ou: people

          dn: uid=f\(name),ou=people,\(base(site, name))
          changetype: add
          objectClass: inetOrgPerson
          uid: f\(name)
          cn: Otra Mano
          sn: Mano
          givenName: Otra
          mail: f\(name)@example.org


          """
        }.joined())
  }

  /// Drops the forms; the place must have been prepared.
  init(_ site: Site, name: String) throws {
    self.name = name
    place = try site.workplace("fault-\(name)")
    let text = try String(contentsOfFile: place.config, encoding: .utf8).replacingOccurrences(
      of: "base: \"\(site.sandbox.base)\"", with: "base: \"\(base)\"")
    try text.write(toFile: place.config, atomically: false, encoding: .utf8)
    let start = Date(timeIntervalSinceNow: -3_600)
    for (index, form) in forms().enumerated() {
      try place.drop(form, as: "\(index).yaml", modified: start + Double(index))
    }
  }

  private func address(_ local: String) -> String { "\(local)\(name)@example.org" }

  private func forms() -> [String] {
    let person = "name: {given: Ana, family: Ruiz}"
    let (a, b) = (address("a"), address("b"))
    return [
      faultForm(
        "A", "create: {address: \(a), \(person), aliases: [\(address("z"))]}", "create: {address: \(b), \(person)}",
        "create: {address: \(address("l")), kind: list, name: {display: Lista}, owner: \(a), members: [m@example.com]}"
      ),
      faultForm(
        "B", "modify: {address: \(a), set: {position: Secretaria}}",
        "modify: {address: \(b), add: {lists: [\(address("l"))]}}", "adopt: {address: \(address("f"))}"),
      faultForm(
        "C", "modify: {address: \(a), set: {address: \(address("n"))}}",
        "modify: {address: \(b), set: {status: suspended}}"),
      faultForm("D", "create: {address: c\(name)@elsewhere.example, \(person)}"),
      faultForm(
        "E", "modify: {address: \(address("n")), reset: password}", "modify: {address: \(b), set: {status: active}}"),
      faultForm(
        "F", atomic: true, "create: {address: \(address("d")), \(person)}",
        "modify: {address: \(b), add: {aliases: [\(address("y"))]}}"),
      faultForm(
        "G", "delete: {address: \(address("l")), immediately: true}", "delete: {address: \(b), reason: Retiro}"),
    ]
  }

  /// Each entry's writes in order, by the stamps they leave.
  private static let writes = [
    "a": ["A#0", "B#0", "C#0", "E#0"], "b": ["A#1", "B#1", "C#1", "E#1", "F#1", "G#1"], "d": ["F#0"],
    "f": ["add", "B#2"], "l": ["A#2", "delete"],
  ]

  /// The directory's own log of writes, by DN: each as the stamp that it left, or what it was.
  static func writes(_ site: Site) throws -> [String: [String]] {
    var writes: [String: [String]] = [:]
    for write in try site.search(
      base: "cn=accesslog", filter: "(&(objectClass=auditWriteObject)(reqResult=0))",
      attributes: ["reqType", "reqMod", "reqDN"])
    {
      let stamp = write["reqMod"].first { $0.hasPrefix("buzonRequest:") }?.split(separator: " ").last
      writes[write["reqDN"][0], default: []].append(stamp.map(String.init) ?? write["reqType"][0])
    }
    return writes
  }

  /// What is wrong with what it came to.
  struct Findings: Sendable {
    var lost = 0
    var twice = 0
    var complaints: [String] = []
  }

  /// Compares what it came to with what it should.
  ///
  /// - Parameter writes: of ``writes(_:)``, read after the last run.
  func findings(_ writes: [String: [String]]) throws -> Findings {
    var findings = Findings()
    for (local, expected) in Self.writes.sorted(by: { $0.key < $1.key }) {
      // What the clock has follow a rename or a delete, it does before or after what else is asked.
      let logged = (writes["uid=\(local)\(name),ou=people,\(base)"] ?? []).filter { !$0.hasPrefix("@") }
      if logged == expected { continue }
      findings.lost += Set(expected).subtracting(logged).count
      findings.twice += logged.count - Set(logged).count
      findings.complaints.append("entry \(local): \(logged) instead of \(expected)")
    }
    func expect<Value: Equatable>(_ what: String, _ found: Value, _ expected: Value) {
      if found != expected { findings.complaints.append("\(what): \(found) instead of \(expected)") }
    }
    let applied = Dictionary(uniqueKeysWithValues: "ABCEFG".map { (String($0), "applied") })
    let all = try place.records().mapValues { $0["outcome"] as? String ?? "" }
    let outcomes = all.filter { !$0.key.hasPrefix("@") }
    // Nothing is left for it to do where b was deleted before it looked.
    expect("the clock", Set(all.filter { $0.key.hasPrefix("@") }.values).subtracting(["applied"]), [])
    findings.lost += Set(applied.keys).subtracting(outcomes.keys).count
    expect("records", outcomes, applied)
    expect("archived forms", place.paths(below: "forms", suffix: ".yaml").keys.sorted(), all.keys.sorted())
    expect("rejected", place.names(in: place.spool + "/rejected"), ["3.yaml", "3.yaml.report"])
    for folder in ["/spool/incoming", "/spool/taken", "/records/.tmp"] {
      expect(folder, place.names(in: place.folder + folder), [])
    }
    let state = place.names(in: place.state).filter { !$0.hasSuffix("-wal") && !$0.hasSuffix("-shm") }
    expect("state", state, ["agent.lock", "register.sqlite", "slips.key"])
    let strays = (FileManager.default.enumerator(atPath: place.folder)?.allObjects as? [String] ?? []).filter {
      $0.hasSuffix(".tmp") && $0 != "records/.tmp"
    }
    expect("temporary files", strays, [])
    let list = try place.accounts()
    expect("list", Set(list.keys), Set(["n", "b", "d", "f"].map(address)))
    expect("status of b", list[address("b")]?["status"] as? String, "retained")
    expect("lists of b", list[address("b")]?["lists"] as? [String], [])
    expect("aliases of n", list[address("n")]?["aliases"] as? [String], [address("z"), address("a")].sorted())
    return findings
  }
}

/// A form with these changes.
func faultForm(_ number: String, atomic: Bool = false, _ changes: String...) -> String {
  form(number: number, atomic: atomic, changes: changes)
}
