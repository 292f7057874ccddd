import Installation
import LDAP
import Testing

@Suite("Temporary passwords")
struct TemporaryPasswordTests {
  private let maker = TemporaryPassword(key: Array(0..<32), length: 20)

  @Test("The same salt gives the same password, another salt another")
  func derived() {
    let salt = maker.salt()
    #expect(maker.password(salt: salt) == maker.password(salt: salt))
    #expect(maker.password(salt: salt) != maker.password(salt: maker.salt()))
    #expect(maker.password(salt: salt) != TemporaryPassword(key: Array(1...32), length: 20).password(salt: salt))
  }

  @Test("20 symbols in groups of five, none that can be mistaken for another: 100 bits")
  func spelling() {
    let allowed = Set("abcdefghijkmnpqrstuvwxyz23456789".utf8)
    var seen: Set<UInt8> = []
    for _ in 0..<200 {
      let groups = maker.password(salt: maker.salt()).bytes.split(separator: UInt8(ascii: "-"))
      #expect(groups.map(\.count) == [5, 5, 5, 5])
      for byte in groups.joined() {
        #expect(allowed.contains(byte))
        seen.insert(byte)
      }
    }
    #expect(seen == allowed, "every symbol comes up in 4,000")
  }

  @Test("A salt has 128 bits beside the length and is never the same")
  func salt() {
    #expect(maker.salt().count == 17)
    #expect(Set((0..<1_000).map { _ in maker.salt() }).count == 1_000)
  }

  @Test("The shortest that the policy allows has 16 symbols of 5 bits: 80 bits")
  func strength() {
    let shortest = TemporaryPassword(key: Array(0..<32), length: 1)
    let password = shortest.password(salt: shortest.salt())
    #expect(password.bytes.count { $0 != UInt8(ascii: "-") } == 16)
  }

  @Test("Hashed by the directory it is sent as it is; hashed by us as yescrypt, the same one for the same salt")
  func hashed() async throws {
    let salt = maker.salt()
    #expect(try await maker.sent(salt: salt) == maker.password(salt: salt))
    let ours = TemporaryPassword(key: Array(0..<32), length: 20, areHashed: true)
    let hash = try await ours.sent(salt: salt)
    #expect(hash.bytes.starts(with: "{CRYPT}$y$j9T$".utf8))
    #expect(try await ours.sent(salt: salt) == hash)
    #expect(try await ours.sent(salt: maker.salt()) != hash)
    // Under another key the same salt makes another crypt salt, too.
    let others = try await TemporaryPassword(key: Array(1...32), length: 20, areHashed: true).sent(salt: salt)
    #expect(others.bytes.prefix(36) != hash.bytes.prefix(36))
    #expect(ours.password(salt: salt) == maker.password(salt: salt), "the password itself doesn't depend on who hashes")
  }

  @Test("Another length in the policy changes no password that was granted")
  func lengthStays() {
    let salt = maker.salt()
    #expect(TemporaryPassword(key: Array(0..<32), length: 30).password(salt: salt) == maker.password(salt: salt))
  }
}
