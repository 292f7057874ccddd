import Foundation
import Support
import Testing

/// Whatever the caller's umask, every file and folder has the mode that the contract says (PRODUCT.md, Folders).
@Suite("Whatever the umask")
struct ModesTests {
  private static let umasks = Torture.isFull ? ["0000", "0022", "0077", "0777"] : ["0000", "0777"]

  /// Everything below a place after its life: a name's beginning, or all of it, and its mode.
  private static let contract: [(path: String, mode: String)] = [
    ("spool", "755"), ("spool/agent.lock", "600"), ("spool/incoming", "3730"), ("spool/incoming/*", "640"),
    ("spool/taken", "700"), ("spool/rejected", "750"), ("spool/rejected/*", "640"),
    ("state", "700"), ("state/agent.lock", "600"), ("state/slips.key", "600"), ("state/register.sqlite*", "600"),
    ("records", "750"), ("records/.tmp", "700"), ("records/status.html", "644"),
    ("records/metrics", "755"), ("records/metrics/buzon.prom", "644"),
    ("records/forms", "750"), ("records/forms/*", "750"), ("records/forms/*/*", "640"),
    ("records/deliveries", "750"), ("records/deliveries/*", "750"), ("records/deliveries/*/*", "640"),
    ("records/accounts", "750"), ("records/accounts/*", "640"), ("records/accounts/departments", "750"),
    ("records/accounts/departments/*", "640"), ("records/accounts/backup", "750"),
    ("records/accounts/backup/*", "640"), ("records/ledger", "750"), ("records/ledger/*", "640"),
    ("bulk.yaml", "600"), ("adopt.yaml", "600"), ("slip.txt", "600"), ("repair.yaml", "600"), ("backup", "600"),
  ]

  /// The mode that the contract has for a path; of two patterns that fit, the one without a star counts.
  private static func expected(_ path: String) -> String? {
    contract.first { $0.path == path }?.mode ?? contract.first { fnmatch($0.path, path, FNM_PATHNAME) == 0 }?.mode
  }

  /// The paths below a folder with their modes, links as they stand.
  static func modes(below folder: String) throws -> [String: String] {
    let paths = try #require(FileManager.default.enumerator(atPath: folder)).compactMap { $0 as? String }
    return Dictionary(uniqueKeysWithValues: paths.map { ($0, mode(folder + "/" + $0)) })
  }

  private static let header = [
    "--department", "Salud", "--requester", "Ana", "--approved-by", "jefe", "--approved-on", "2026-11-21",
  ]

  @Test("the agent and every command give their files and folders the modes of the contract")
  func modes() async throws {
    let site = try Site()
    for umask in Self.umasks {
      let place = try site.workplace("umask\(umask)")
      func run(_ arguments: [String]) async throws -> Outcome {
        try await Program.run(
          "/bin/sh", ["-c", "umask \(umask); exec \"$@\"", "sh", Program.built("buzon")] + arguments,
          environment: ["BUZON_CONFIG": place.config])
      }
      func succeed(_ arguments: String..., status: Int32 = 0) async throws {
        let outcome = try await run(arguments)
        #expect(outcome.status == status, "umask \(umask): \(arguments): \(outcome.errors)")
      }
      // What the place was made with is its own; all else the program makes.
      try FileManager.default.removeItem(atPath: place.spool)
      let form = place.folder + "/form"
      let csv = place.folder + "/people.csv"
      let uid = "u\(umask)"
      try Self.form("M\(umask)-1", uid).write(toFile: form, atomically: true, encoding: .utf8)
      try "address;given;family\nb\(umask)@example.org;Ana;Rojas\n".write(
        toFile: csv, atomically: true, encoding: .utf8)

      try await succeed("run", "--once")
      try await succeed("submit", form)
      #expect(place.names(in: place.spool + "/incoming").count == 1)
      try await Self.judge(place, umask)
      try place.drop("no form", as: "bad.yaml")
      #expect(chmod(place.spool + "/incoming/bad.yaml", 0o640) == 0)
      try await succeed("run", "--once", status: 1)
      let given = ["form", "--csv", csv, "--number", "M\(umask)-2", "-o", place.folder + "/bulk.yaml"] + Self.header
      #expect(try await run(given).status == 0)
      try await succeed("handover", "\(uid)@example.org", "-o", place.folder + "/slip.txt")
      try site.modify("dn: \(site.dn(uid))\nchangetype: modify\nreplace: title\ntitle: Otra\n")
      try await succeed("run", "--once")
      let repair = ["drift", "--repair", place.folder + "/repair.yaml", "--number", "M\(umask)-3"] + Self.header
      let repaired = try await run(repair)
      #expect(exists(place.folder + "/repair.yaml"), "\(repaired.errors)")
      try await succeed("backup", place.folder + "/backup")
      try await succeed("restore", place.folder + "/backup")
      try await succeed("rebuild")
      try await Self.judge(place, umask)

      for needed in [
        "state/register.sqlite-wal", "state/register.sqlite-shm", "state/slips.key", "records/status.html",
        "spool/rejected/bad.yaml.report", "records/accounts/accounts.csv", "backup", "slip.txt", "bulk.yaml",
      ] { #expect(exists(place.folder + "/" + needed), "umask \(umask): \(needed) was looked at") }
    }
  }

  /// Each file and folder has its mode, and none is there that the contract doesn't know.
  private static func judge(_ place: Workplace, _ umask: String) async throws {
    let own: Set = ["buzon.yaml", "form", "people.csv"]
    for (path, mode) in try modes(below: place.folder) where !own.contains(path) {
      #expect(mode == expected(path), "umask \(umask): \(path)")
    }
  }

  private static func form(_ number: String, _ uid: String) -> String {
    Support.form(
      number: number, changes: ["create: {address: \(uid)@example.org, name: {given: Ana, family: Rojas}}"])
  }

  @Test("the sandbox is its owner's, starts again, and its passwords are closed", arguments: umasks)
  func sandbox(_ umask: String) async throws {
    let home = NSTemporaryDirectory() + "buzon-test-\(UUID().uuidString.prefix(8))"
    func sandbox(_ verb: String) async throws -> Outcome {
      try await Program.run(
        "/bin/sh",
        ["-c", "umask \(umask); exec \"$@\"", "sh", Program.built("buzon"), "sandbox", verb, "--home", home])
    }
    #expect(try await sandbox("start").status == 0)
    #expect(try await sandbox("stop").status == 0)
    let again = try await sandbox("start")
    #expect(again.status == 0, "\(again.errors)")
    let modes = try Self.modes(below: home)
    for (path, expected) in [
      ("admin.password", "600"), ("mail.password", "600"), ("slapd.d", "700"), ("data", "700"), ("spool", "755"),
      ("spool/incoming", "3730"), ("spool/taken", "700"), ("spool/rejected", "750"), ("state", "700"),
      ("records", "750"), ("buzon.yaml", "644"), ("slapd.pid", "600"), ("slapd.log", "600"), ("sandbox.lock", "600"),
    ] { #expect(modes[path] == expected, "umask \(umask): \(path)") }
    for (path, mode) in modes where path.hasPrefix("data/") || path.hasPrefix("slapd.d/") || path.hasPrefix("accesslog")
    {
      #expect(mode == "600" || mode == "700" || mode == "750", "umask \(umask): \(path) \(mode)")
    }
    #expect(try await sandbox("stop").status == 0)
    try FileManager.default.removeItem(atPath: home)
  }
}

/// Permission bits, set-id and sticky bits included, as `ls` would have them in octal.
func mode(_ path: String) -> String {
  var status = stat()
  return lstat(path, &status) == 0 ? String(status.st_mode & 0o7777, radix: 8) : "none"
}
