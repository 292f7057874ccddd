internal import Text

/// A column of a spreadsheet of accounts to open.
enum CSVColumn: Int, CaseIterable {
  case address, kind, given, family, display, document, position, department, phone, owner, aliases, forward, keepCopy
  case lists, members, quota, expires
  /// Where each of a person's names has a column of its own: what follows the first one.
  case secondGiven, secondFamily

  /// What a header may call it, English first, then the Spanish word that messages propose.
  var names: [String] {
    switch self {
    case .address:
      [
        "address", "correo", "correo electrónico", "correo institucional", "correo electrónico institucional",
        "correo corporativo", "cuenta de correo", "dirección de correo", "dirección de correo electrónico", "e-mail",
        "e-mail address",
      ]
    case .kind: ["kind", "tipo", "tipo de cuenta"]
    case .given: ["given", "nombres", "primer nombre", "given name", "first name"]
    case .family: ["family", "apellidos", "apellido", "primer apellido", "family name", "last name", "surname"]
    case .display: ["display", "nombre", "display name"]
    case .document:
      [
        "document", "documento", "cédula", "cédula de ciudadanía", "documento de identidad", "identificación", "C.C.",
      ]
    case .position: ["position", "cargo", "puesto"]
    case .department: ["department", "dependencia", "área", "oficina"]
    case .phone:
      [
        "phone", "teléfono", "celular", "móvil", "teléfono celular", "teléfono móvil", "teléfono fijo", "tel.", "cel.",
        "mobile",
      ]
    case .owner: ["owner", "responsable"]
    case .aliases: ["aliases", "alias"]
    case .forward: ["forward", "reenvío", "reenviar a"]
    case .keepCopy: ["keep_copy", "conserva_copia", "conservar copia"]
    case .lists: ["lists", "listas"]
    case .members: ["members", "miembros"]
    case .quota: ["quota", "cuota"]
    case .expires: ["expires", "vence", "vencimiento", "fecha de vencimiento"]
    case .secondGiven: ["second given name", "segundo nombre", "otros nombres", "middle name"]
    case .secondFamily: ["second family name", "segundo apellido"]
    }
  }

  /// The key of a create that the column is; a name's parts stand under `name`.
  var key: StaticString {
    switch self {
    case .address: "address"
    case .kind: "kind"
    case .given, .secondGiven: "given"
    case .family, .secondFamily: "family"
    case .display: "display"
    case .document: "document"
    case .position: "position"
    case .department: "department"
    case .phone: "phone"
    case .owner: "owner"
    case .aliases: "aliases"
    case .forward: "forward"
    case .keepCopy: "keep_copy"
    case .lists: "lists"
    case .members: "members"
    case .quota: "quota"
    case .expires: "expires"
    }
  }

  /// No name of ours is as long, in bytes, accents and all.
  private static let longestName = 128

  private struct Name {
    var text: String
    var folded: String
    var column: CSVColumn
  }

  private static let all = allCases.flatMap { column in
    column.names.map { Name(text: $0, folded: folded(header: Array($0.utf8)[...]), column: column) }
  }
  private static let byFoldedName = Dictionary(all.map { ($0.folded, $0.column) }) { first, _ in first }

  /// The column that a header cell names.
  init?(named header: ArraySlice<UInt8>) {
    // Folding takes ten times as long as reading, and a cell may have megabytes.
    guard header.count <= Self.longestName, let column = Self.byFoldedName[Self.folded(header: header)] else {
      return nil
    }
    self = column
  }

  /// The name that an unknown header cell probably means, of columns that the header doesn't have.
  static func nearest(to header: ArraySlice<UInt8>, among absent: [CSVColumn]) -> (name: String, column: CSVColumn)? {
    guard header.count <= longestName else { return nil }
    // A name of three letters is near to everything.
    let names = all.filter { absent.contains($0.column) && $0.folded.utf8.count > 3 }
    guard let found = Text.nearest(to: folded(header: header), among: names.map(\.folded)) else { return nil }
    return names.first { $0.folded == found }.map { ($0.text, $0.column) }
  }

  /// The words of a text in small ASCII letters, without accents and punctuation.
  static func words(_ text: ArraySlice<UInt8>) -> [String] {
    let plain = NormalForm.withoutMarks(String(decoding: text, as: UTF8.self)).lowercased().utf8
    return plain.split { !($0 >= 0x61 && $0 <= 0x7A || $0 >= 0x30 && $0 <= 0x39) }.map {
      String(decoding: $0, as: UTF8.self)
    }
  }

  /// Words that make no difference: `N.º de documento` is `documento`.
  private static let fillers: Set = ["de", "del", "la", "el", "n", "no", "nro", "num", "numero"]

  private static func folded(header: ArraySlice<UInt8>) -> String {
    words(header).filter { !fillers.contains($0) }.joined()
  }
}
