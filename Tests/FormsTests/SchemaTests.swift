import Forms
import Testing

/// `schema/request.schema.json` is held against the reader: what the reader accepts the schema accepts, and what the
/// reader refuses the schema refuses, but for the rows that say why it can't.
@Suite("The schema of the form")
struct SchemaTests {
  private static let tables = [
    Row.accepted, Row.refusedDocuments, Row.refusedForms, Row.refusedAddresses, Row.refusedCreates,
    Row.refusedModifies, Row.refusedDeletes, Row.refusedJSON, Row.ofSchema,
  ].flatMap(\.self)

  @Test("and the reader judge every form of the tables alike, but for what a schema can't see")
  func equality() async throws {
    let rows = Self.tables
    #expect(rows.count >= 150 && Set(rows.map(\.name)).count == rows.count)
    let rules = try rules()
    let verdicts = try await JSONSchemaValidator.verdicts(of: rows.map(\.bytes))
    var unused = Set(Row.invisibleToTheSchema.keys)
    for (row, verdict) in zip(rows, verdicts) {
      let isAccepted = problems(row.bytes, rules).isEmpty
      #expect(isAccepted == row.findings.isEmpty, "\(row.name)")
      if isAccepted {
        #expect(verdict == .valid, "the reader accepts, the schema doesn't: \(row.name)")
      } else if let reason = Row.invisibleToTheSchema[row.name] {
        unused.remove(row.name)
        #expect(verdict == .valid, "the schema does see \(row.name) (\(reason))")
      } else {
        #expect(verdict != .valid, "the reader refuses, the schema doesn't: \(row.name)")
      }
    }
    #expect(unused.isEmpty, "no such refused rows: \(unused)")
  }

  @Test("accepts the sample forms, and refuses the one with mistakes")
  func samples() async throws {
    let good = Samples.yaml + ["05-crear.json"]
    let verdicts = try await JSONSchemaValidator.verdicts(of: (good + ["99-con-errores.yaml"]).map(Samples.bytes))
    #expect(verdicts == good.map { _ in .valid } + [.invalid])
  }

  @Test("accepts what the writer writes")
  func written() async throws {
    var random = RandomRequests(seed: 77)
    let forms = (0..<200).map { _ in FormWriter.write(random.request()) }
    let verdicts = try await JSONSchemaValidator.verdicts(of: forms)
    for (form, verdict) in zip(forms, verdicts) where verdict != .valid {
      Issue.record("\(verdict): \(String(decoding: form, as: UTF8.self))")
    }
  }
}
