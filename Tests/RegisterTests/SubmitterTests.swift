import Testing

@testable import Register

@Suite struct SubmitterTests {
  @Test func whoDroppedAFormIsStoredWithItsAcceptance() async throws {
    let test = try TestRegister()
    var forms = ["named", "nameless", "clock"].map { Sample.form($0) }
    forms[0].submitter = Submitter(uid: 1_004, name: "maria")
    forms[1].submitter = Submitter(uid: .max)
    _ = try await test.register.accept(forms).value()
    #expect(try test.register.request(number: "named")?.submitter == Submitter(uid: 1_004, name: "maria"))
    #expect(try test.register.request(number: "nameless")?.submitter == Submitter(uid: 4_294_967_295))
    #expect(try test.register.request(number: "clock")?.submitter == nil)
  }

  @Test func theSameFormOfSomebodyElseChangesNothing() async throws {
    let test = try TestRegister()
    var form = Sample.form("1")
    form.submitter = Submitter(uid: 1_004, name: "maria")
    _ = try await test.register.accept([form]).value()
    form.submitter = Submitter(uid: 0, name: "root")
    guard case .repeated = try await test.register.accept([form]).value()[0] else {
      Issue.record("not known")
      return
    }
    #expect(try test.register.request(number: "1")?.submitter?.name == "maria")
  }

  @Test func aSubmitterIsShownByNameAndNumber() {
    #expect(Submitter(uid: 1_004, name: "maria").description == "maria (uid 1004)")
    #expect(Submitter(uid: 1_004).description == "uid 1004")
  }
}
