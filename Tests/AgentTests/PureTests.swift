import Accounts
import LDAP
import Testing

@testable import Agent

@Suite("Waiting for the directory")
struct BackoffTests {
  @Test("The first retry comes at once or nearly, each later one after twice as long, to a bound")
  func doubling() {
    var backoff = Backoff(first: .milliseconds(500), longest: .seconds(60))
    let waits = (0..<10).map { _ in backoff.next(jitter: 0).milliseconds }
    #expect(waits == [500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000])
    backoff.reset()
    #expect(backoff.next(jitter: 0) == .milliseconds(500))
  }

  @Test("Jitter shortens a wait by a fifth at most")
  func jitter() {
    var backoff = Backoff(first: .seconds(1), longest: .seconds(60))
    #expect(backoff.next(jitter: 1) == .milliseconds(800))
  }

  @Test("A thousand failures don't overflow")
  func many() {
    var backoff = Backoff(first: .milliseconds(500), longest: .seconds(60))
    for _ in 0..<1_000 { #expect(backoff.next(jitter: 0) <= .seconds(60)) }
  }
}

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

@Suite("What an answer means")
struct VerdictTests {
  private static let add = Operation.add(DN(), [])
  private static let modify = Operation.modify(DN(), [])

  private func verdict(_ code: ResultCode, _ operation: Operation, inDoubt: Bool = false, diagnostic: String = "")
    -> String
  {
    let refusal = LDAPError.Refusal(
      operation: operation.name, dn: operation.dn, response: Response(code: code, diagnostic: diagnostic))
    switch Verdict(.failure(.refused(refusal)), operation: operation, inDoubt: inDoubt) {
    case .applied: return "applied"
    case .guarded: return "guarded"
    case .failed: return "failed"
    case .refused: return "refused"
    case .lost: return "lost"
    }
  }

  @Test(
    "Every result code has its meaning",
    arguments: [
      (ResultCode.assertionFailed, "guarded"), (.entryAlreadyExists, "guarded"), (.constraintViolation, "guarded"),
      (.noSuchAttribute, "guarded"), (.attributeOrValueExists, "guarded"), (.undefinedAttributeType, "refused"),
      (.invalidCredentials, "refused"), (.strongerAuthRequired, "refused"), (.confidentialityRequired, "refused"),
      (.insufficientAccessRights, "refused"), (.busy, "refused"), (.unavailable, "refused"), (.other, "refused"),
      (.unwillingToPerform, "refused"), (.referral, "refused"), (.adminLimitExceeded, "refused"),
      (.unavailableCriticalExtension, "refused"), (.protocolError, "refused"), (.objectClassViolation, "failed"),
      (.invalidAttributeSyntax, "failed"), (.namingViolation, "failed"), (ResultCode(rawValue: 4_711), "failed"),
    ])
  func codes(code: ResultCode, meaning: String) {
    #expect(verdict(code, Self.add) == meaning)
  }

  @Test("No such object: for an add the container is missing, for the others the entry")
  func noSuchObject() {
    #expect(verdict(.noSuchObject, Self.add) == "refused")
    #expect(verdict(.noSuchObject, Self.modify) == "guarded")
  }

  @Test("An object class that the directory doesn't know is a missing schema, no fault of the request")
  func missingSchema() {
    #expect(
      verdict(.invalidAttributeSyntax, Self.add, diagnostic: "objectClass: value #2 invalid per syntax") == "refused")
  }

  @Test("What was sent before is never failed by a refusal alone: it may have been applied")
  func resent() {
    #expect(verdict(.objectClassViolation, Self.add, inDoubt: true) == "guarded")
  }

  @Test("What has no answer is lost, whether it was sent or not: the same operation is sent again")
  func connection() {
    for error in [LDAPError.outcomeUnknown("lost"), .unavailable("down")] {
      guard case .lost = Verdict(.failure(error), operation: Self.add, inDoubt: false) else {
        Issue.record("\(error) isn't lost")
        continue
      }
    }
  }
}
