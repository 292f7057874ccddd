internal import Crypto
package import LDAP

/// Temporary passwords are derived, never stored: an HMAC-SHA256 of the intent's random salt under the key in
/// `slips.key`, spelled in letters and digits that can't be mistaken for one another. Sending an operation again sends
/// the same password; destroying the salt ends it.
package struct TemporaryPassword: Sendable {
  /// 32 symbols, 5 bits each: no `l`, `o`, `0` or `1`.
  private static let alphabet = Array("abcdefghijkmnpqrstuvwxyz23456789".utf8)

  private let key: SymmetricKey
  /// Of new passwords, in symbols, not counting the hyphens between groups of five.
  private let length: Int
  /// Whether they go to the directory as hashes of ours.
  private let areHashed: Bool

  /// - Parameters:
  ///   - key: 32 bytes.
  ///   - length: of new passwords, symbols, at most 51 (an HMAC-SHA256 has 256 bits).
  ///   - areHashed: whether they go to the directory as hashes of ours.
  package init(key: [UInt8], length: Int, areHashed: Bool = false) {
    self.key = SymmetricKey(data: key)
    self.length = min(max(length, 16), 51)
    self.areHashed = areHashed
  }

  /// The password's length and 16 random bytes. The length goes with them, for the policy may change before the password
  /// is shown or sent again.
  package func salt() -> [UInt8] {
    var generator = SystemRandomNumberGenerator()
    return [UInt8(length)] + (0..<2).flatMap { _ in withUnsafeBytes(of: generator.next()) { Array($0) } }
  }

  package func password(salt: [UInt8]) -> Value {
    let length = min(Int(salt.first ?? 0), 51)
    let code = Array(HMAC<SHA256>.authenticationCode(for: salt, using: key))
    var bytes: [UInt8] = []
    bytes.reserveCapacity(length + length / 5)
    for symbol in 0..<length {
      if symbol > 0, symbol % 5 == 0 { bytes.append(UInt8(ascii: "-")) }
      let bit = symbol * 5
      let pair = UInt16(code[bit / 8]) << 8 | (bit / 8 + 1 < code.count ? UInt16(code[bit / 8 + 1]) : 0)
      bytes.append(Self.alphabet[Int(pair >> UInt16(11 - bit % 8)) & 31])
    }
    return Value(bytes: bytes)
  }

  /// The password as it goes to the directory: itself, or our hash of it, the same one each time.
  ///
  /// A hash takes a core for a while, so it is made in Swift's shared pool, which has a thread for each core: as many are
  /// made at a time, and the connection's own thread goes on meanwhile.
  ///
  /// - Throws: as ``Yescrypt/hash(_:salt:)``.
  package func sent(salt: [UInt8]) async throws(LDAPError) -> Value {
    let password = password(salt: salt)
    guard areHashed else { return password }
    return try await withTaskExecutorPreference(globalConcurrentExecutor) { hashed(password, salt: salt) }.get()
  }

  private func hashed(_ password: Value, salt: [UInt8]) -> Result<Value, LDAPError> {
    // Of another label than the password itself, so that the hash's salt in the directory says nothing of it.
    let code = HMAC<SHA256>.authenticationCode(for: Array("buzon crypt salt:".utf8) + salt, using: key)
    return Result { () throws(LDAPError) in try Yescrypt.hash(password, salt: Array(code.prefix(16))) }
  }
}
