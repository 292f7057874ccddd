import Support
import Testing

/// `buzon requests`: what was asked for, done or not.
@Suite("The list of requests")
struct RequestsTests {
  @Test("has all, in their order, and filters them by day, department, outcome and state")
  func filters() async throws {
    let place = try Site().workplace("requests")
    let agent = try await place.agent()
    try await place.carryOut(
      form(
        number: "L-1", department: "Salud", changes: ["create: {address: l1@example.org, name: {given: A, family: B}}"]),
      "L-1")
    try await place.carryOut(
      form(number: "L-2", department: "Archivo", changes: ["delete: {address: nadie@example.org}"]), "L-2")
    #expect(await agent.end() == 0)

    func numbers(_ options: String...) async throws -> [String] {
      let answer = try await JSON(place.start(["requests", "--json"] + options).outcome().output)
      #expect(answer["version"] == 1)
      return answer["requests"].array.compactMap { $0["number"].text }
    }
    #expect(try await numbers() == ["L-1", "L-2"])
    #expect(try await numbers("--outcome", "failed") == ["L-2"])
    #expect(try await numbers("--department", "Salud", "--state", "done") == ["L-1"])
    #expect(try await numbers("--state", "held").isEmpty)
    #expect(try await numbers("--since", "2020-01-01", "--until", "2999-12-31") == ["L-1", "L-2"])
    #expect(try await numbers("--since", "2999-01-01").isEmpty)
    #expect(try await numbers("--until", "2020-01-01").isEmpty)
    let first = try await place.answer("requests")["requests"][0]
    #expect(
      first.keys == [
        "number", "state", "outcome", "received", "completed", "changes", "department", "requester", "submitted",
      ])

    let text = try await place.run("requests")
    #expect(text.output.split(separator: "\n").count == 3 && text.output.contains("L-2"), "\(text.output)")
    let none = try await place.run("requests", "--state", "held")
    #expect(none.status == 0 && none.output.isEmpty && none.errors.contains("no such requests"))
    let mistyped = try await place.run("requests", "--department", "salut")
    #expect(
      mistyped.status == 0
        && mistyped.errors == "buzon: no request has the department 'salut'; did you mean 'Salud'?\n", "\(mistyped)")
    let elsewhere = try await place.run("handover", "--department", "Archibo")
    #expect(elsewhere.status == 0 && elsewhere.errors.contains("has the department 'Archibo'"), "\(elsewhere)")
    for wrong in [["--since", "ayer"], ["--outcome", "good"], ["--state", "sleeping"]] {
      #expect(try await place.start(["requests"] + wrong, environment: [:]).outcome().status == 64)
    }
  }
}
