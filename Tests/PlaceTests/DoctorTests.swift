import Foundation
import Sandbox
import Support
import Testing

@Suite("buzon doctor")
struct DoctorTests {
  @Test("finds nothing wrong with a sandbox, and says what it could not look at")
  func sound() async throws {
    let site = try Site()
    let plain = try await site.run("doctor")
    #expect(plain.status == 0 && plain.output.hasPrefix("OK: 0 errors, 0 warnings, 4 not checked\n"), "\(plain)")
    #expect(plain.output.contains("not-checked cn-config") && plain.output.contains("not-checked rights"), "\(plain)")
    try await Self.prepare(site, seesConfiguration: true, hasAccount: true)
    let all = try await site.run("doctor")
    #expect(all.status == 0 && all.output.hasPrefix("OK: 0 errors, 0 warnings, 1 not checked\n"), "\(all)")
  }

  @Test("names each fault, and no other", arguments: ["a", "b", "c", "d"])
  func faults(part: String) async throws {
    let parts = ["a", "b", "c", "d"]
    let faults = DoctorFault.all.enumerated().filter { parts[$0.offset % parts.count] == part }.map(\.element)
    _ = try await lanes(faults, 2) { fault in
      let site = try Site()
      try await Self.prepare(site, seesConfiguration: fault.seesConfiguration, hasAccount: fault.hasAccount)
      let before = try await Self.bad(site, [:])
      #expect(before.isEmpty, "\(fault.name): before: \(before)")
      try await fault.make(site)
      let found = try await Self.bad(site, fault.environment)
      #expect(Set(found.compactMap { $0["finding"].text }) == fault.findings, "\(fault.name): \(found)")
      #expect(found.contains { $0["remedy"].text?.contains(fault.remedy) == true }, "\(fault.name): \(found)")
      let text = try await site.start(["doctor"], environment: fault.environment).outcome()
      #expect(text.status == fault.exit, "\(fault.name): \(text)")
    }
  }

  @Test("writes nothing")
  func writesNothing() async throws {
    let site = try Site()
    try await Self.prepare(site, seesConfiguration: true, hasAccount: true)
    let before = try site.search(base: "cn=accesslog").count
    _ = try await site.run("doctor")
    #expect(try site.search(base: "cn=accesslog").count == before)
  }

  @Test("there are as many faults as promised")
  func isEnough() { #expect(DoctorFault.all.count >= 45) }

  // MARK: The place

  private static func bad(_ site: Site, _ environment: [String: String]) async throws -> [JSON] {
    let outcome = try await site.start(["doctor", "--json"], environment: environment).outcome()
    return try JSON(outcome.output)["findings"].array.filter { $0["severity"].text != "not-checked" }
  }

  private static func prepare(_ site: Site, seesConfiguration: Bool, hasAccount: Bool) async throws {
    if seesConfiguration {
      try site.modify(
        """
        dn: olcDatabase={0}config,cn=config
        changetype: modify
        add: olcAccess
        olcAccess: {0}to * by dn.exact="\(site.sandbox.agent)" read by * break

        """)
    }
    guard hasAccount else { return }
    let account = "create: {address: ana@\(site.sandbox.domain), name: {given: Ana, family: Paz}}"
    try site.drop(form(number: "2026-0001", changes: [account]), as: "a.yaml")
    let run = try await site.run("run", "--once")
    guard run.status == 0 else { throw SiteError("run --once: \(run)") }
  }
}
