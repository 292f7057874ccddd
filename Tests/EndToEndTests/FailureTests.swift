import Foundation
import Support
import Testing

extension EndToEnd {
  @Suite("A change that the directory can't take")
  struct FailureTests {
    struct Row: Sendable, CustomTestStringConvertible {
      var testDescription: String
      var change: String
      var code: Int
      var name: String

      init(_ what: String, _ change: String, _ code: Int, _ name: String) {
        (testDescription, self.change, self.code, self.name) = (what, change, code, name)
      }
    }

    static let rows = [
      Row(
        "create of an address that an account has",
        "create: {address: tomada@example.org, name: {given: A, family: B}}",
        68, "entryAlreadyExists"),
      Row(
        "create of an address that is an alias", "create: {address: tomada2@example.org, name: {given: A, family: B}}",
        19, "constraintViolation"),
      Row(
        "create with an alias that an account has",
        "create: {address: nueva@example.org, name: {given: A, family: B}, aliases: [tomada@example.org]}", 68,
        "entryAlreadyExists"),
      Row(
        "create of an address of another hand's entry",
        "create: {address: ajena@example.org, name: {given: A, family: B}}", 68, "entryAlreadyExists"),
      Row(
        "modify of nobody", "modify: {address: nadie@example.org, set: {position: X}}", 32, "noSuchObject"),
      Row(
        "modify by an alias", "modify: {address: tomada2@example.org, set: {position: X}}", 32, "noSuchObject"),
      Row(
        "modify of another hand's entry", "modify: {address: ajena@example.org, set: {position: X}}", 53,
        "unwillingToPerform"),
      Row(
        "rename to an address that is taken",
        "modify: {address: libre@example.org, set: {address: tomada@example.org}}", 68, "entryAlreadyExists"),
      Row(
        "members of a person", "modify: {address: libre@example.org, set: {members: [x@example.com]}}", 65,
        "objectClassViolation"),
      Row("delete of nobody", "delete: {address: nadie@example.org}", 32, "noSuchObject"),
    ]

    @Test("is told with code, name, diagnostic and remedy, fails alone, and writes nothing")
    func failures() async throws {
      let place = try EndToEnd.place()
      let site = place.site
      try site.modify(
        """
        dn: \(site.dn("ajena"))
        changetype: add
        objectClass: inetOrgPerson
        cn: Ajena
        sn: Ajena
        mail: ajena@example.org

        """)
      try await place.carryOut(
        form(
          number: "FAIL-1",
          changes: [
            "create: {address: tomada@example.org, name: {given: A, family: B}, aliases: [tomada2@example.org]}",
            "create: {address: libre@example.org, name: {given: A, family: B}}",
          ]), "FAIL-1")
      let before = try ["tomada", "libre", "ajena"].map { try site.entry($0) }

      // One form each: every failure alone.
      for (index, row) in Self.rows.enumerated() {
        let number = "FAIL-2-\(index)"
        let record = try await place.carryOut(form(number: number, changes: [row.change]), number)
        let error = record["changes"][0]["error"]
        #expect(record["outcome"] == "failed" && record["changes"][0]["outcome"] == "failed", "\(row)")
        #expect(error.keys == ["code", "name", "diagnostic", "remedy"], "\(row)")
        #expect(error["code"] == .number(Double(row.code)) && error["name"] == .string(row.name), "\(row): \(error)")
        #expect(error["diagnostic"].text?.isEmpty == false && error["remedy"].text?.isEmpty == false, "\(row)")
        #expect(try site.timesApplied("\(number)#").isEmpty, "\(row)")
      }
      #expect(try ["tomada", "libre", "ajena"].map { try site.entry($0) } == before)

      // All in one form with one that succeeds.
      let rest = Self.rows.filter { !$0.change.contains("tomada2@example.org, name") && !$0.change.contains("nueva") }
      let record = try await place.carryOut(
        form(
          number: "FAIL-3",
          changes: ["modify: {address: libre@example.org, set: {position: Jefa}}"] + rest.map(\.change)), "FAIL-3")
      #expect(record["outcome"] == "partly")
      #expect(record["changes"].array.map { $0["index"].integer } == Array(0...rest.count))
      #expect(
        record["changes"].array.map { $0["outcome"].text } == ["applied"] + rest.map { _ in "failed" })
      #expect(try site.entry("libre")?["title"] == ["Jefa"])
    }
  }
}
