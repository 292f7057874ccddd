import Sandbox
import Testing

@Suite struct UniqueAddresses {
  let fixture: Fixture
  init() throws {
    fixture = try Fixture()
    let record = accountRecord(
      "rosa", base: fixture.sandbox.base, addresses: ["rosa@example.org", "r.chindoy@example.org"])
    try #require(try fixture.agent.apply(record) == Code.success)
  }

  @Test(arguments: [
    ("another's primary address", "rosa@example.org"), ("another's alias", "r.chindoy@example.org"),
    ("another's address in capitals", "ROSA@Example.ORG"),
  ])
  func isRefused(what: String, address: String) throws {
    let base = fixture.sandbox.base
    let record = accountRecord("luis", base: base, addresses: ["luis@example.org", address])
    #expect(try fixture.agent.apply(record) == Code.constraintViolation)
    #expect(try fixture.agent.apply(accountRecord("luis", base: base)) == Code.success)
    let change =
      "dn: \(fixture.account("luis"))\nchangetype: modify\nadd: mailLocalAddress\nmailLocalAddress: \(address)\n"
    #expect(try fixture.agent.apply(change) == Code.constraintViolation)
    #expect(try fixture.admin.apply(change) == Code.constraintViolation)
  }

  /// `unique` of slapd 2.5 searches with the controls of the operation that it checks, so the guard is held against the base
  /// entry of its URI too. A guard that lets that one entry pass is needed wherever an address changes. 2.6 needs none.
  @Test(arguments: [
    ("a bare guard", "(buzonRequest=2026-0142#0)", [Code.assertionFailed, Code.success]),
    ("a guard that lets the container pass", "(|(entryDN=CONTAINER)(buzonRequest=2026-0142#0))", [Code.success]),
    ("the same, stale", "(|(entryDN=CONTAINER)(buzonRequest=2026-0141#0))", [Code.assertionFailed]),
  ])
  func aGuardedChangeOfAnAddress(what: String, guarding: String, codes: [Int32]) throws {
    let container = "ou=people,\(fixture.sandbox.base)"
    let parts = guarding.utf8.split(separator: UInt8(ascii: "=")).map { String(decoding: $0, as: UTF8.self) }
    let filter = parts.map { part in
      part.utf8.starts(with: "CONTAINER".utf8) ? container + String(part.dropFirst("CONTAINER".count)) : part
    }.joined(separator: "=")
    let change =
      "dn: \(fixture.account("rosa"))\nchangetype: modify\nadd: mailLocalAddress\nmailLocalAddress: nueva@example.org\n"
    #expect(codes.contains(try fixture.agent.apply(change, asserting: filter)))
  }

  @Test func ofTwoAddsAtTheSameMomentOneIsRefused() async throws {
    let agent = fixture.agent
    let base = fixture.sandbox.base
    for round in 0..<10 {
      let codes = try await withThrowingTaskGroup(of: Int32.self) { group in
        for side in ["a", "b"] {
          group.addTask {
            try agent.apply(accountRecord("\(side)\(round)", base: base, addresses: ["x\(round)@example.org"]))
          }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(codes.sorted() == [Code.success, Code.constraintViolation])
    }
  }

  @Test func anAddressIsFreeAgainWhenItsAccountIsGone() throws {
    #expect(try fixture.agent.delete(fixture.account("rosa")) == Code.success)
    let record = accountRecord("luis", base: fixture.sandbox.base, addresses: ["rosa@example.org"])
    #expect(try fixture.agent.apply(record) == Code.success)
  }
}

@Suite struct WriteLog {
  @Test func eachWriteIsLoggedOnceWithItsResult() throws {
    let fixture = try Fixture()
    let rosa = fixture.account("rosa")
    #expect(try fixture.agent.apply(accountRecord("rosa", base: fixture.sandbox.base)) == Code.success)
    #expect(try fixture.agent.replace(rosa, "title", "Técnica") == Code.success)
    #expect(try fixture.agent.apply(accountRecord("rosa", base: fixture.sandbox.base)) == Code.alreadyExists)
    #expect(try fixture.agent.delete(rosa) == Code.success)
    func count(_ filter: String) throws -> Int {
      try fixture.admin.search(Sandbox.Description.accesslog, "(&(reqDN=\(rosa))\(filter))").count
    }
    #expect(try count("(objectClass=auditAdd)(reqResult=0)") == 1)
    #expect(try count("(objectClass=auditModify)(reqResult=0)(reqMod=title:= *)") == 1)
    #expect(try count("(objectClass=auditDelete)(reqResult=0)") == 1)
    #expect(try count("(reqResult=0)") == 3)
  }

  @Test func aSandboxWithoutALogHasNone() throws {
    let fixture = try Fixture(Sandbox.Options(durable: false, accesslog: false))
    #expect(try fixture.agent.apply(accountRecord("rosa", base: fixture.sandbox.base)) == Code.success)
    #expect(try fixture.admin.read(Sandbox.Description.accesslog) == nil)
  }
}
