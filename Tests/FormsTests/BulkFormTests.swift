import Forms
import Testing

@Suite("A bulk form")
struct BulkFormTests {
  @Test("of ten thousand creates is read")
  func creates() throws {
    var text = header
    for number in 0..<10_000 {
      text += """
        - create:
            address: maria.lopez\(number)@example.org
            name: {given: María Fernanda, family: López Ortiz}
            document: "\(1_124_850_000 + number)"
            aliases: [mlopez\(number)@example.org]
            quota: 5 GiB

        """
    }
    let request = try request(text, rules { $0.formSize = 4 << 20 })
    #expect(request.changes.count == 10_000)
    #expect(request.changes.last?.address.text == "maria.lopez9999@example.org")
  }

  @Test("with a mistake in each change tells a hundred and counts the others")
  func mistakes() throws {
    let text = header + String(repeating: "- adopt: {address: a}\n", count: 1000)
    let findings = problems(Array(text.utf8), try rules())
    #expect(findings.count == 101)
    #expect(findings.first == "6:20: changes[0].adopt.address: 'a' is not an address: it has no @")
    #expect(findings.last == "106:20: changes[100].adopt.address: and 900 more findings")
  }
}
