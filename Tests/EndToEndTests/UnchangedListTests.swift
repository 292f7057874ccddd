import Foundation
import Sandbox
import Support
import Testing

/// A list that has not changed is not written again: neither CSV, JSON and pages nor spreadsheet and copy.
@Suite("The account list as it stands")
struct UnchangedListTests {
  private static let parts = ["accounts.csv", "accounts.json", "accounts.xlsx", "accounts.html", "backup"]

  /// What the files are: a file that is written again is another one.
  private func files(_ place: Workplace) throws -> [String: String] {
    var files: [String: String] = [:]
    let folder = place.records + "/accounts"
    guard exists(folder) else { return [:] }
    for name in try FileManager.default.subpathsOfDirectory(atPath: folder) {
      var status = stat()
      guard lstat("\(folder)/\(name)", &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
      files[name] = "\(status.st_ino) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
    }
    return files
  }

  /// Which parts of the list a run writes.
  private func written(_ place: Workplace, _ arguments: String...) async throws -> [String] {
    let before = try files(place)
    #expect(try await place.start(arguments).outcome().status == 0)
    let after = try files(place)
    return Self.parts.filter { part in after.contains { $0.key.hasPrefix(part) && before[$0.key] != $0.value } }
  }

  @Test("is written again where accounts, columns or its files changed, and by rebuild, and not otherwise")
  func unchanged() async throws {
    let site = try Site()
    let place = try site.workplace("unchanged")
    try place.drop(
      form(number: "UL-1", changes: ["create: {address: ana@example.org, name: {given: A, family: B}}"]), as: "1.yaml")
    #expect(try await written(place, "run", "--once") == Self.parts)
    #expect(try await written(place, "run", "--once") == [])
    #expect(try await written(place, "run", "--once") == [])

    // Changed outside Buzón: the row, then its mark.
    try site.modify("dn: \(site.dn("ana"))\nchangetype: modify\nreplace: title\ntitle: Jefa\n")
    #expect(try await written(place, "run", "--once") == Self.parts)
    #expect(try await written(place, "run", "--once") == [])
    #expect(try await place.run("drift", "--accept", "ana@example.org").status == 0)
    #expect(try await written(place, "run", "--once") == Self.parts)

    try FileManager.default.removeItem(atPath: place.records + "/accounts/accounts.xlsx")
    #expect(try await written(place, "run", "--once") == ["accounts.xlsx"])
    try Data("x".utf8).write(to: URL(fileURLWithPath: place.records + "/accounts/accounts.html"))
    #expect(try await written(place, "run", "--once") == ["accounts.html"])

    try place.configure(.with { $0.more = "list: {columns: [address, name]}" })
    #expect(try await written(place, "run", "--once") == Self.parts)
    #expect(try await written(place, "run", "--once") == [])
    #expect(try await written(place, "rebuild").contains("accounts.csv"))
  }

  @Test("changes by itself when a lock by failed logins ends")
  func lock() async throws {
    let site = try Site()
    let place = try site.workplace("lock")
    try place.drop(
      form(number: "UL-2", changes: ["create: {address: ana@example.org, name: {given: A, family: B}}"]), as: "1.yaml")
    try site.modify(
      "dn: cn=default,ou=policies,\(site.sandbox.base)\nchangetype: modify\nreplace: pwdLockoutDuration\n"
        + "pwdLockoutDuration: 3\n")
    #expect(try await place.run("run", "--once").status == 0)
    for _ in 0..<30 { _ = try await site.bind(site.dn("ana"), password: "wrong") }
    #expect(try await place.run("run", "--once").status == 0)
    // It was locked, or is no longer: either way the last run shows what is.
    #expect(
      try await comesTrue {
        _ = try await place.run("run", "--once")
        return try place.listed("ana@example.org")?["status"] == "active"
      })
  }
}
