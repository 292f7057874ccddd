import LDAP
import SlapdFiles
import Testing

@testable import Desk

@Suite("A definition of the schema")
struct SchemaDefinitionTests {
  private static let macros = ["{0}buzon 2.25.7", "{1}buzonAttribute buzon:1"]

  @Test("compares by what it defines, however it is spelled")
  func spelled() {
    let ours = SchemaDefinition(
      "( buzonAttribute:1 NAME 'buzonKind'  DESC 'what it (is) for' EQUALITY x SYNTAX 1.2{32} )", macros: Self.macros)
    let shown = SchemaDefinition(
      "{3}( 2.25.7.1.1 NAME 'buzonKind' DESC 'another' EQUALITY x SYNTAX 1.2{32} )", macros: [])
    #expect(ours == shown && ours.name == "buzonKind")
    let other = SchemaDefinition("( 2.25.7.1.1 NAME 'buzonKind' EQUALITY x SYNTAX 1.2{64} )", macros: [])
    #expect(ours != other)
  }
}

@Suite("The files of config/slapd")
struct SlapdFilesTests {
  @Test("are read by our own reader, with every mark filled in", arguments: SlapdFile.allCases)
  func areRead(file: SlapdFile) throws {
    let values = SlapdFile.Values(
      suffix: "dc=example,dc=org", database: "olcDatabase={1}mdb,cn=config", agentUID: 7, agentGID: 8,
      mailPassword: "secret")
    let text = file.text(values)
    #expect(
      !String(decoding: text, as: UTF8.self).split(separator: "\n").contains { !$0.hasPrefix("#") && $0.contains("@") })
    switch file {
    case .modules, .schema: #expect(try LDIF.entries(text).count == 1)
    default: #expect(try !LDIF.changes(text).isEmpty)
    }
  }

  @Test("lack nothing of a configuration that has all of it, and each record of one that has none")
  func needs() throws {
    let values = SlapdFile.Values(
      suffix: "dc=example,dc=org", database: "", agentUID: 7, agentGID: 8, mailPassword: "")
    let database = Entry(
      dn: try DN(parsing: "olcDatabase={1}mdb,cn=config"),
      attributes: [Attribute("olcSuffix", ["dc=example,dc=org"]), Attribute("olcDatabase", ["{1}mdb"])])
    let steps = try DirectoryNeeds.steps([database], values, isExternal: true, mailSchema: nil)
    #expect(
      steps.map(\.subject) == [
        .modules, .mailSchema, .schema, .syncprov, .ppolicy, .unique, .indexes, .limits, .addContent, .access,
        .identity,
      ])
    #expect(try DirectoryNeeds.steps([], values, isExternal: true, mailSchema: nil).map(\.subject) == [.database])
  }
}
