internal import Crypto
internal import Files
internal import Text

/// What the page of a department is called: its name as far as it is plain, and the beginning of its SHA-256, e.g.
/// `secretaria-de-salud-1f0b5c9ad2e4.html`. A department keeps its file; two never share one.
struct DepartmentFiles {
  private var taken: Set<FileName> = []

  /// The name for a department; `nil` and the empty name are the accounts without one.
  mutating func name(_ department: String) -> FileName {
    let digest = SHA256.hash(data: Array(department.utf8))
    let text = hexadecimal(digest)
    // Names that were made to agree in the first 48 bits are told apart by all 256.
    for digits in [Self.digits, 64] {
      guard let name = FileName("\(Self.plain(department))-\(text.prefix(digits)).html") else { continue }
      if taken.insert(name).inserted { return name }
    }
    preconditionFailure("one department twice, or two with one SHA-256")
  }

  /// Whether a file is one of these pages that nobody made this time.
  func isStale(_ name: FileName) -> Bool {
    guard !taken.contains(name), name.hasSuffix(".html") else { return false }
    let stem = name.bytes.dropLast(5)
    guard let dash = stem.lastIndex(of: UInt8(ascii: "-")) else { return false }
    let digits = stem[(dash + 1)...]
    return (digits.count == Self.digits || digits.count == 64)
      && digits.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }

  private static let digits = 12

  /// Up to 48 letters and digits of ASCII, whatever else as single hyphens; `department` where nothing is left.
  private static func plain(_ department: String) -> String {
    var bytes: [UInt8] = []
    for scalar in department.unicodeScalars where bytes.count < 48 {
      switch scalar.value {
      case 0x30...0x39, 0x61...0x7A: bytes.append(UInt8(scalar.value))
      case 0x41...0x5A: bytes.append(UInt8(scalar.value) | 0x20)
      case 0x300...0x36F: continue  // an accent that joins to the letter before
      default:
        if let letter = accented[scalar] {
          bytes.append(letter)
        } else if let last = bytes.last, last != UInt8(ascii: "-") {
          bytes.append(UInt8(ascii: "-"))
        }
      }
    }
    if bytes.last == UInt8(ascii: "-") { bytes.removeLast() }
    return bytes.isEmpty ? "department" : String(decoding: bytes, as: UTF8.self)
  }

  private static let accented: [Unicode.Scalar: UInt8] = Dictionary(
    uniqueKeysWithValues: zip("áéíóúüñçÁÉÍÓÚÜÑÇ".unicodeScalars, "aeiouuncaeiouunc".utf8))
}
