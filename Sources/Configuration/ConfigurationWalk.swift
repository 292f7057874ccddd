import Forms
import LDAP
internal import Text

/// The configuration's own keys, and the small sections.
struct ConfigurationWalk {
  var walk: Walk

  private static let keys = Keys(
    "the configuration",
    [
      "organization", "directory", "domains", "spool", "spool_rest", "state", "records", "templates", "approval",
      "policy",
      "limits", "handover", "list", "log",
    ])

  mutating func configuration() -> Configuration? {
    let root = walk.root
    guard walk.isMapping(root, Self.keys) else { return nil }
    let organization = walk.required(root, "organization", "write organization: {name: …}")
      .flatMap { self.organization($0) }
    let directory = walk.required(root, "directory", "write directory: {uris: …, base: …}")
      .flatMap { self.directory($0) }
    let domains = walk.required(root, "domains", "write domains: [example.org]").flatMap { self.domains($0) }
    let folders = self.folders(root)
    let spoolRest =
      walk.field(root, "spool_rest").map { walk.duration($0, .milliseconds(100)...(.seconds(300))) } ?? .seconds(2)
    let approval = section(root, "approval") { $0.approval($1) }
    let policy = section(root, "policy") { $0.policy($1) }
    let formSize = section(root, "limits") { $0.formSize($1) }
    let handover = section(root, "handover") { $0.handover($1) }
    let list = section(root, "list") { $0.list($1) }
    let log = section(root, "log") { $0.log($1) }
    guard let organization, let directory, let domains, let folders, let spoolRest, let approval, let policy,
      let formSize,
      let handover, let list, let log
    else { return nil }
    return Configuration(
      organization: organization, directory: directory, domains: domains, spool: folders[0],
      spoolRest: spoolRest, state: folders[1], records: folders[2], templates: folders[3], approval: approval,
      policy: policy,
      limits: Configuration.Limits(formSize: formSize), handover: handover, list: list, log: log)
  }

  /// A section that may be left out, or be there with all its keys commented out.
  mutating func section<Value>(
    _ mapping: Field, _ key: StaticString, _ read: (inout ConfigurationWalk, Field?) -> Value?
  ) -> Value? {
    guard let field = walk.field(mapping, key), !isEmpty(field) else { return read(&self, nil) }
    walk.enter(field)
    defer { walk.leave(field) }
    return read(&self, field)
  }

  func isEmpty(_ field: Field) -> Bool { walk.document.kind(field.node) == .scalar && walk.isNull(field) }

  /// The value of a key of a section; nothing for a section that isn't there.
  func field(_ section: Field?, _ key: StaticString) -> Field? {
    guard let section, walk.document.kind(section.node) == .mapping else { return nil }
    return walk.field(section, key)
  }

  /// Tells what a section may not have. The walk stands in it already.
  mutating func judgeKeys(_ section: Field?, _ keys: Keys) {
    guard let section else { return }
    _ = walk.isMapping(Field(node: section.node, key: ""), keys)
  }

  // MARK: Domains and folders

  private func domains(_ field: Field) -> [String]? {
    guard let elements = walk.list(field) else { return nil }
    if elements.isEmpty { walk.report(field, "is an empty list", "write the domains of your addresses") }
    var domains: [String] = []
    for element in elements {
      guard let text = walk.text(element, most: 253) else { continue }
      var bytes = text
      let domain = bytes.withUTF8 { AddressSyntax.checkDomain($0) == nil ? $0.lowercasedASCII() : nil }
      guard let domain else {
        walk.report(element, "\(text.quoted()) is not a domain", "write it as example.org; other letters as xn--…")
        continue
      }
      if domains.contains(domain) {
        walk.report(element, "\(text.quoted()) is in the list twice", "delete one of the two")
      } else {
        domains.append(domain)
      }
    }
    return domains
  }

  private static let folderDefaults: [(key: StaticString, path: String)] = [
    ("spool", "/var/spool/buzon"), ("state", "/var/lib/buzon"), ("records", "/var/lib/buzon-records"),
    ("templates", "/etc/buzon/templates"),
  ]

  private func folders(_ root: Field) -> [String]? {
    var paths: [String] = []
    let fields = Self.folderDefaults.map { walk.field(root, $0.key) }
    for (field, (_, path)) in zip(fields, Self.folderDefaults) {
      guard let path = field.map({ walk.path($0) }) ?? path else { return nil }
      // Files of one are no business of another's readers or sweepers.
      if let other = paths.firstIndex(where: { $0 == path || path.hasPrefix("\($0)/") || $0.hasPrefix("\(path)/") }) {
        reportTouching(fields, other, paths.count)
      }
      paths.append(path)
    }
    return paths
  }

  /// Reports the later of two folders, or the earlier one, where the later has its default. Two defaults don't touch.
  private func reportTouching(_ fields: [Field?], _ first: Int, _ second: Int) {
    let (named, other) = fields[second] == nil ? (first, second) : (second, first)
    guard let field = fields[named] else { return }
    walk.report(field, "is or touches the folder of \(Self.folderDefaults[other].key)", "name a folder of its own")
  }

  // MARK: Small sections

  private mutating func formSize(_ section: Field?) -> ByteCount? {
    judgeKeys(section, Keys("limits", ["form_size"]))
    guard let field = field(section, "form_size") else { return ByteCount(bytes: 1 << 20) }
    return walk.size(field, 1 << 10...UInt64(FormReader.largestForm))
  }

  private mutating func handover(_ section: Field?) -> Configuration.Handover? {
    judgeKeys(section, Keys("handover", ["change_url", "trusted"]))
    return Configuration.Handover(
      changeURL: field(section, "change_url").flatMap { changeURL($0) },
      trusted: field(section, "trusted").map { trusted($0) } ?? [])
  }

  private func trusted(_ field: Field) -> [DN] {
    guard let elements = walk.list(field) else { return [] }
    var names: [DN] = []
    for element in elements {
      guard let name = walk.distinguishedName(element) else { continue }
      if names.contains(where: { $0.matches(name) }) {
        walk.report(element, "is in the list twice", "delete one of the two")
      } else {
        names.append(name)
      }
    }
    return names
  }

  private func changeURL(_ field: Field) -> String? {
    guard let text = walk.text(field, most: 2048) else { return nil }
    let isPlain = text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "<") }
    if isPlain, text.hasPrefix("https://"), text.utf8.count > 8 { return text }
    walk.report(field, "\(text.quoted()) is not a web address that is safe for a password", "write https://…")
    return nil
  }

  private mutating func list(_ section: Field?) -> Configuration.List? {
    judgeKeys(section, Keys("list", ["columns", "backups"]))
    let columns = field(section, "columns").map { self.columns($0) } ?? Configuration.List.Column.allCases
    let backups = field(section, "backups").map { walk.number($0, 0...3650) } ?? 30
    guard let columns, let backups else { return nil }
    return Configuration.List(columns: columns, backups: backups)
  }

  private func columns(_ field: Field) -> [Configuration.List.Column]? {
    guard let elements = walk.list(field) else { return nil }
    if elements.isEmpty { walk.report(field, "is an empty list", "write the columns, or delete the key") }
    var columns: [Configuration.List.Column] = []
    for element in elements {
      guard let column: Configuration.List.Column = walk.word(element) else { continue }
      if columns.contains(column) {
        walk.report(element, "is in the list twice", "delete one of the two")
      } else {
        columns.append(column)
      }
    }
    return columns
  }

  private mutating func log(_ section: Field?) -> Configuration.Log? {
    judgeKeys(section, Keys("log", ["format", "level"]))
    let format: Configuration.Log.Format? = field(section, "format").map { walk.word($0) } ?? .text
    let level: Configuration.Log.Level? = field(section, "level").map { walk.word($0) } ?? .info
    guard let format, let level else { return nil }
    return Configuration.Log(format: format, level: level)
  }
}
