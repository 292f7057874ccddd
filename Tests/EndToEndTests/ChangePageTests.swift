import Foundation
import Support
import Testing

/// `config/change-page/`: from the form to the user's own password, in a real browser.
@Suite(
  "The page where users change their passwords", .serialized,
  .enabled(
    if: ChangePage.isInstalled && Browser.isInstalled && MailServers.areInstalled,
    "needs nginx, LemonLDAP::NG, chromium-driver, dovecot-imapd and dovecot-ldap"))
struct ChangePageTests {
  private static let own = "Mi-Clave-de-Siempre-7"

  private static let entrance = Browser.Step(expect: "Entre con su dirección de correo")

  private static func logIn(_ address: String, _ password: String, expect: String) -> Browser.Step {
    Browser.Step(fill: ["user": address, "password": password], expect: expect)
  }

  private static func choose(_ password: String, _ again: String? = nil, expect: String) -> Browser.Step {
    Browser.Step(fill: ["newpassword": password, "confirmpassword": again ?? password], expect: expect)
  }

  private static let isTemporary = "Su contraseña es temporal"
  private static let isRefused = "La dirección o la contraseña no es correcta"
  private static let isChanged = "La contraseña se cambió"

  private func create(_ place: Workplace, _ local: String) async throws -> String {
    let number = "CP-\(local)"
    try await place.carryOut(
      form(number: number, changes: ["create: {address: \(local)@example.org, name: {given: Ana, family: Mora}}"]),
      number)
    let slip = try await place.answer("handover", "\(local)@example.org")
    return try #require(slip["password"].text)
  }

  @Test("closes the hand-over, and mail opens; what is wrong is said in Spanish")
  func whole() async throws {
    let site = try Site()
    let page = try ChangePage(site)
    let dovecot = try Dovecot(site)
    let browser = try Browser()
    let place = try site.workplace("page", .with { $0.more = "handover: {change_url: \"\(page.url)\"}" })
    let agent = try await place.agent()
    #expect(await agent.says("mirror.listening"))
    let temporary = try await create(place, "ana")
    let ana = "ana@example.org"
    #expect(try await place.run("handover", ana).output.contains(page.url))
    #expect(try dovecot.login(ana, temporary) != "OK")

    // A wrong temporary password, an address that nobody has.
    _ = try await browser.visit(page.url, [Self.entrance, Self.logIn(ana, "no-es-esa", expect: Self.isRefused)])
    _ = try await browser.visit(
      page.url, [Self.entrance, Self.logIn("nadie@example.org", temporary, expect: Self.isRefused)])
    // One that is too short, two that differ: the duty to change stays.
    _ = try await browser.visit(
      page.url,
      [Self.entrance, Self.logIn(ana, temporary, expect: Self.isTemporary), Self.choose("corta", expect: "muy corta")])
    _ = try await browser.visit(
      page.url,
      [
        Self.entrance, Self.logIn(ana, temporary, expect: Self.isTemporary),
        // The browser itself says it, beside the field, and sends nothing.
        Self.choose(Self.own, "otra-clave-distinta", expect: Self.isTemporary),
      ])
    #expect(try site.entry("ana")?["pwdReset"] == ["TRUE"])
    _ = try await browser.visit(
      page.url,
      [
        Self.entrance, Self.logIn(ana, temporary, expect: Self.isTemporary),
        Self.choose(Self.own, expect: Self.isChanged),
      ])
    #expect(await agent.says("handover.closed", ana, "by=\"the user\""), "\(agent.log) \(page.log)")
    let writes = try site.writes(on: site.dn("ana")).filter { $0["reqMod"].contains { $0.hasPrefix("userPassword:") } }
    #expect(writes.last?["reqAuthzID"] == [site.dn("ana")], "the user's own login wrote it")
    #expect(try dovecot.login(ana, Self.own) == "OK")
    #expect(try dovecot.login(ana, temporary) != "OK")
    #expect(try await comesTrue { try await place.answer("show", "CP-ana")["changes"][0]["handover"] == "closed" })

    // Whoever has a password of his own changes it there too.
    _ = try await browser.visit(
      page.url, [Self.entrance, Self.logIn(ana, Self.own, expect: "Cambie su contraseña")])

    // A temporary password that is over. The directory says no more of it.
    let over = try await create(place, "beto")
    try site.modify(
      "dn: \(site.dn("beto"))\nchangetype: modify\nreplace: pwdEndTime\npwdEndTime: 20200101000000Z\n")
    let texts = try await browser.visit(
      page.url, [Self.entrance, Self.logIn("beto@example.org", over, expect: Self.isRefused)])
    #expect(texts.last?.contains("cuando vence") == true)

    // buzon doctor asks the page; of this one's authority the system knows nothing.
    let findings = try await place.answer("doctor")["findings"].array.filter { $0["finding"] == "change-url" }
    #expect(findings.count == 1 && findings[0]["what"].text?.contains("certificate") == true, "\(findings)")
    #expect(await agent.end() == 0)
  }

  @Test("may write as itself, where handover.trusted names it; else it is somebody else who set a password")
  func trusted() async throws {
    let site = try Site()
    let page = try ChangePage(site, writesItself: true)
    let dovecot = try Dovecot(site)
    let browser = try Browser()
    let portal = ChangePage.account(site)
    let options = Workplace.Options.with { $0.more = "handover: {trusted: [\"\(portal)\"]}" }
    let place = try site.workplace("trusted", options)
    let agent = try await place.agent()
    #expect(await agent.says("mirror.listening"))
    func change(_ local: String) async throws {
      let temporary = try await create(place, local)
      _ = try await browser.visit(
        page.url,
        [
          Self.entrance, Self.logIn("\(local)@example.org", temporary, expect: Self.isTemporary),
          Self.choose(Self.own, expect: Self.isChanged),
        ])
      let writes = try site.writes(on: site.dn(local)).filter {
        $0["reqMod"].contains { $0.hasPrefix("userPassword:") }
      }
      #expect(writes.last?["reqAuthzID"] == [portal], "\(page.log)")
    }
    try await change("ana")
    #expect(await agent.says("handover.closed", "ana@example.org", "the user, through \(portal)"), "\(agent.log)")
    #expect(try dovecot.login("ana@example.org", Self.own) == "OK")
    #expect(try await comesTrue { try await place.answer("show", "CP-ana")["changes"][0]["handover"] == "closed" })

    // A reload is enough to trust it no more.
    try place.configure(.init())
    agent.program.signal(SIGHUP)
    #expect(await agent.says("configuration.reread"))
    try await change("beto")
    #expect(await agent.says("handover.overridden", "beto@example.org", portal), "\(agent.log)")
    #expect(await agent.end() == 0)
  }
}
