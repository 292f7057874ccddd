import Forms
import Testing
import Text

@testable import Register

@Suite("Forms that wait for their signature") struct UnsignedFormsTests {
  private let test: TestRegister
  private var register: Register { test.register }

  init() throws { test = try TestRegister() }

  private func form(_ number: String, _ text: String = "form", until: Int64? = 100) -> ReceivedForm {
    var form = Sample.form(number, Array(text.utf8))
    form.awaitsUntil = until
    return form
  }

  private func accept(_ forms: ReceivedForm...) async throws -> [Acceptance] {
    try await register.accept(forms).value()
  }

  @Test func aFormThatWaitsIsNoRequestAndUsesUpNoNumber() async throws {
    guard case .awaiting(100, isNew: true) = try await accept(form("1"))[0] else { throw Unexpected() }
    #expect(try register.request(number: "1") == nil && register.standing(of: "1") == nil)
    #expect(try register.openRequests().isEmpty)
    #expect(try register.unsignedCount() == 1)
    #expect(try register.waitingCounts()[.awaitingSignature] == 1)
    #expect(try register.queueHead(5).map(\.state) == [.awaitingSignature])
    let waiting = try #require(try register.queue().first)
    #expect(waiting.state == .awaitingSignature && waiting.awaits?.until == 100 && waiting.awaits?.file == "1.yaml")
    #expect(try register.isUnsigned(number: "1", digest: Sample.form("1").digest))
    var listed: [RequestState] = []
    try register.forEachRequest(since: .min, until: .max) { listed.append($0.state) }
    #expect(listed == [.awaitingSignature])
  }

  @Test func theSameFormWaitsOnceAndKeepsItsTerm() async throws {
    _ = try await accept(form("1"))
    var again = form("1", until: 900)
    again.signature = [1, 2]
    guard case .awaiting(_, isNew: false) = try await accept(again)[0] else { throw Unexpected() }
    let waiting = try register.unsigned(number: "1")
    #expect(waiting.count == 1 && waiting[0].until == 100 && waiting[0].signature == [1, 2])
    // One without doesn't take it away.
    _ = try await accept(form("1"))
    #expect(try register.unsigned(signed: true, limit: 9).map(\.number) == ["1"])
    try await register.dropSignature(waiting[0].id).value()
    #expect(try register.unsigned(signed: true, limit: 9).isEmpty)
  }

  @Test func aFormThatIsBoundToAPlanStaysBound() async throws {
    var bound = form("1")
    bound.plan = [4, 5]
    _ = try await accept(bound)
    // One without doesn't take it away; a newer one takes its place.
    _ = try await accept(form("1"))
    #expect(try register.unsigned(number: "1")[0].plan == [4, 5])
    bound.plan = [6]
    _ = try await accept(bound)
    #expect(try register.unsigned(number: "1")[0].plan == [6])
    var signed = form("1", until: nil)
    signed.plan = [6]
    guard case .accepted(let id) = try await accept(signed)[0] else { throw Unexpected() }
    #expect(try register.request(number: "1")?.plan == [6])
    let line = try #require(try register.ledger(of: id).first)
    #expect(line.openings["plan"]?.value == hexadecimal(Register.digest(of: [6])))

    #expect(try register.planStanding(of: id) == PlanStanding(isBegun: false, stop: nil))
    let stop = PlanStanding.Stop(index: 2, code: 122, what: "moved", remedy: "plan again")
    try await register.stopPlanned(id, because: stop).value()
    try await register.stopPlanned(id, because: .init(index: 3, code: 68, what: "later", remedy: "")).value()
    #expect(try register.planStanding(of: id).stop == stop, "what was found first stays")
  }

  @Test func whatIsSignedIsARequestAndWaitsNoLonger() async throws {
    _ = try await accept(form("1"), form("1", "other"))
    var signed = form("1", until: nil)
    (signed.signature, signed.signedKey, signed.signed) = ([7], "SHA256:x", Sample.time + 5)
    guard case .accepted(let id) = try await accept(signed)[0] else { throw Unexpected() }
    let stored = try #require(try register.request(number: "1"))
    #expect(stored.signedKey == "SHA256:x" && stored.signature == [7])
    let event = try #require(try register.events(of: id).first { $0.event == "signed" })
    #expect(event.actor == "jefe" && event.detail == "SHA256:x" && event.at == Sample.time + 5)
    #expect(try register.hasSigned(file: "1.yaml") && register.hasSigned(file: "1.yaml", signature: [7]))
    #expect(try !register.hasSigned(file: "1.yaml", signature: [8]) && !register.hasSigned(file: "2.yaml"))
    // The other form of its number can't have it any more.
    #expect(try register.unsigned(number: "1").map(\.bytes) == [Array("other".utf8)])
    #expect(try await register.refuseUnsigned(at: 0, expired: nil, taken: "taken").value() == 1)
    #expect(try register.refusedUnsigned(limit: 9).map(\.refused) == ["taken"])
    // Dropped again, the signed one is known.
    guard case .repeated = try await accept(form("1"))[0] else { throw Unexpected() }
    guard case .numberTaken = try await accept(form("1", "third"))[0] else { throw Unexpected() }
  }

  @Test func whatNobodySignsInTimeIsRefusedAndForgottenWhenItIsPutAway() async throws {
    _ = try await accept(form("1", until: 100), form("2", until: 200))
    var checked = form("3", until: 100)
    checked.signature = [1]
    _ = try await accept(checked)
    #expect(try await register.refuseUnsigned(at: 150, expired: "late", taken: "").value() == 1)
    let refused = try register.refusedUnsigned(limit: 9)
    #expect(refused.map(\.number) == ["1"] && refused.map(\.refused) == ["late"])
    #expect(try register.unsignedCount() == 2 && register.unsignedFiles() == ["2.yaml", "3.yaml"])
    try await register.forgetRefused(refused[0].id).value()
    #expect(try register.refusedUnsigned(limit: 9).isEmpty)
    // Only what is refused is forgotten.
    let waiting = try register.unsigned(number: "2")[0]
    try await register.forgetRefused(waiting.id).value()
    #expect(try register.unsigned(number: "2").count == 1)
  }

  @Test func whatIsBeingRefusedAndComesAgainWaitsAnew() async throws {
    _ = try await accept(form("1", until: 100))
    let id = try register.unsigned(number: "1")[0].id
    #expect(try await register.refuseUnsigned(id, report: "cancelled").value())
    #expect(try await !register.refuseUnsigned(id, report: "again").value())
    #expect(try register.unsigned(number: "1").isEmpty)
    guard case .awaiting(_, isNew: true) = try await accept(form("1", until: 300))[0] else { throw Unexpected() }
    #expect(try register.unsigned(number: "1").map(\.until) == [300])
  }

  @Test func formsOfOneFileNameAreTriedTheNewestFirst() async throws {
    for (number, text) in [("1", "a"), ("2", "b"), ("3", "c")] {
      var one = form(number, text)
      one.file = "same.yaml"
      _ = try await accept(one)
    }
    #expect(try register.unsigned(file: "same.yaml", limit: 2).map(\.number) == ["3", "2"])
    #expect(try register.unsigned(number: "2").map(\.others) == [0])
  }

  private struct Unexpected: Error {}
}
