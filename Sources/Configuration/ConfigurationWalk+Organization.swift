import Forms
import Glibc
internal import Text

/// `organization`
extension ConfigurationWalk {
  private static let keys = Keys(
    "organization", ["name", "tax_id", "language", "timezone", "form", "list", "procedure"])

  mutating func organization(_ section: Field) -> Configuration.Organization? {
    guard walk.isMapping(section, Self.keys) else { return nil }
    walk.enter(section)
    defer { walk.leave(section) }
    let name = walk.required(section, "name", "write the name for printed pages").flatMap { walk.text($0) }
    let taxID = walk.field(section, "tax_id").flatMap { walk.text($0, most: 64) }
    let language: Configuration.Language? = walk.field(section, "language").map { walk.word($0) } ?? .es
    let timezone = walk.field(section, "timezone").map { self.timezone($0) } ?? "UTC"
    let form = self.section(section, "form") { $0.documentCode($1, "FT-GTI-006") }
    let list = self.section(section, "list") { $0.documentCode($1, "FT-GTI-002") }
    let procedure = self.section(section, "procedure") { $0.documentCode($1, "PT-GTI-002") }
    guard let name, let language, let timezone, let form, let list, let procedure else { return nil }
    return Configuration.Organization(
      name: name, taxID: taxID, language: language, timezone: timezone, form: form, list: list, procedure: procedure)
  }

  private mutating func documentCode(_ section: Field?, _ code: String) -> Configuration.DocumentCode? {
    judgeKeys(section, Keys("a document's code", ["code", "version", "date"]))
    let code = field(section, "code").map { walk.text($0, most: 64) } ?? code
    let version = field(section, "version").flatMap { walk.text($0, most: 32) }
    let date = field(section, "date").flatMap { walk.day($0) }
    return code.map { Configuration.DocumentCode(code: $0, version: version, date: date) }
  }

  /// A zone of the database that this host has (tzfile(5)).
  private func timezone(_ field: Field) -> String? {
    guard let name = walk.text(field, most: 64) else { return nil }
    let characters = ASCIISet.alphanumerics.union(ASCIISet("/_+-"))
    let isName = characters.isAll(of: name) && name.utf8.first != UInt8(ascii: "/")
    if name == "UTC" || (isName && Self.isZone("/usr/share/zoneinfo/\(name)")) { return name }
    walk.report(
      field, "\(name.quoted()) is not a time zone of this host", "write a name as America/Bogota, or install tzdata")
    return nil
  }

  private static func isZone(_ path: String) -> Bool {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var magic: UInt32 = 0
    // "TZif"; a folder can't be read.
    return read(descriptor, &magic, 4) == 4 && UInt32(bigEndian: magic) == 0x545A_6966
  }
}
