import Forms
import Testing

@Suite("The sample forms")
struct SampleTests {
  @Test("are accepted", arguments: Samples.yaml + ["05-crear.json"])
  func accepted(name: String) throws {
    #expect(problems(try Samples.bytes(name), try rules { $0.domains = ["putumayo.gov.co"] }) == [])
  }

  @Test("with ten mistakes give ten findings, each with its place and a remedy")
  func mistakes() throws {
    let bytes = try Samples.bytes("99-con-errores.yaml")
    guard case .invalid(let findings) = FormReader.read(bytes, rules: try rules { $0.domains = ["putumayo.gov.co"] })
    else {
      Issue.record("the form was accepted")
      return
    }
    #expect(
      findings.map { "\($0.place?.line ?? 0):\($0.place?.column ?? 0) \($0.key)" } == [
        "3:9 number", "7:3 requester.correo", "10:9 approval.date", "13:16 changes[0].create.address",
        "15:14 changes[0].create.quota", "16:16 changes[0].create.expires", "18:16 changes[1].create.address",
        "19:13 changes[1].create.kind", "20:13 changes[1].create.name.family", "21:7 changes[1].create.telefono",
      ])
    #expect(
      findings[4].line(file: "spool/x.yaml")
        == "spool/x.yaml:15:14: changes[0].create.quota: '5' has no unit; write a whole number and a unit: 5 GiB, 500 MiB"
    )
  }

  @Test("and the contract's own form is accepted, change by change")
  func contract() throws {
    let text = """
      form: FT-GTI-006                 # optional; must equal the configured code
      number: 2026-0142                # required
      department: Secretaría de Salud  # required: the department that asks
      requester:                       # required: the responsible official
        name: Ana Lucía Rosero
        address: ana.rosero@putumayo.gov.co      # optional
      approval:                        # required
        by: jefe.sistemas
        date: 2026-11-21               # not in the future
        reference: Memorando GTI-231   # optional
      atomic: false                    # optional; true: all the changes or none
      changes:                         # 1 or more, applied in this order
        - create:
            address: maria.lopez@putumayo.gov.co
            kind: person               # person (default) | functional | list
            name: {given: María Fernanda, family: López Ortiz}   # functional and list: name: {display: Contacto}
            document: "1124850000"     # optional
            position: Profesional universitario
            department: Secretaría de Salud      # default: the form's
            phone: "+57 8 4201515"
            owner: ana.rosero@putumayo.gov.co    # functional accounts and lists: required
            aliases: [mlopez@putumayo.gov.co]
            forward: [maria@example.org]
            keep_copy: true            # default true: forwarded mail is also kept
            lists: [contratistas@putumayo.gov.co]
            quota: 5 GiB               # default: policy.quota
            expires: 2026-12-31        # optional: suspended after this day
        - create: {address: contratistas@putumayo.gov.co, kind: list, name: {display: Contratistas},
                   owner: ana.rosero@putumayo.gov.co, members: [someone@example.org]}   # members: external addresses; our accounts say lists:
        - modify:
            address: juan.perez@putumayo.gov.co
            set: {position: Secretario, quota: 10 GiB, phone: null}   # null clears
            add: {aliases: [jperez@putumayo.gov.co]}
            remove: {forward: [old@example.org]}
        - modify: {address: a.b@putumayo.gov.co, set: {address: ana.b@putumayo.gov.co}}  # rename; the old address stays as an alias
        - modify: {address: a.c@putumayo.gov.co, set: {status: suspended}}               # suspended | active (also brings a retained one back)
        - modify: {address: a.d@putumayo.gov.co, reset: password}                        # a new temporary password
        - adopt: {address: long.here@putumayo.gov.co}                  # an entry that is there already comes under the procedure
        - delete: {address: old.user@putumayo.gov.co, reason: Retiro}  # retained for policy.retention, then purged
        - delete: {address: spam@putumayo.gov.co, immediately: true}
      """
    let request = try request(text, rules { $0.domains = ["putumayo.gov.co"] })
    #expect(
      request.changes.map { "\($0.name) \($0.address.local)" } == [
        "create maria.lopez", "create contratistas", "modify juan.perez", "modify a.b", "modify a.c", "modify a.d",
        "adopt long.here", "delete old.user", "delete spam",
      ])
    guard case .create(let create) = request.changes[0], case .modify(let reset) = request.changes[5] else {
      Issue.record("other changes")
      return
    }
    #expect(create.document == "1124850000" && create.kind == .person && create.keepCopy == true)
    #expect(create.lists.map(\.text) == ["contratistas@putumayo.gov.co"])
    #expect(reset.reset == .password && reset.fields == Change.Fields())
  }
}
