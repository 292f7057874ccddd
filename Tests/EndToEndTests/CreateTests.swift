import Foundation
import Sandbox
import Support
import Testing

extension EndToEnd {
  @Suite("A create")
  struct CreateTests {
    /// Spelled as people do, so that the archive has something to change: comments, a tab, trailing spaces.
    private static let text = """
      # Apertura  \u{20}
      form: FT-GTI-006
      number: CREATE-1
      department: Secretaría de Salud
      requester: {name: Ana Lucía Rosero, address: ana.rosero@example.org}
      approval: {by: jefe.sistemas, date: \(today()), reference: Memorando GTI-231}
      changes:
        - create:
            address: Maria.Lopez@Example.org
            kind: person
            name: {given: María Fernanda, family: López Ortiz}
            document: "1124850000"
            position: Profesional universitario
            department: Hacienda
            phone: "+57 8 4201515"
            owner: ana.rosero@example.org
            aliases: [mlopez@example.org, mafe@example.org]
            forward: [maria@example.com]
            keep_copy: false
            lists: [contratistas@example.org]
            quota: 512 MiB
            expires: 2099-12-31
        - create:
            address: contacto@example.org
            kind: functional
            name: {display: "Contacto, \\"PQR\\""}
            owner: maria.lopez@example.org
        - create: {address: contratistas@example.org, kind: list, name: {display: =Contratistas},
                   owner: maria.lopez@example.org, members: [interventor@example.com]}

      """

    @Test("with every field is an entry, a delivery record, an archived form and a line of the list")
    func everyField() async throws {
      let place = try EndToEnd.place()
      let owner = "create: {address: ana.rosero@example.org, name: {given: Ana, family: Rosero}}"
      try await place.carryOut(form(number: "CREATE-0", changes: [owner]), "CREATE-0")
      let record = try await place.carryOut(Self.text, "CREATE-1")
      try expectEntries(place.site)
      try await expectRecord(record, place)
      try await expectLists(place)
    }

    private func expectEntries(_ site: Site) throws {
      let person = try #require(try site.entry("maria.lopez"))
      let people: [String: Set<String>] = [
        "objectclass": ["inetOrgPerson", "inetLocalMailRecipient", "buzonAccount"],
        "uid": ["maria.lopez"], "cn": ["María Fernanda López Ortiz"], "displayname": ["María Fernanda López Ortiz"],
        "givenname": ["María Fernanda"], "sn": ["López Ortiz"], "mail": ["maria.lopez@example.org"],
        "maillocaladdress": ["maria.lopez@example.org", "mlopez@example.org", "mafe@example.org"],
        "employeenumber": ["1124850000"], "title": ["Profesional universitario"], "ou": ["Hacienda"],
        "telephonenumber": ["+57 8 4201515"], "buzonkind": ["person"], "buzonstatus": ["active"],
        "buzonquota": ["536870912"], "buzonforward": ["maria@example.com"], "buzonkeepcopy": ["FALSE"],
        "buzonowner": ["ana.rosero@example.org"], "buzonlist": ["contratistas@example.org"],
        "buzonexpires": ["20991231235959Z"], "buzonrequest": ["CREATE-1#0"], "pwdreset": ["TRUE"],
      ]
      for (name, values) in people { #expect(Set(person[name]) == values, "\(name)") }
      #expect(person["userPassword"].count == 1 && person["userPassword"][0].hasPrefix("{SSHA}"))
      #expect(person["creatorsName"] == [site.sandbox.agent])
      // The password's life and 30 days; 30 + 30 by default.
      let end = try #require(person["pwdEndTime"].first?.prefix(8))
      let formatter = DateFormatter()
      formatter.dateFormat = "yyyyMMdd"
      formatter.timeZone = TimeZone(identifier: "UTC")
      formatter.locale = Locale(identifier: "en_US_POSIX")
      #expect([59, 60].map { formatter.string(from: Date(timeIntervalSinceNow: $0 * 86_400)) }.contains(String(end)))
      // Nothing beside what was asked but what the directory itself keeps.
      let kept = Set(people.keys).union(["userpassword", "pwdendtime"])
      let own: Set<String> = [
        "structuralobjectclass", "entryuuid", "creatorsname", "createtimestamp", "entrycsn", "modifiersname",
        "modifytimestamp", "entrydn", "subschemasubentry", "hassubordinates", "pwdchangedtime",
      ]
      #expect(Set(person.values.keys).subtracting(own) == kept)

      let functional = try #require(try site.entry("contacto"))
      #expect(functional["displayName"] == ["Contacto, \"PQR\""] && functional["buzonKind"] == ["functional"])
      #expect(functional["ou"] == ["Secretaría de Salud"], "the form's department is the default")
      #expect(functional["buzonQuota"] == ["5368709120"], "policy.quota is the default")
      #expect(functional["pwdReset"] == ["TRUE"])
      let list = try #require(try site.entry("contratistas"))
      #expect(list["buzonMember"] == ["interventor@example.com"] && list["buzonKind"] == ["list"])
      #expect(list["userPassword"].isEmpty && list["buzonQuota"].isEmpty, "nobody logs in to a list")
    }

    private func expectRecord(_ record: JSON, _ place: Workplace) async throws {
      let archive = try #require(place.paths(below: "forms", suffix: ".yaml")["CREATE-1"])
      #expect(try Data(contentsOf: URL(fileURLWithPath: archive)) == Data(Self.text.utf8), "byte for byte")
      func change(_ index: Int, _ uid: String, _ handover: String) throws -> JSON {
        let entry = try #require(try place.site.entry(uid))
        let recorded = record["changes"][index]
        #expect(recorded["handoverEvents"].array.map { $0["event"] } == (handover == "open" ? ["granted"] : []))
        #expect(
          recorded["values"].array.contains(["key": "address", "before": [], "after": [.string("\(uid)@example.org")]]))
        return [
          "index": .number(Double(index)), "operation": "create", "address": .string("\(uid)@example.org"),
          "name": .string(entry["cn"][0]), "reason": nil, "values": recorded["values"],
          "handoverEvents": recorded["handoverEvents"], "dn": .string(place.site.dn(uid)),
          "entryUUID": .string(entry["entryUUID"][0]),
          "outcome": "applied", "handover": .string(handover), "error": nil,
        ]
      }
      let expected: JSON = [
        "version": 2, "form": "FT-GTI-006", "number": "CREATE-1", "outcome": "applied",
        "department": "Secretaría de Salud",
        "requester": ["name": "Ana Lucía Rosero", "address": "ana.rosero@example.org"],
        "approval": [
          "by": "jefe.sistemas", "date": .string(today()), "reference": "Memorando GTI-231", "signature": "recorded",
        ],
        "submitted": [
          "by": getpwuid(geteuid()).map { .string(String(cString: $0.pointee.pw_name)) } ?? nil,
          "uid": .number(Double(geteuid())), "file": record["submitted"]["file"],
        ],
        // What nobody can foretell is looked at below.
        "received": record["received"], "completed": record["completed"], "ledger": record["ledger"],
        "digest": .string(try await sha256(archive)),
        "changes": [
          try change(0, "maria.lopez", "open"), try change(1, "contacto", "open"),
          try change(2, "contratistas", "none"),
        ],
      ]
      #expect(record == expected)
      let time = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/
      for key in ["received", "completed"] { #expect(record[key].text?.wholeMatch(of: time) != nil, "\(key)") }
      let hash = try #require(record["ledger"].text)
      let ledger = try SQLite.rows(
        place.state + "/register.sqlite", "SELECT line FROM ledger WHERE lower(hex(hash)) = '\(hash)'")
      #expect(ledger.count == 1 && ledger[0]["line"]?.text?.contains("\"number\":\"CREATE-1\"") == true)
      #expect(mode(archive) == "640")
    }

    private func expectLists(_ place: Workplace) async throws {
      #expect(try await comesTrue { try place.listed("contratistas@example.org") != nil })
      let row = try #require(try place.listed("maria.lopez@example.org"))
      let expected: JSON = [
        "address": "maria.lopez@example.org", "kind": "person", "name": "María Fernanda López Ortiz",
        "department": "Hacienda", "position": "Profesional universitario", "status": "active",
        "aliases": ["mlopez@example.org", "mafe@example.org"], "quota": 536_870_912,
        "owner": "ana.rosero@example.org", "lists": ["contratistas@example.org"], "created": row["created"],
        "changed": row["changed"], "handover": "open",
      ]
      #expect(row == expected)
      let csv = try String(contentsOfFile: place.records + "/accounts/accounts.csv", encoding: .utf8)
      let lines = csv.components(separatedBy: "\r\n")
      #expect(
        lines[0]
          == "address,kind,name,department,position,status,aliases,quota,owner,lists,created,changed,handover,drift")
      let line = try #require(lines.first { $0.hasPrefix("maria.lopez@") })
      #expect(
        line.hasPrefix(
          "maria.lopez@example.org,person,María Fernanda López Ortiz,Hacienda,Profesional universitario,active,"
            + "mlopez@example.org mafe@example.org,536870912,ana.rosero@example.org,contratistas@example.org,"))
      #expect(line.hasSuffix(",open,"))
      #expect(csv.contains("\r\ncontacto@example.org,functional,\"Contacto, \"\"PQR\"\"\","), "RFC 4180")
      #expect(csv.contains("\r\ncontratistas@example.org,list,\"'=Contratistas\","), "no formula in a spreadsheet")
      #expect(mode(place.records + "/accounts/accounts.csv") == "640")
    }

    @Test("whose local part is taken in another domain is named with a number behind it")
    func sameLocalPart() async throws {
      let place = try EndToEnd.place()
      try await place.carryOut(
        form(
          number: "CREATE-2",
          changes: [
            "create: {address: gemelo@example.org, name: {given: Uno, family: Mora}}",
            "create: {address: gemelo@putumayo.gov.co, name: {given: Dos, family: Mora}}",
          ]), "CREATE-2")
      let found = try place.site.search(filter: "(sn=Mora)", attributes: ["mail", "uid"])
        .filter { $0["mail"][0].hasPrefix("gemelo@") }
      #expect(Set(found.map(\.dn)) == [place.site.dn("gemelo"), place.site.dn("gemelo-2")])
      #expect(Set(found.map { $0["mail"][0] }) == ["gemelo@example.org", "gemelo@putumayo.gov.co"])
    }

    @Test("in JSON is the same as one in YAML")
    func samples() async throws {
      let place = try EndToEnd.place()
      let text = """
        {"number": "CREATE-3", "department": "Planeaci\\u00f3n", "requester": {"name": "Ana"},
         "approval": {"by": "jefe", "date": "\(today())"},
         "changes": [{"create": {"address": "diego@example.org", "name": {"given": "Diego", "family": "Cabrera"}}}]}
        """
      try place.drop(text, as: "CREATE-3.json")
      #expect(try await place.recorded("CREATE-3")["outcome"] == "applied")
      #expect(try place.site.entry("diego")?["ou"] == ["Planeación"])
    }

    @Test("makes folders and files that are closed to others")
    func modes() async throws {
      let place = try EndToEnd.place()
      try await place.carryOut(
        form(number: "CREATE-4", changes: ["create: {address: cerrado@example.org, name: {given: C, family: D}}"]),
        "CREATE-4")
      let delivery = try #require(place.paths(below: "deliveries", suffix: ".json")["CREATE-4"])
      let expected = [
        place.spool + "/incoming": "3730", place.spool + "/taken": "700", place.spool + "/rejected": "750",
        place.state: "700", place.state + "/register.sqlite": "600", place.state + "/slips.key": "600",
        place.records: "750", delivery: "640", URL(fileURLWithPath: delivery).deletingLastPathComponent().path: "750",
      ]
      for (path, bits) in expected { #expect(mode(path) == bits, "\(path)") }
    }
  }
}
