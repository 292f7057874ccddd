import Foundation
import Support
import Testing

/// One spool, state and records of its own on the shared directory, and addresses of its own: forms with every operation.
struct SweptForms: Sendable {
  let place: Workplace
  private let name: String
  private var site: Site { place.site }

  init(_ site: Site, name: String) throws {
    self.name = name
    place = try site.workplace("sweep-\(name)")
    let start = Date(timeIntervalSinceNow: -3_600)
    for (index, form) in forms().enumerated() {
      try place.drop(form, as: "\(index).yaml", modified: start + Double(index))
    }
  }

  /// The entries from outside Buzón that the scenarios of these names need.
  static func prepare(_ site: Site, names: [String]) throws {
    try site.modify(
      names.map { name in
        site.foreign("f\(name)@example.org", .init(given: "Otra", family: "Mano"))
          + site.foreign(
            "g\(name)@example.org", .init(aliases: ["ga\(name)@example.org"], given: "Otra", family: "Mano"))
          + site.foreign("h\(name)@example.org", .init(given: "Visita", family: "Mano")).replacingOccurrences(
            of: "objectClass: inetOrgPerson\n", with: "objectClass: inetOrgPerson\nobjectClass: guestPerson\n")
      }.joined())
  }

  private func address(_ local: String) -> String { "\(local)\(name)@example.org" }

  private func forms() -> [String] {
    let a = address("a")
    let b = address("b")
    let person = "name: {given: Ana, family: Ruiz}"
    func make(_ letter: String, atomic: Bool = false, _ changes: String...) -> String {
      form(number: "\(letter)-\(name)", atomic: atomic, changes: changes)
    }
    return [
      make(
        "A", "create: {address: \(a), \(person), aliases: [\(address("z"))]}", "create: {address: \(b), \(person)}",
        "create: {address: \(address("c")), kind: functional, name: {display: Contacto}, owner: \(b)}",
        "create: {address: \(address("l")), kind: list, name: {display: Lista}, owner: \(a), members: [m@example.com]}"
      ),
      make(
        "B", "modify: {address: \(a), set: {position: Secretaria}}",
        "modify: {address: \(b), add: {lists: [\(address("l"))]}}", "adopt: {address: \(address("f"))}",
        "adopt: {address: \(address("h"))}"),
      make(
        "C", "modify: {address: \(a), set: {address: \(address("n"))}}",
        "modify: {address: \(b), set: {status: suspended}}"),
      make("D", "create: {address: c\(name)@elsewhere.example, \(person)}"),
      make(
        "E", "modify: {address: \(address("n")), reset: password}", "modify: {address: \(b), set: {status: active}}"),
      make(
        "F", atomic: true, "create: {address: \(address("d")), \(person)}",
        "modify: {address: \(address("d")), set: {position: Jefa}}",
        "modify: {address: \(b), add: {aliases: [\(address("y"))]}}", "adopt: {address: \(address("g"))}"),
      // What takes an address that another frees isn't tried first; and of a guest the directory takes no document.
      make(
        "G", atomic: true, "create: {address: \(address("e")), \(person)}",
        "modify: {address: \(address("n")), remove: {aliases: [\(address("z"))]}}",
        "modify: {address: \(address("h")), set: {document: '1124850000'}, add: {aliases: [\(address("z"))]}, "
          + "reuse: true}",
        "modify: {address: \(b), set: {position: Otra}}"),
      make("H", "delete: {address: \(address("c")), immediately: true}"),
      make("I", "delete: {address: \(b), reason: Retiro}"),
    ]
  }

  func run(_ environment: [String: String]) async throws -> Outcome {
    try await place.run("run", "--once", environment: environment)
  }

  // MARK: What it should come to

  /// The directory as all scenarios together left it, read once.
  struct Directory: Sendable {
    fileprivate var entries: [String: LDIFEntry] = [:]
    /// By DN: the writes in order, each as the stamp that it left, or what it was.
    fileprivate var writes: [String: [String]] = [:]

    init(_ site: Site) throws {
      for entry in try site.search(filter: "(mail=*)", attributes: ["*", "pwdReset", "pwdAccountLockedTime"]) {
        entries[entry["mail"][0]] = entry
      }
      for write in try site.search(
        base: "cn=accesslog", filter: "(&(objectClass=auditWriteObject)(reqResult=0))",
        attributes: ["reqType", "reqMod", "reqDN"])
      {
        let stamp = write["reqMod"].first { $0.hasPrefix("buzonRequest:") }?.split(separator: " ").last
        writes[write["reqDN"][0], default: []].append(stamp.map(String.init) ?? write["reqType"][0])
      }
    }
  }

  func check(_ directory: Directory) throws {
    let comment = Comment(rawValue: "scenario \(name)")
    checkEntries(directory, comment)
    checkWrites(directory)
    var outcomes = try place.records().mapValues { $0["outcome"] as? String ?? "" }
    // The list's owner was renamed: a clock had it follow, once. Each looks after what other scenarios rename too.
    let clocked = outcomes.keys.filter { $0.hasPrefix("@") }
    let own = try clocked.filter { try place.record($0)?["changes"][0]["address"].text == address("l") }
    #expect(own.count <= 1 && own.allSatisfy { outcomes[$0] == "applied" }, comment)
    for number in clocked { outcomes[number] = nil }
    #expect(outcomes.removeValue(forKey: "G-\(name)") == "failed", comment)
    #expect(outcomes == Dictionary(uniqueKeysWithValues: "ABCEFHI".map { ("\($0)-\(name)", "applied") }), comment)
    #expect(
      try place.record("G-\(name)")?["changes"].array.map { $0["outcome"] } == [
        "undone", "undone", "failed", "skipped",
      ], comment)
    #expect(place.paths(below: "forms", suffix: ".yaml").count == 8 + clocked.count, comment)
    #expect(site.names(in: place.spool + "/rejected") == ["3.yaml", "3.yaml.report"], comment)
    for folder in ["/spool/incoming", "/spool/taken", "/records/.tmp"] {
      #expect(site.names(in: place.folder + folder) == [], comment)
    }
    let list = try place.accounts()
    // The directory is all scenarios', and the list shows what others make too.
    let accounts = Set(["a", "b", "c", "d", "e", "f", "g", "h", "l", "n", "z"].map(address))
    #expect(accounts.intersection(list.keys) == Set(["n", "b", "l", "f", "h", "d", "g"].map(address)), comment)
    #expect(list[address("b")]?["status"] as? String == "retained", comment)
    #expect(list[address("n")]?["aliases"] as? [String] == [address("z"), address("a")].sorted(), comment)
  }

  private func checkEntries(_ directory: Directory, _ comment: Comment) {
    let locals = ["a", "b", "c", "d", "e", "f", "g", "h", "l", "n"]
    let found = Dictionary(
      uniqueKeysWithValues: locals.compactMap { local in directory.entries[address(local)].map { (local, $0) } })
    #expect(found.keys.sorted() == ["b", "d", "f", "g", "h", "l", "n"], comment)
    #expect(found.values.allSatisfy { $0["objectClass"].contains("buzonAccount") }, comment)
    let stamps = found.mapValues { entry in
      entry["buzonRequest"].first.map { $0.hasPrefix("@") ? "@" : $0.replacingOccurrences(of: "-\(name)#", with: "") }
    }
    #expect(
      stamps == [
        "b": "I0", "d": "F1", "f": "B2", "g": "F3", "h": "B3", "l": "@",
        "n": "G-\(name)#1-undone".replacingOccurrences(of: "-\(name)#", with: ""),
      ],
      comment)
    #expect(found["l"]?["buzonOwner"] == [address("n")], comment)
    #expect(found["n"]?["title"] == ["Secretaria"] && found["n"]?["pwdReset"] == ["TRUE"], comment)
    #expect(found["n"]?["mailLocalAddress"].sorted() == ["a", "n", "z"].map(address), comment)
    #expect(found["b"]?["buzonStatus"] == ["retained"] && found["b"]?["title"] == [], comment)
    #expect(found["b"]?["pwdAccountLockedTime"] == ["000001010000Z"], comment)
    #expect(found["b"]?["mailLocalAddress"].sorted() == ["b", "y"].map(address), comment)
    #expect(found["d"]?["title"] == ["Jefa"], comment)
    #expect(found["h"]?["employeeNumber"] == [] && found["h"]?["mailLocalAddress"] == [address("h")], comment)
  }

  /// Every write of each entry, in order.
  private func checkWrites(_ directory: Directory) {
    let expected = [
      "a": ["A#0", "B#0", "C#0", "E#0", "G#1", "G#1-undone"], "b": ["A#1", "B#1", "C#1", "E#1", "F#2", "I#0"],
      "c": ["A#2", "delete"], "d": ["F#1"], "e": ["G#0", "delete"], "f": ["add", "B#2"], "g": ["add", "F#3"],
      "h": ["add", "B#3"], "l": ["A#3", "@"],
    ]
    for (local, writes) in expected {
      let logged = directory.writes[site.dn(local + name)]?.map {
        $0.hasPrefix("@") ? "@" : $0.replacingOccurrences(of: "-\(name)#", with: "#")
      }
      #expect(logged == writes, "\(local), scenario \(name)")
    }
  }
}

extension Site {
  /// A class of persons that the directory takes no document of (DIT content rule, RFC 4512 §4.1.6): what the agent can't
  /// know and, where it may not ask first, finds out only when it writes.
  func addGuests() throws {
    try modify(
      """
      dn: cn=guest,cn=schema,cn=config
      changetype: add
      objectClass: olcSchemaConfig
      cn: guest
      olcObjectClasses: ( 1.3.6.1.4.1.4203.666.1.900 NAME 'guestPerson' SUP inetOrgPerson STRUCTURAL )
      olcDitContentRules: ( 1.3.6.1.4.1.4203.666.1.900 NAME 'guestRule' AUX ( inetLocalMailRecipient $ buzonAccount ) NOT employeeNumber )

      """)
  }
}
