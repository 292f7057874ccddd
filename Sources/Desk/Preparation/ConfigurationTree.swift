package import LDAP

/// slapd's own configuration (`cn=config`), as it was read. Pure.
package struct ConfigurationTree: Sendable {
  private let entries: [Entry]

  /// - Parameter entries: all of `cn=config`.
  package init(_ entries: [Entry]) { self.entries = entries }

  /// The entry of everything that belongs to no database.
  package var global: Entry? { entries.first { $0.dn.string.utf8.elementsEqual("cn=config".utf8) } }

  /// The database that holds a name: the one with the longest suffix above it.
  package func database(of base: DN) -> Entry? {
    entries.compactMap { entry -> (Entry, Int)? in
      let suffixes = entry["olcSuffix"].compactMap(\.text).compactMap { try? DN(parsing: $0) }
      let fitting = suffixes.filter { base.matches($0) || base.isDescendant(of: $0) }
      return fitting.map { $0.string.utf8.count }.max().map { (entry, $0) }
    }.max { $0.1 < $1.1 }?.0
  }

  /// The overlay of a database by its name; `nil`: it has none of this name.
  package func overlay(_ name: String, of database: DN) -> Entry? {
    entries.first { entry in
      entry.dn.parent?.matches(database) == true && entry.ordered("olcOverlay").contains { Self.isSame($0, name) }
    }
  }

  /// The entry of modules that another one can be added to; `nil`: there is none.
  package var moduleList: Entry? {
    entries.last { entry in entry["objectClass"].contains { $0.text.map { Self.isSame($0, "olcModuleList") } ?? false }
    }
  }

  /// Modules that are loaded, by the name of the file alone.
  package var modules: Set<String> {
    Set(
      entries.flatMap { $0.ordered("olcModuleLoad") }.map { path in
        let file = path.split(separator: "/").last ?? ""
        return String(file.split(separator: ".").first ?? "")
      })
  }

  /// Schemas that were loaded.
  package var schemas: [Entry] {
    entries.filter { $0.dn.parent?.string.utf8.elementsEqual("cn=schema,cn=config".utf8) == true }
  }

  /// A schema by its name.
  package func schema(_ name: String) -> Entry? {
    schemas.first { $0.ordered("cn").contains { Self.isSame($0, name) } }
  }

  /// Whether some schema defines an attribute or class.
  package func defines(_ name: String) -> Bool {
    let word = Array("'\(name)'".utf8)
    return schemas.contains { schema in
      ["olcAttributeTypes", "olcObjectClasses"].contains { attribute in
        schema[attribute].contains { $0.bytes.contains(word) }
      }
    }
  }

  /// Equal but for the case of ASCII letters.
  static func isSame(_ a: String, _ b: String) -> Bool { a.lowercased() == b.lowercased() }
}

extension Entry {
  /// The values of an attribute of `cn=config` as they were written: without the place (`{0}`), and with one space where
  /// several stood.
  package func ordered(_ name: String) -> [String] { self[name].compactMap(\.text).map(\.withoutPlace) }
}

extension String {
  /// Without `{NUMBER}` before it, with one space where several stood.
  var withoutPlace: String {
    var rest = self[...]
    if rest.utf8.first == UInt8(ascii: "{"), let end = rest.utf8.firstIndex(of: UInt8(ascii: "}")) {
      rest = rest[rest.utf8.index(after: end)...]
    }
    return rest.utf8.split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
      .joined(separator: " ")
  }
}
