import Accounts
import Files
import LDAP
import Records
import Register
import Support
import Testing
import Text

@Suite("The delivery record")
struct DeliveryRecordTests {
  static let applied = DeliveryRecord(
    form: "FT-GTI-006", number: "2026-0142", outcome: .applied, department: "Secretaría de Salud",
    requester: .init(name: "Ana Lucía Rosero"),
    approval: .init(by: "jefe.sistemas", date: "2026-11-21", signature: .recorded),
    submitted: .init(by: "maria", uid: 1_004, file: "nuevo.yaml"),
    received: Timestamp(milliseconds: 1_795_345_523_999), completed: Timestamp(seconds: 1_795_345_525),
    digest: [0x00, 0x0F, 0xA0, 0xFF], ledger: "abc",
    changes: [
      {
        var change = ChangeResult(
          index: 0, operation: "create", address: "maria.lopez@putumayo.gov.co", name: "María Fernanda López Ortiz",
          outcome: .applied, dn: "uid=maria.lopez,ou=people,dc=example,dc=org",
          entryUUID: "6c3cbb0e-5c1a-103d-8000-0123456789ab", handover: .open, at: 0)
        change.values = [ChangedValue("position", before: [], after: ["Profesional"])]
        change.handoverEvents = [
          HandoverEvent(.granted, at: 1_795_345_525_000),
          HandoverEvent(.received, at: 1_795_345_526_000, by: "Ana", recordedBy: "maria"),
        ]
        return change
      }()
    ])

  @Test("Its shape is the documented one")
  func shape() {
    let expected = """
      {"version":2,"form":"FT-GTI-006","number":"2026-0142","outcome":"applied","department":"Secretaría de Salud",\
      "requester":{"name":"Ana Lucía Rosero"},"approval":{"by":"jefe.sistemas","date":"2026-11-21",\
      "signature":"recorded"},"submitted":{"by":"maria","uid":1004,"file":"nuevo.yaml"},\
      "received":"2026-11-22T11:05:23Z","completed":"2026-11-22T11:05:25Z","digest":"sha256:000fa0ff","ledger":"abc","changes":[{"index":0,"operation":"create",\
      "address":"maria.lopez@putumayo.gov.co","name":"María Fernanda López Ortiz","dn":"uid=maria.lopez,ou=people,dc=example,dc=org",\
      "entryUUID":"6c3cbb0e-5c1a-103d-8000-0123456789ab","outcome":"applied","reason":null,\
      "values":[{"key":"position","before":[],"after":["Profesional"]}],"handover":"open",\
      "handoverEvents":[{"at":"2026-11-22T11:05:25Z","event":"granted"},{"at":"2026-11-22T11:05:26Z",\
      "event":"received","by":"Ana","recordedBy":"maria"}],"error":null}]}

      """
    #expect(String(decoding: Self.applied.json(), as: UTF8.self) == expected)
  }

  @Test("A request that lives says its state, its history and null for what isn't known; a failure says why")
  func living() {
    var record = Self.applied
    record.state = .awaitingSignature
    record.outcome = nil
    record.completed = nil
    record.ledger = nil
    record.submitted?.by = nil
    record.requester.address = "ana.rosero@putumayo.gov.co"
    record.approval = .init(by: "jefe", date: "2026-11-21", reference: "Memorando GTI-231", signature: .verified)
    record.changes = [
      ChangeResult(
        index: 0, operation: "create", address: "a@example.org", name: "Ana Rosero", outcome: .failed,
        error: .init(code: .entryAlreadyExists, diagnostic: "said \"no\"", remedy: "choose some other"), at: 0),
      ChangeResult(index: 1, operation: "delete", address: "b@example.org", reason: "Retiro", outcome: nil, at: 0),
    ]
    record.history = [
      .init(at: Timestamp(seconds: 0), event: "accepted"),
      .init(at: Timestamp(seconds: 1), event: "failed", by: "ana", change: 0, detail: "68"),
    ]
    let expected = """
      {"version":2,"form":"FT-GTI-006","number":"2026-0142","state":"awaiting-signature","outcome":null,\
      "department":"Secretaría de Salud","requester":{"name":"Ana Lucía Rosero",\
      "address":"ana.rosero@putumayo.gov.co"},"approval":{"by":"jefe","date":"2026-11-21",\
      "reference":"Memorando GTI-231","signature":"verified"},\
      "submitted":{"by":null,"uid":1004,"file":"nuevo.yaml"},"received":"2026-11-22T11:05:23Z","completed":null,\
      "digest":"sha256:000fa0ff","ledger":null,"changes":[{"index":0,"operation":"create","address":"a@example.org",\
      "name":"Ana Rosero","dn":null,"entryUUID":null,"outcome":"failed","reason":null,"values":[],\
      "handover":"none","handoverEvents":[],"error":{"code":68,\
      "name":"entryAlreadyExists","diagnostic":"said \\"no\\"","remedy":"choose some other"}},{"index":1,\
      "operation":"delete","address":"b@example.org","name":null,"dn":null,"entryUUID":null,\
      "outcome":null,"reason":"Retiro","values":[],"handover":"none","handoverEvents":[],"error":null}],"history":[{"at":"1970-01-01T00:00:00Z","event":"accepted"},{"at":"1970-01-01T00:00:01Z",\
      "event":"failed","by":"ana","change":0,"detail":"68"}]}

      """
    #expect(String(decoding: record.json(), as: UTF8.self) == expected)
  }

  @Test("The words for states, outcomes and hand-overs are the documented ones")
  func words() {
    #expect(
      RequestState.allCases.map(\.rawValue) == ["awaiting-signature", "ready", "held", "working", "done"])
    #expect(RequestOutcome.allCases.map(\.rawValue) == ["applied", "partly", "failed", "cancelled"])
    #expect(
      ChangeOutcome.allCases.map(\.rawValue) == ["applied", "unchanged", "failed", "undone", "skipped"])
    #expect(HandoverState.allCases.map(\.rawValue) == ["none", "open", "delivered", "closed", "expired"])
    #expect(DeliveryRecord.Approval.Signature.allCases.map(\.rawValue) == ["verified", "recorded", "none"])
  }

  @Test("Ten thousand changes of any text are one valid document", .enabled(if: Python.isThere))
  func large() throws {
    let scratch = try Scratch()
    var random = RandomText(seed: 7)
    var record = Self.applied
    record.changes = (0..<10_000).map { index in
      ChangeResult(
        index: index, operation: "modify", address: random.text(), outcome: .unchanged, dn: random.text(), at: 0)
    }
    try scratch.write(record.json(), to: "record.json")
    let script = """
      import json
      record = json.load(open("record.json", encoding="utf-8"))
      assert [change["index"] for change in record["changes"]] == list(range(10000))
      """
    #expect(try Python.run(script, in: scratch) == 0)
  }
}
