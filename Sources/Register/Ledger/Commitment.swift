internal import Crypto
internal import Text

/// What the ledger states of a personal value without telling it: SHA-256 over a random salt and the value's UTF-8 bytes.
///
/// Whoever has salt and value (the opening) can show that the line speaks of this value; without the salt nobody can find the
/// value by trying. So a value is forgotten by removing its salt, and no line has to change.
public struct Commitment: Sendable, Hashable {
  /// 16 random bytes.
  public let salt: [UInt8]
  public let value: String

  init(to value: String) {
    var generator = SystemRandomNumberGenerator()
    var salt: [UInt8] = []
    salt.reserveCapacity(16)
    for _ in 0..<2 {
      withUnsafeBytes(of: generator.next()) { salt.append(contentsOf: $0) }
    }
    self.init(salt: salt, value: value)
  }

  public init(salt: [UInt8], value: String) {
    self.salt = salt
    self.value = value
  }

  /// What stands in the line: 64 hexadecimal digits.
  public var digest: String {
    var hash = SHA256()
    hash.update(data: salt)
    hash.update(data: Array(value.utf8))
    return hexadecimal(Array(hash.finalize()))
  }
}
