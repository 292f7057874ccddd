import Foundation
import Support
import Testing

extension EndToEnd {
  @Suite("Signed approvals")
  struct SignedTests {
    private static func create(_ number: String, by: String = "jefe.sistemas", requester: String = "{name: Ana Rosero}")
      -> String
    {
      form(
        number: number,
        changes: [
          "create: {address: \(number.lowercased())@example.org, name: {given: Ana, family: Rojas}}"
        ]
      ).replacing("approval: {by: jefe.sistemas", with: "approval: {by: \(by)")
        .replacing("requester: {name: Ana Lucía Rosero}", with: "requester: \(requester)")
    }

    /// A place whose forms the one approver must sign.
    private static func place(
      _ more: String = "", _ lines: (Signing) throws -> [String] = { [try $0.line("jefe.sistemas", "boss")] }
    )
      async throws -> (Workplace, Signing)
    {
      let place = try EndToEnd.place().site.workplace("signed")
      let signing = try Signing(place)
      for name in ["boss", "stranger"] { try await signing.make(name) }
      try lines(signing).map { $0 + "\n" }.joined().write(toFile: signing.signers, atomically: true, encoding: .utf8)
      try place.configure(signing.options(more))
      return (place, signing)
    }

    private static func drop(_ form: String, _ signature: Data?, as name: String, in place: Workplace) throws {
      if let signature { try place.drop(signature, as: name + ".sig") }
      try place.drop(form, as: name)
    }

    private static func state(_ number: String, _ place: Workplace) async throws -> String? {
      try await place.answer("show", number)["state"].text
    }

    /// Waits until a form waits for its signature.
    private static func waits(_ number: String, _ place: Workplace) async -> Bool {
      (try? await comesTrue { try await state(number, place) == "awaiting-signature" }) ?? false
    }

    @Test("A signed form is applied; record, page and terminal name the key, and its signature is archived")
    func good() async throws {
      let (place, signing) = try await Self.place()
      let form = Self.create("SI-1")
      let signature = try await signing.signature(of: form, by: "boss")
      try Self.drop(form, signature, as: "a.yaml", in: place)
      let run = try await place.run("run", "--once")
      #expect(run.status == 0, "\(run.errors)")
      let record = try #require(try place.record("SI-1"))
      #expect(record["outcome"] == "applied")
      #expect(record["approval"]["signature"] == "verified")
      let key = try #require(record["approval"]["key"].text)
      #expect(key.hasPrefix("SHA256:"))
      let shown = try await place.run("show", "SI-1").output
      #expect(shown.contains("verified, key \(key)") && shown.contains("signed by jefe.sistemas: \(key)"), "\(shown)")
      let page = try await place.run("show", "SI-1", "--html").output
      #expect(page.contains("Verificada") && page.contains(key))
      let path = try #require(place.paths(below: "forms", suffix: ".yaml")["SI-1"])
      #expect(try Data(contentsOf: URL(fileURLWithPath: path + ".sig")) == signature)
      #expect(place.names(in: place.spool + "/taken") == [] && place.names(in: place.spool + "/incoming") == [])
    }

    @Test(
      "Without a signature a form waits, and everything shows it; the signature may come later, under its file's name")
    func later() async throws {
      let (place, signing) = try await Self.place()
      let form = Self.create("SI-2")
      try Self.drop(form, nil, as: "b.yaml", in: place)
      let once = try await place.run("run", "--once")
      #expect(once.status == 75 && once.errors.contains(" request.unsigned "), "\(once.errors)")
      #expect(try await Self.state("SI-2", place) == "awaiting-signature")
      #expect(try await place.run("queue").output.contains("awaiting-signature"))
      #expect(try await place.answer("queue")["requests"][0]["until"].text != nil)
      #expect(try await place.run("requests", "--state", "awaiting-signature").output.contains("SI-2"))
      let status = try await place.answer("status")
      #expect(status["waiting"]["states"]["awaiting-signature"] == 1, "\(status)")
      #expect(status["waiting"]["first"][0]["until"].text != nil)
      #expect(try place.record("SI-2") == nil)
      for verb in ["hold", "release"] { #expect(try await place.run(verb, "SI-2").status == 1) }

      let agent = try await place.agent()
      try place.drop(try await signing.signature(of: form, by: "boss"), as: "b.yaml.sig")
      let record = try await place.recorded("SI-2")
      #expect(record["approval"]["signature"] == "verified" && record["submitted"]["file"] == "b.yaml")
      #expect(await agent.end() == 0)
      let events = try await place.answer("show", "SI-2")["history"].array.map { $0["event"].text ?? "" }
      #expect(Array(events.prefix(4)) == ["received", "awaiting-signature", "accepted", "signed"], "\(events)")
    }

    @Test("The signature may come before its form, and twice")
    func before() async throws {
      let (place, signing) = try await Self.place()
      let form = Self.create("SI-3")
      let signature = try await signing.signature(of: form, by: "boss")
      try place.drop(signature, as: "c.yaml.sig")
      #expect(try await place.run("run", "--once").status == 0)
      #expect(place.names(in: place.spool + "/incoming") == ["c.yaml.sig"])
      try place.drop(form, as: "c.yaml")
      #expect(try await place.run("run", "--once").status == 0)
      #expect(try place.record("SI-3")?["outcome"] == "applied")
      try place.drop(signature, as: "c.yaml.sig")
      let again = try await place.run("run", "--once")
      #expect(again.status == 0 && again.errors.contains(" signature.repeated "), "\(again.errors)")
      #expect(place.names(in: place.spool + "/incoming") == [] && place.names(in: place.spool + "/rejected") == [])
      #expect(try place.site.timesApplied("SI-3#").values.allSatisfy { $0 == 1 })
    }

    /// What a signature is made of, and what its report says.
    struct Wrong: Sendable, CustomTestStringConvertible {
      var testDescription: String
      var report: String
      var signature: @Sendable (_ form: String, _ signing: Signing) async throws -> Data
    }

    private static let wrongs: [Wrong] = [
      Wrong(testDescription: "a form altered by one byte", report: "changed after it was signed") {
        try await $1.signature(of: $0.replacing("Rojas", with: "Rojaz"), by: "boss")
      },
      Wrong(testDescription: "a signature of the same form under another number", report: "changed after it was signed")
      {
        try await $1.signature(of: $0.replacing("number: SI-", with: "number: SJ-"), by: "boss")
      },
      Wrong(testDescription: "a stranger's key", report: "the allowed signers don't have it") {
        try await $1.signature(of: $0, by: "stranger")
      },
      Wrong(testDescription: "an expired key", report: "expired") { form, signing in
        try await signing.make("old")
        try signing.allow(
          signing.line("jefe.sistemas", "boss"), signing.line("jefe.sistemas", "old", "valid-before=\"20200101\""))
        return try await signing.signature(of: form, by: "old")
      },
      Wrong(testDescription: "a key that is not valid yet", report: "not yet valid") { form, signing in
        try await signing.make("new")
        try signing.allow(
          signing.line("jefe.sistemas", "boss"), signing.line("jefe.sistemas", "new", "valid-after=\"20900101\""))
        return try await signing.signature(of: form, by: "new")
      },
      Wrong(testDescription: "another approver's key", report: "it is jefe.salud's") { form, signing in
        try await signing.make("other")
        try signing.allow(signing.line("jefe.sistemas", "boss"), signing.line("jefe.salud", "other"))
        return try await signing.signature(of: form, by: "other")
      },
      Wrong(testDescription: "a certificate that has expired", report: "does not sign for jefe.sistemas") {
        form, signing in
        for name in ["authority", "clerk"] { try await signing.make(name) }
        try await signing.certify("clerk", by: "authority", "jefe.sistemas", valid: "20200101:20200102")
        try signing.allow(
          signing.line("jefe.sistemas", "boss"), signing.line("jefe.sistemas", "authority", "cert-authority"))
        return try await signing.signature(of: form, by: "clerk-cert.pub")
      },
      Wrong(testDescription: "a certificate for another principal", report: "does not sign for jefe.sistemas") {
        form, signing in
        for name in ["authority", "clerk"] { try await signing.make(name) }
        try await signing.certify("clerk", by: "authority", "jefe.salud")
        try signing.allow(signing.line("jefe.sistemas", "boss"), signing.line("*", "authority", "cert-authority"))
        return try await signing.signature(of: form, by: "clerk-cert.pub")
      },
      Wrong(testDescription: "another purpose", report: "another purpose") {
        try await $1.signature(of: $0, by: "boss", namespace: "git")
      },
      Wrong(testDescription: "no signature", report: "not a signature of OpenSSH") { _, _ in Data("firma".utf8) },
      Wrong(testDescription: "nothing", report: "not a signature of OpenSSH") { _, _ in Data() },
      Wrong(testDescription: "100 MB", report: "more than the 65536 allowed") { _, _ in
        Data(count: 100_000_000)
      },
    ]

    @Test(
      "A wrong signature is rejected with its reason, and its form waits on for the right one", arguments: Self.wrongs)
    func wrong(_ wrong: Wrong) async throws {
      let (place, signing) = try await Self.place()
      let number = "SI-W\(UUID().uuidString.prefix(6))"
      let form = Self.create(number)
      try Self.drop(form, try await wrong.signature(form, signing), as: "w.yaml", in: place)
      let once = try await place.run("run", "--once")
      #expect(once.status == 1, "\(once.errors)")
      let report = try await place.rejection(of: "w.yaml.sig")
      #expect(report.contains(wrong.report), "\(report)")
      #expect(try await Self.state(number, place) == "awaiting-signature")
      #expect(place.names(in: place.spool + "/rejected") == ["w.yaml.sig", "w.yaml.sig.report"])

      // The same behind its form.
      try place.drop(try await wrong.signature(form, signing), as: "w.yaml.sig")
      #expect(try await place.run("run", "--once").status == 1)
      #expect(try await Self.state(number, place) == "awaiting-signature")
      try place.drop(try await signing.signature(of: form, by: "boss"), as: "w.yaml.sig")
      #expect(try await place.run("run", "--once").status == 0)
      #expect(try place.record(number)?["approval"]["signature"] == "verified")
    }

    @Test("A certificate for the principal signs; a revoked key does not")
    func certificates() async throws {
      let (place, signing) = try await Self.place()
      try place.configure(signing.options("revoked: \"\(signing.revoked)\""))
      for name in ["authority", "clerk"] { try await signing.make(name) }
      try await signing.certify("clerk", by: "authority", "jefe.sistemas")
      try signing.allow(
        signing.line("jefe.sistemas", "boss"), signing.line("jefe.*", "authority", "cert-authority"))
      try (signing.publicKey("boss") + "\n").write(toFile: signing.revoked, atomically: true, encoding: .utf8)
      let (good, revoked) = (Self.create("SI-C1"), Self.create("SI-C2"))
      try Self.drop(good, try await signing.signature(of: good, by: "clerk-cert.pub"), as: "good.yaml", in: place)
      try Self.drop(revoked, try await signing.signature(of: revoked, by: "boss"), as: "revoked.yaml", in: place)
      #expect(try await place.run("run", "--once").status == 1)
      #expect(try place.record("SI-C1")?["approval"]["signature"] == "verified")
      #expect(try await place.rejection(of: "revoked.yaml.sig").contains("is revoked"))
      #expect(try await Self.state("SI-C2", place) == "awaiting-signature")
    }

    @Test("Signatures swapped between two forms of one approver count for neither")
    func swapped() async throws {
      let (place, signing) = try await Self.place()
      let (one, two) = (Self.create("SI-S1"), Self.create("SI-S2"))
      try Self.drop(one, try await signing.signature(of: two, by: "boss"), as: "one.yaml", in: place)
      try Self.drop(two, try await signing.signature(of: one, by: "boss"), as: "two.yaml", in: place)
      #expect(try await place.run("run", "--once").status == 1)
      for number in ["SI-S1", "SI-S2"] { #expect(try await Self.state(number, place) == "awaiting-signature") }
      #expect(try place.records().isEmpty)
    }

    @Test("The right key for the wrong department is a mistake of the form")
    func department() async throws {
      let (place, signing) = try await Self.place("approvers: {Hacienda: [jefe.sistemas], \"*\": [jefe.salud]}")
      let form = Self.create("SI-D")
      try Self.drop(form, try await signing.signature(of: form, by: "boss"), as: "d.yaml", in: place)
      #expect(try await place.run("run", "--once").status == 1)
      #expect(try await place.rejection(of: "d.yaml").contains("may not approve for"))
      #expect(place.names(in: place.spool + "/rejected") == ["d.yaml", "d.yaml.report", "d.yaml.sig"])
    }

    @Test("Under four eyes neither the requester approves, nor where it says so the submitter")
    func fourEyes() async throws {
      let (place, signing) = try await Self.place()
      let own = Self.create("SI-E1", requester: "{name: Jefe, address: jefe.sistemas@example.org}")
      try Self.drop(own, try await signing.signature(of: own, by: "boss"), as: "own.yaml", in: place)
      #expect(try await place.run("run", "--once").status == 1)
      let report = try await place.rejection(of: "own.yaml")
      #expect(report.contains("approval.by:") && report.contains("four_eyes"), "\(report)")

      try signing.allow(signing.line(NSUserName(), "boss"))
      let mine = Self.create("SI-E2", by: NSUserName())
      let signature = try await signing.signature(of: mine, by: "boss")
      try place.configure(signing.options("four_eyes: [requester, submitter]"))
      try Self.drop(mine, signature, as: "mine.yaml", in: place)
      #expect(try await place.run("run", "--once").status == 1)
      #expect(try await place.rejection(of: "mine.yaml").contains("also submitted it"))
      try place.configure(signing.options("four_eyes: []"))
      try Self.drop(mine, signature, as: "mine.yaml", in: place)
      try Self.drop(own, nil, as: "own.yaml", in: place)
      #expect(try await place.run("run", "--once").status == 75)
      #expect(try place.record("SI-E2")?["approval"]["signature"] == "verified")
      #expect(try await Self.state("SI-E1", place) == "awaiting-signature")
    }

    @Test("A form that nobody signs in time is refused, and its number is free")
    func patience() async throws {
      let (place, signing) = try await Self.place("patience: 1 min")
      let form = Self.create("SI-P")
      try Self.drop(form, nil, as: "p.yaml", in: place)
      #expect(try await place.run("run", "--once").status == 75)
      let late = try await place.run("run", "--once", environment: ["BUZON_CLOCK_AHEAD": "120"])
      #expect(late.status == 1, "\(late.errors)")
      #expect(try await place.rejection(of: "p.yaml").contains("no signature of its approver came"))
      #expect(try String(contentsOfFile: place.spool + "/rejected/p.yaml", encoding: .utf8) == form)
      #expect(try await place.run("show", "SI-P").status == 66)
      let other = form.replacing("Rojas", with: "Rosas")
      try Self.drop(other, try await signing.signature(of: other, by: "boss"), as: "q.yaml", in: place)
      #expect(try await place.run("run", "--once").status == 0)
      #expect(try place.record("SI-P")?["changes"][0]["name"] == "Ana Rosas")
    }

    @Test("Two forms with one number may wait; the one that is signed has it, and the other is refused")
    func rivals() async throws {
      let (place, signing) = try await Self.place()
      let (one, two) = (Self.create("SI-R"), Self.create("SI-R").replacing("Rojas", with: "Rosas"))
      try Self.drop(one, nil, as: "one.yaml", in: place)
      try Self.drop(two, nil, as: "two.yaml", in: place)
      #expect(try await place.run("run", "--once").status == 75)
      #expect(try await place.run("show", "SI-R").output.contains("the signature of 1 more with this number too"))
      try place.drop(try await signing.signature(of: two, by: "boss"), as: "two.yaml.sig")
      _ = try await place.run("run", "--once")
      _ = try await place.run("run", "--once")
      #expect(try place.record("SI-R")?["changes"][0]["name"] == "Ana Rosas")
      #expect(try await place.rejection(of: "one.yaml").contains("another form"))
    }

    @Test("cancel refuses a form that waits; its number is free")
    func cancelled() async throws {
      let (place, _) = try await Self.place()
      try Self.drop(Self.create("SI-X"), nil, as: "x.yaml", in: place)
      let agent = try await place.agent()
      #expect(await Self.waits("SI-X", place))
      let cancel = try await place.run("cancel", "SI-X", "--because", "era un error")
      #expect(cancel.status == 0 && cancel.output.contains("its number is free"), "\(cancel)")
      #expect(try await place.rejection(of: "x.yaml").contains("era un error"))
      #expect(try await comesTrue { try await place.run("show", "SI-X").status == 66 })
      #expect(await agent.end() == 0)
    }

    @Test("sign and submit: with its signature beside it or made on the spot a form never waits")
    func commands() async throws {
      let (place, signing) = try await Self.place()
      let file = place.folder + "/form.yaml"
      let key = signing.folder + "/boss"
      try Self.create("SI-K1").write(toFile: file, atomically: true, encoding: .utf8)
      #expect(try await place.run("submit", "--sign", key, file).status == 0)
      #expect(try await place.run("run", "--once").status == 0)

      try Self.create("SI-K2").write(toFile: file, atomically: true, encoding: .utf8)
      #expect(try await place.run("submit", file).status == 0)
      #expect(try await place.run("run", "--once").status == 75)
      let sign = try await place.run("sign", file, "--key", key)
      #expect(sign.status == 0 && sign.output == "", "\(sign)")
      // Who brings the signature of a form that waits did not submit it.
      #expect(try await place.run("submit", file).status == 0)
      #expect(try await place.run("run", "--once").status == 0)
      for number in ["SI-K1", "SI-K2"] {
        #expect(try place.record(number)?["approval"]["signature"] == "verified")
      }
      try Self.create("SI-K3").write(toFile: file, atomically: true, encoding: .utf8)
      let stale = try await place.run("submit", file)
      #expect(stale.status == 65 && stale.errors.contains("is not a signature of"), "\(stale.errors)")
      #expect(place.names(in: place.spool + "/incoming") == [])
      #expect(try await place.run("sign", file, "--key", "/nowhere").status == 66)
      #expect(try await place.run("submit", "--sign", "/nowhere", file).status == 66)
    }

    /// What keeps signatures from being checked, and how that is mended.
    struct Unusable: Sendable, CustomTestStringConvertible {
      var testDescription: String
      var words: String
      var environment: [String: String] = [:]
      var make: @Sendable (Signing) throws -> Void
    }

    private static let unusables: [Unusable] = [
      Unusable(testDescription: "missing", words: "no such file") {
        try FileManager.default.removeItem(atPath: $0.signers)
      },
      Unusable(testDescription: "empty", words: "names no signer") { try $0.allow("", "# nadie") },
      Unusable(testDescription: "a folder", words: "not a regular file") {
        try FileManager.default.removeItem(atPath: $0.signers)
        try FileManager.default.createDirectory(atPath: $0.signers, withIntermediateDirectories: false)
      },
      Unusable(testDescription: "others may write it", words: "everybody may write it") { chmod($0.signers, 0o666) },
      Unusable(testDescription: "a mistake in the line", words: "has a mistake in line 1: missing key") {
        try $0.allow("jefe.sistemas basura")
      },
      Unusable(testDescription: "an unknown option", words: "has a mistake in line 2") {
        try $0.allow("# lista", "jefe.sistemas valid-untill=\"2030\" \($0.publicKey("boss"))")
      },
      Unusable(
        testDescription: "no ssh-keygen", words: "ssh-keygen is not installed", environment: ["PATH": "/nowhere"]
      ) { _ in },
    ]

    @Test(
      "What keeps signatures from being checked refuses nothing: the forms wait, and status and log say why",
      arguments: Self.unusables)
    func unusable(_ unusable: Unusable) async throws {
      let (place, signing) = try await Self.place("patience: 1 min")
      try unusable.make(signing)
      let number = "SI-U\(UUID().uuidString.prefix(6))"
      let form = Self.create(number)
      try Self.drop(form, try await signing.signature(of: form, by: "boss"), as: "u.yaml", in: place)
      var environment = unusable.environment
      let first = try await place.run("run", "--once", environment: environment)
      #expect(first.status == 75, "\(first.errors)")
      #expect(first.errors.contains(" approval.waiting ") && first.errors.contains(unusable.words), "\(first.errors)")
      #expect(try await Self.state(number, place) == "awaiting-signature")
      #expect(try await place.run("queue").output.contains("could not be checked yet"))
      let status = try await place.run("status", "--json")
      let findings = try JSON(status.output)["findings"].array
      #expect(findings.contains { $0["finding"] == "approval-waiting" }, "\(status.output)")
      // Not even when its time is over.
      environment["BUZON_CLOCK_AHEAD"] = "120"
      #expect(try await place.run("run", "--once", environment: environment).status == 75)

      try? FileManager.default.removeItem(atPath: signing.signers)
      try signing.allow(signing.line("jefe.sistemas", "boss"))
      let mended = try await place.run("run", "--once")
      #expect(mended.status == 0, "\(mended.errors)")
      #expect(try place.record(number)?["approval"]["signature"] == "verified")
      #expect(place.names(in: place.spool + "/rejected") == [])
    }

    @Test("A running agent goes on by itself when the allowed signers can be used again")
    func mended() async throws {
      let (place, signing) = try await Self.place()
      try signing.allow("")
      let agent = try await place.agent()
      #expect(await agent.says("approval.waiting"))
      let (one, two) = (Self.create("SI-M1"), Self.create("SI-M2"))
      try Self.drop(one, try await signing.signature(of: one, by: "boss"), as: "one.yaml", in: place)
      try Self.drop(two, nil, as: "two.yaml", in: place)
      #expect(await Self.waits("SI-M2", place))
      try place.drop(try await signing.signature(of: two, by: "boss"), as: "two.yaml.sig")
      try signing.allow(signing.line("jefe.sistemas", "boss"))
      try await place.recorded("SI-M1", "SI-M2")
      #expect(await agent.says("approval.back"))
      #expect(await agent.end() == 0)
    }

    @Test("undo and drift --repair write forms where signatures are asked for too; signed, they are applied")
    func writtenForms() async throws {
      let (place, signing) = try await Self.place(
        "four_eyes: [requester, submitter], approvers: {\"*\": [jefe.sistemas]}")
      func carryOut(_ form: String, _ name: String) async throws {
        try Self.drop(form, try await signing.signature(of: form, by: "boss"), as: name, in: place)
        let run = try await place.run("run", "--once")
        #expect(run.status == 0, "\(run.errors)")
      }
      try await carryOut(Self.create("SI-W"), "w.yaml")
      try await carryOut(
        form(number: "SI-X", changes: ["modify: {address: si-w@example.org, set: {position: Jefa}}"]), "x.yaml")
      let undo = try await place.run("undo", "SI-X")
      #expect(undo.status == 0 && undo.output.contains("position: null"), "\(undo.output)\(undo.errors)")
      try await carryOut(undo.output, "undo.yaml")
      #expect(try place.site.entry("si-w")?["title"] == [])
      try place.site.modify("dn: \(place.site.dn("si-w"))\nchangetype: modify\nadd: title\ntitle: Otra\n")
      #expect(try await place.run("run", "--once").status == 0)
      let repair = try await place.run(
        "drift", "--repair", "-", "--number", "SI-Y", "--department", "D", "--requester", "Ana Rosero", "--approved-by",
        "jefe.sistemas", "--approved-on", today())
      #expect(repair.status == 0 && repair.output.contains("position: null"), "\(repair.output)\(repair.errors)")
      try await carryOut(repair.output, "repair.yaml")
      #expect(try place.site.entry("si-w")?["title"] == [])
    }

    @Test("The clock's requests need no signature and say so; in mode recorded the page says that a form is unsigned")
    func recorded() async throws {
      let (place, signing) = try await Self.place()
      let form = Self.create("SI-N").replacing("family: Rojas}", with: "family: Rojas}, expires: \(day(ahead: 0))")
      try Self.drop(form, try await signing.signature(of: form, by: "boss"), as: "n.yaml", in: place)
      #expect(try await place.run("run", "--once").status == 0)
      let later = try await place.run("run", "--once", environment: ["BUZON_CLOCK_AHEAD": "\(25 * 3600)"])
      #expect(later.status == 0, "\(later.errors)")
      let number = try #require(try place.records().keys.first { $0.hasPrefix("@") })
      #expect(try place.record(number)?["approval"]["signature"] == "none")
      #expect(try await place.run("show", number, "--html").output.contains("No se requiere"))

      try Self.drop(Self.create("SI-O"), nil, as: "o.yaml", in: place)
      #expect(try await place.run("run", "--once").status == 75)
      // Where none is asked for any more, what waits is accepted.
      try place.configure(.init())
      #expect(try await place.run("run", "--once").status == 0)
      #expect(try place.record("SI-O")?["approval"]["signature"] == "recorded")
      #expect(try await place.run("show", "SI-O", "--html").output.contains("Sin firma: como lo declara el formato"))
    }
  }
}
