import Testing

@testable import Forms

/// A form that was forgotten in part.
@Suite("A forgotten change")
struct ForgottenFormTests {
  private static let text = """
    number: 2026-1
    department: Salud
    requester: {name: Ana}
    approval: {by: jefe, date: 2026-11-21}
    changes:
      - forgotten: {operation: create}
      - delete: {address: juan@example.org}

    """

  @Test("stands in forms of the register, and is written as it is read")
  func read() throws {
    let form = try FormReader.reread(Array(Self.text.utf8))
    #expect(form.changes[0] == .forgotten(.init(operation: "create")) && form.changes[0].name == "create")
    #expect(form.changes[0].address == Change.Forgotten.address)
    #expect(try FormReader.reread(FormWriter.write(form)) == form)
  }

  @Test("is refused in a form from outside")
  func outside() throws {
    #expect(problems(Array(Self.text.utf8), try rules()).contains { $0.contains("no such key") })
  }
}
