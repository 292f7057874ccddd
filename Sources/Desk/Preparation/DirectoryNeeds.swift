package import LDAP
package import SlapdFiles

/// What `cn=config` lacks of `config/slapd`, or has otherwise. Pure: the files and what was read make the steps, in the
/// order in which they can be applied. `buzon init` applies them; `buzon doctor` reports them.
///
/// | subject | is there | differs |
/// |---|---|---|
/// | modules, classes, overlays, indexes | by its name | – |
/// | our classes | each definition of ours, whatever its spelling | is replaced as a whole |
/// | options of overlays | the option has our value | is replaced |
/// | access rules | ours stand together, before them none but those that end in `break` | ``AccessRules`` |
/// | limits | the same identity has some | never |
/// | identity rule | the user's numbers lead to the agent | is replaced |
package struct DirectoryNeeds {
  private let tree: ConfigurationTree
  private let database: Entry
  private let values: SlapdFile.Values
  /// Whether the agent says who it is over `ldapi`.
  private let isExternal: Bool

  /// What is to be done about `cn=config`.
  ///
  /// - Parameters:
  ///   - entries: all of `cn=config`.
  ///   - values: ``SlapdFiles/SlapdFile/Values/database`` is found here, by the suffix.
  ///   - mailSchema: Debian's `misc.ldif`; `nil`: it isn't at hand.
  /// - Throws: `LDAPError`: a file has a mistake.
  package static func steps(
    _ entries: [Entry], _ values: SlapdFile.Values, isExternal: Bool, mailSchema: [UInt8]?
  ) throws(LDAPError) -> [PreparationStep] {
    let tree = ConfigurationTree(entries)
    let base = try DN(parsing: values.suffix)
    guard let database = tree.database(of: base) else {
      return [
        PreparationStep(
          .database, "slapd has no database with the suffix \(values.suffix)", [],
          remedy: "make the database (dpkg-reconfigure slapd), or correct directory.base")
      ]
    }
    var values = values
    values.database = database.dn.string
    let needs = DirectoryNeeds(tree: tree, database: database, values: values, isExternal: isExternal)
    return try needs.readOnly() + needs.modules() + needs.mailSchema(mailSchema) + needs.schema() + needs.overlays()
      + needs.indexes() + needs.limits() + needs.addContent() + needs.access() + needs.identity()
  }

  // MARK: The database

  private func readOnly() -> [PreparationStep] {
    guard database.text("olcReadOnly") == "TRUE" else { return [] }
    return [
      PreparationStep(
        .readOnly, "the database is read-only (olcReadOnly)",
        [.modify(database.dn, [.replace("olcReadOnly", ["FALSE"])])], replaces: true)
    ]
  }

  private func modules() throws(LDAPError) -> [PreparationStep] {
    guard let entry = try LDIF.entries(SlapdFile.modules.text(values)).first else { return [] }
    let missing = entry["olcModuleLoad"].filter { module in
      guard let name = module.text else { return false }
      // Of a slapd that has an overlay built in no module is loaded.
      return !tree.modules.contains(name) && tree.overlay(name, of: database.dn) == nil
    }
    if missing.isEmpty { return [] }
    let what = "slapd has not loaded \(missing.compactMap(\.text).joined(separator: ", "))"
    if let list = tree.moduleList {
      return [PreparationStep(.modules, what, [.modify(list.dn, [.add("olcModuleLoad", missing)])])]
    }
    let attributes = entry.attributes.map { $0.name == "olcModuleLoad" ? Attribute($0.name, missing) : $0 }
    return [PreparationStep(.modules, what, [.add(entry.dn, attributes)])]
  }

  // MARK: Schemas

  private func mailSchema(_ misc: [UInt8]?) throws(LDAPError) -> [PreparationStep] {
    if tree.defines("mailLocalAddress") { return [] }
    let what = "the schema misc, which has mailLocalAddress, is not loaded"
    guard let misc, let entry = try? LDIF.entries(misc).first else {
      return [
        PreparationStep(
          .mailSchema, what, [], remedy: "ldapadd -Q -Y EXTERNAL -H ldapi:/// -f /etc/ldap/schema/misc.ldif")
      ]
    }
    return [PreparationStep(.mailSchema, what, [.add(entry.dn, entry.attributes)])]
  }

  private func schema() throws(LDAPError) -> [PreparationStep] {
    guard let ours = try LDIF.entries(SlapdFile.schema.text(values)).first else { return [] }
    guard let theirs = tree.schema("buzon") else {
      return [PreparationStep(.schema, "the schema of Buzón is not loaded", [.add(ours.dn, ours.attributes)])]
    }
    let present = Self.definitions(theirs)
    let missing = Self.definitions(ours).subtracting(present)
    if missing.isEmpty { return [] }
    return [
      PreparationStep(
        .oldSchema,
        "the schema of Buzón is of another version: \(missing.compactMap(\.name).sorted().joined(separator: ", "))",
        [
          .modify(
            theirs.dn,
            ["olcAttributeTypes", "olcObjectClasses"].map { .replace($0, ours[$0]) })
        ], replaces: true)
    ]
  }

  static func definitions(_ schema: Entry) -> Set<SchemaDefinition> {
    let macros = schema["olcObjectIdentifier"].compactMap(\.text)
    return Set(
      (schema["olcAttributeTypes"] + schema["olcObjectClasses"]).compactMap(\.text).map {
        SchemaDefinition($0, macros: macros)
      })
  }

  // MARK: Overlays

  private func overlays() throws(LDAPError) -> [PreparationStep] {
    var steps: [PreparationStep] = []
    for change in try LDIF.changes(SlapdFile.overlays.text(values)) {
      guard case .add(let dn, let attributes) = change.operation else { continue }
      let ours = Entry(dn: dn, attributes: attributes)
      guard let name = ours.text("olcOverlay") else { continue }
      guard let theirs = tree.overlay(name, of: database.dn) else {
        let subject: PreparationStep.Subject =
          switch name {
          case "syncprov": .syncprov
          case "ppolicy": .ppolicy
          default: .unique
          }
        steps.append(PreparationStep(subject, "the database has no overlay \(name)", [change.operation]))
        continue
      }
      steps += options(ours, theirs)
    }
    return steps
  }

  /// Options of overlays that promises rest on.
  private func options(_ ours: Entry, _ theirs: Entry) -> [PreparationStep] {
    func step(_ subject: PreparationStep.Subject, _ option: String, _ what: (String, String) -> String)
      -> PreparationStep?
    {
      let (wanted, present) = (ours.ordered(option), theirs.ordered(option))
      if wanted.isEmpty || wanted.allSatisfy(present.contains) { return nil }
      let shown = present.isEmpty ? "not set" : present.joined(separator: " and ")
      return PreparationStep(
        subject, what(shown, wanted.joined()), [.modify(theirs.dn, [.replace(option, ours[option])])],
        replaces: !present.isEmpty)
    }
    return [
      step(.policyDefault, "olcPPolicyDefault") { "the default password policy is \($0), not \($1)" },
      step(.hashing, "olcPPolicyHashCleartext") { shown, _ in
        "the directory stores passwords as clear text (olcPPolicyHashCleartext is \(shown))"
      },
      step(.uniqueBase, "olcUniqueURI") { "the overlay unique looks at \($0), not at \($1)" },
    ].compactMap(\.self)
  }

  // MARK: Indexes and limits

  private func additions(of attribute: String, in file: SlapdFile) throws(LDAPError) -> [String] {
    try LDIF.changes(file.text(values)).flatMap { change -> [String] in
      guard case .modify(_, let modifications) = change.operation else { return [] }
      return modifications.filter { $0.attribute == attribute }.flatMap(\.values).compactMap(\.text).map(\.withoutPlace)
    }
  }

  private func indexes() throws(LDAPError) -> [PreparationStep] {
    let present = database.ordered("olcDbIndex")
    var modifications: [Modification] = []
    var missing: [String] = []
    var added: [Value] = []
    for index in try additions(of: "olcDbIndex", in: .database) {
      guard let name = index.split(separator: " ").first.map(String.init) else { continue }
      guard let theirs = present.first(where: { Self.attributes(ofIndex: $0).contains(name.lowercased()) }) else {
        missing.append(name)
        added.append(Value(index))
        continue
      }
      if Self.kinds(ofIndex: theirs).contains("eq") { continue }
      missing.append(name)
      modifications += [.delete("olcDbIndex", [Value(theirs)]), .add("olcDbIndex", [Value(theirs + ",eq")])]
    }
    if missing.isEmpty { return [] }
    if !added.isEmpty { modifications.append(.add("olcDbIndex", added)) }
    return [
      PreparationStep(
        .indexes, "the database has no index (eq) of \(missing.joined(separator: ", "))",
        [.modify(database.dn, modifications)])
    ]
  }

  private static func attributes(ofIndex value: String) -> [String] {
    (value.split(separator: " ").first ?? "").split(separator: ",").map { $0.lowercased() }
  }

  private static func kinds(ofIndex value: String) -> [Substring] {
    value.split(separator: " ").dropFirst().flatMap { $0.split(separator: ",") }
  }

  /// Of the agent and of the mail service; what somebody has set for one of them is his choice.
  private func limits() throws(LDAPError) -> [PreparationStep] {
    let present = database.ordered("olcLimits").compactMap { $0.split(separator: " ").first?.lowercased() }
    let wanted = try additions(of: "olcLimits", in: .database) + additions(of: "olcLimits", in: .access)
    let missing = wanted.filter { limit in
      !present.contains { $0 == (limit.split(separator: " ").first ?? "").lowercased() }
    }
    if missing.isEmpty { return [] }
    let names = missing.map { $0.contains("cn=buzon,") ? "the agent" : "the mail service" }
    return [
      PreparationStep(
        .limits, "searches of \(names.joined(separator: " and ")) end after the default limits (olcLimits)",
        [.modify(database.dn, [.add("olcLimits", missing.map { Value($0) })])])
    ]
  }

  private func addContent() throws(LDAPError) -> [PreparationStep] {
    guard database.text("olcAddContentAcl") != "TRUE" else { return [] }
    return [
      PreparationStep(
        .addContent, "an add is not judged by the access rules of its attributes (olcAddContentAcl)",
        [.modify(database.dn, [.replace("olcAddContentAcl", ["TRUE"])])])
    ]
  }

  // MARK: Rights

  private func access() throws(LDAPError) -> [PreparationStep] {
    let rules = AccessRules(
      ours: try additions(of: "olcAccess", in: .access), present: database.ordered("olcAccess"),
      agent: "\"cn=buzon,ou=services,\(values.suffix)\"")
    switch rules.difference {
    case .none: return []
    case .missing:
      return [
        PreparationStep(
          .access, "the access rules of Buzón are not there",
          [.modify(database.dn, [.add("olcAccess", rules.numbered)])])
      ]
    case .other(let places):
      let old = places.map { Value("{\($0)}") }
      return [
        PreparationStep(
          .access, "the access rules of Buzón differ from those of this version",
          [.modify(database.dn, [.delete("olcAccess", old), .add("olcAccess", rules.numbered)])], replaces: true)
      ]
    case .mixed:
      return [
        PreparationStep(
          .access, "the access rules of Buzón are mixed with others, or stand behind some that end before them", [],
          remedy: "put the rules of config/slapd/access.ldif before all others, together and in their order: "
            + "ldapvi, or ldapmodify on \(database.dn)")
      ]
    }
  }

  private func identity() throws(LDAPError) -> [PreparationStep] {
    guard isExternal else { return [] }
    guard let change = try LDIF.changes(SlapdFile.agent.text(values)).first,
      case .modify(let dn, let modifications) = change.operation,
      let wanted = modifications.first?.values.first?.text?.withoutPlace
    else { return [] }
    let present = tree.global?.ordered("olcAuthzRegexp") ?? []
    if present.contains(wanted) { return [] }
    let pattern = wanted.split(separator: " ").first ?? ""
    let what = "no rule gives the agent's user (\(values.agentUID), group \(values.agentGID)) his name (olcAuthzRegexp)"
    guard let place = present.firstIndex(where: { $0.split(separator: " ").first == pattern }) else {
      return [PreparationStep(.identity, what, [change.operation])]
    }
    return [
      PreparationStep(
        .identity, "a rule gives the agent's user another name: \(present[place].split(separator: " ").last ?? "")",
        [.modify(dn, [.delete("olcAuthzRegexp", [Value("{\(place)}")])] + modifications)], replaces: true)
    ]
  }
}
