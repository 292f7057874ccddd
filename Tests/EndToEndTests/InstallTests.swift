import Foundation
import Support
import Testing

/// `make install` and what it installs, tried below a folder of its own.
@Suite("Installed")
struct InstallTests {
  private static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

  private static func make(_ target: String, _ folder: String) async throws -> Outcome {
    try await Program.run(
      "/usr/bin/make", ["-C", root, target, "BIN=" + Program.built("buzon"), "DESTDIR=" + folder])
  }

  private static func folder() throws -> String {
    let folder = NSTemporaryDirectory() + "buzon-install-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    return folder
  }

  @Test("the program answers, every file has its mode, and a configuration that is there stays")
  func install() async throws {
    let folder = try Self.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let installed = try await Self.make("install", folder)
    #expect(installed.status == 0, "\(installed.errors)")
    #expect(installed.output.contains("systemd-sysusers"), "what to do next is told")
    let usr = folder + "/usr"
    for (path, expected) in [
      ("/bin/buzon", "755"), ("/lib/systemd/system/buzon.service", "644"), ("/lib/sysusers.d/buzon.conf", "644"),
      ("/lib/tmpfiles.d/buzon.conf", "644"), ("/share/buzon/schema/buzon.schema", "644"),
      ("/share/buzon/schema/request.schema.json", "644"), ("/share/buzon/config/slapd/access.ldif", "644"),
      ("/share/buzon/templates/delivery.html", "644"),
      ("/share/doc/buzon/README.md", "644"), ("/share/bash-completion/completions/buzon", "644"),
      ("/share/zsh/vendor-completions/_buzon", "644"), ("/share/fish/vendor_completions.d/buzon.fish", "644"),
      ("/share/doc/buzon/docs/operations.md", "644"),
    ] {
      #expect(mode(usr + path) == expected, "\(path)")
    }
    let version = try await Program.run(usr + "/bin/buzon", ["--version"])
    #expect(version.status == 0 && !version.output.isEmpty)
    let completion = try String(contentsOfFile: usr + "/share/bash-completion/completions/buzon", encoding: .utf8)
    #expect(completion.contains("history"))

    let configuration = folder + "/etc/buzon/buzon.yaml"
    #expect(mode(configuration) == "644")
    try "mine\n".write(toFile: configuration, atomically: true, encoding: .utf8)
    #expect(try await Self.make("install", folder).status == 0)
    #expect(try String(contentsOfFile: configuration, encoding: .utf8) == "mine\n")

    #expect(try await Self.make("uninstall", folder).status == 0)
    let left = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
    #expect(left.filter { !isFolder(folder + "/" + $0) } == ["etc/buzon/buzon.yaml"], "\(left)")
  }

  @Test("the configuration that is installed is one that the program takes")
  func configuration() async throws {
    let outcome = try await Program.run(
      Program.built("buzon"), ["check", "/dev/null", "--config", Self.root + "/config/buzon.yaml"])
    #expect(outcome.status != 78, "\(outcome.errors)")
  }

  @Test("the unit is closed as far as it goes: exposure 1.5 at most", .enabled(if: exists("/usr/bin/systemd-analyze")))
  func unit() async throws {
    let outcome = try await Program.run(
      "/usr/bin/systemd-analyze",
      ["security", "--offline=yes", "--threshold=15", "--no-pager", Self.root + "/config/systemd/buzon.service"])
    #expect(outcome.status == 0, "\(outcome.output.suffix(200)) \(outcome.errors)")
    let verified = try await Program.run(
      "/usr/bin/systemd-analyze", ["verify", Self.root + "/config/systemd/buzon.service"])
    // It looks for what isn't installed here; anything else is a mistake of the unit.
    let complaints = verified.errors.split(separator: "\n").filter {
      $0.contains("buzon.service") && !$0.contains("is not executable") && !$0.contains("man buzon")
    }
    #expect(complaints.isEmpty, "\(complaints)")
  }

  @Test(
    "user, group and folders are made with the modes that the contract says",
    .enabled(if: geteuid() == 0 && exists("/usr/bin/systemd-tmpfiles") && exists("/usr/bin/systemd-sysusers")))
  func folders() async throws {
    let folder = try Self.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.createDirectory(atPath: folder + "/etc", withIntermediateDirectories: true)
    for (program, file) in [
      ("sysusers", "sysusers.d"), ("tmpfiles", "tmpfiles.d"),
    ] {
      let outcome = try await Program.run(
        "/usr/bin/systemd-" + program,
        (program == "tmpfiles" ? ["--create"] : []) + ["--root=" + folder, "\(Self.root)/config/\(file)/buzon.conf"])
      #expect(outcome.status == 0, "\(program): \(outcome.errors)")
    }
    let users = try String(contentsOfFile: folder + "/etc/passwd", encoding: .utf8)
    let groups = try String(contentsOfFile: folder + "/etc/group", encoding: .utf8)
    #expect(users.hasPrefix("buzon:x:") && users.contains("nologin"))
    #expect(groups.split(separator: "\n").contains { $0.hasPrefix("buzon-submit:") && $0.hasSuffix(":buzon") })
    func id(_ text: String, _ name: String) -> UInt32? {
      text.split(separator: "\n").first { $0.hasPrefix(name + ":") }
        .flatMap { UInt32($0.split(separator: ":", omittingEmptySubsequences: false)[2]) }
    }
    let (user, group, submitters) = (id(users, "buzon"), id(groups, "buzon"), id(groups, "buzon-submit"))
    for (path, expected, owner) in [
      ("/var/spool/buzon", "755", group), ("/var/spool/buzon/incoming", "3730", submitters),
      ("/var/spool/buzon/taken", "700", group), ("/var/spool/buzon/rejected", "750", group),
      ("/var/lib/buzon", "700", group), ("/var/lib/buzon-records", "750", group),
    ] {
      var status = stat()
      #expect(lstat(folder + path, &status) == 0 && status.st_uid == user && status.st_gid == owner, "\(path)")
      #expect(mode(folder + path) == expected, "\(path)")
    }
  }

  private func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
  }
}
