import Foundation
import Support
import Testing

/// The program away from the toolchain, as `make install` installs it: with the Swift runtime in it. What is tried is this
/// build's own objects, linked like that (2 s of CPU; a second build would take minutes); `make field` has the release
/// build.
@Suite("Linked with the Swift runtime", .enabled(if: compiler != nil, "there is no swiftc in the PATH"))
struct StaticProgramTests {
  private static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

  /// What the modules of the static runtime would ask the linker for by themselves.
  private static let runtime = [
    "FoundationInternationalization", "FoundationEssentials", "Foundation", "CoreFoundation", "_FoundationICU",
    "_FoundationCShims", "_FoundationCollections", "swiftSynchronization", "stdc++", "ldap", "lber", "sasl2", "yaml",
    "crypt", "xlsxwriter", "z",
  ]

  private func link(to program: String) async throws -> Outcome {
    let objects = Program.built("buzon.product") + "/Objects.LinkFileList"
    return try await Program.run(
      try #require(compiler),
      [
        "-static-stdlib", "-emit-executable", "-module-name", "buzon", "-Xlinker", "--gc-sections", "-Xlinker",
        "--defsym", "-Xlinker", "main=buzon_main", "@" + objects, "-o", program,
      ] + Self.runtime.map { "-l" + $0 })
  }

  /// The libraries that a program needs at run time, by ldd(1): name and path.
  private func libraries(of program: String) async throws -> [(name: String, path: String)] {
    let outcome = try await Program.run("/usr/bin/ldd", [program])
    return outcome.output.split(separator: "\n").compactMap { line in
      let parts = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
      if parts.count >= 3, parts[1] == "=>" { return (String(parts[0]), String(parts[2])) }
      return parts.first.map(String.init).flatMap { $0.hasPrefix("/") ? ($0, $0) : nil }
    }
  }

  @Test("it needs Debian's libraries alone, of packages that the README names, and runs in a root with nothing else")
  func bareRoot() async throws {
    let folder = NSTemporaryDirectory() + "buzon-static-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let program = folder + "/buzon"
    let linked = try await link(to: program)
    #expect(linked.status == 0, "\(linked.errors.suffix(2_000))")

    let libraries = try await libraries(of: program)
    #expect(libraries.contains { $0.name.hasPrefix("libldap") })
    for (name, path) in libraries {
      #expect(path.hasPrefix("/lib") || path.hasPrefix("/usr/lib"), "\(name) is no library of the system: \(path)")
      #expect(!name.contains("swift") && !name.contains("Foundation"), "\(name)")
    }
    try await expectNamed(program, libraries)

    for (_, path) in libraries {
      let copy = folder + path
      try FileManager.default.createDirectory(
        atPath: (copy as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
      try FileManager.default.copyItem(
        atPath: URL(fileURLWithPath: path).resolvingSymlinksInPath().path, toPath: copy)
    }
    try "number: 1\n".write(toFile: folder + "/form.yaml", atomically: true, encoding: .utf8)
    try FileManager.default.copyItem(atPath: Self.root + "/config/buzon.yaml", toPath: folder + "/buzon.yaml")
    // chroot(2) and mount(2) are root's, and a container may forbid them.
    guard try await Program.run("/usr/bin/unshare", ["--mount", "true"]).status == 0 else { return }
    try FileManager.default.createDirectory(atPath: folder + "/proc", withIntermediateDirectories: true)
    let start = "[ -z \"$PROC\" ] || mount --bind /proc \"$ROOT/proc\"; exec chroot \"$ROOT\" /buzon \"$@\""
    func inside(proc: Bool = true, _ arguments: String...) async throws -> Outcome {
      try await Program.run(
        "/usr/bin/unshare", ["--mount", "--propagation", "private", "/bin/sh", "-e", "-c", start, "sh"] + arguments,
        environment: ["ROOT": folder, "PROC": proc ? "1" : ""])
    }
    let version = try await inside("--version")
    #expect(version.status == 0 && version.output.first?.isNumber == true, "\(version.output) \(version.errors)")
    let check = try await inside("check", "--config", "/buzon.yaml", "/form.yaml")
    #expect(check.status == 65 && check.errors.contains("/form.yaml:1:"), "\(check.output) \(check.errors)")
    // The static runtime finds the arguments by /proc/self/maps. Without them nothing may look like a success.
    let blind = try await inside(proc: false, "--version")
    #expect(blind.status == 74 && blind.errors.contains("mount /proc"), "\(blind.output) \(blind.errors)")
  }

  /// What the program itself names as needed belongs to packages of the README.
  private func expectNamed(_ program: String, _ libraries: [(name: String, path: String)]) async throws {
    guard exists("/usr/bin/dpkg-query"), exists("/usr/bin/readelf") else { return }
    let readme = try String(contentsOfFile: Self.root + "/README.md", encoding: .utf8)
    let dynamic = try await Program.run("/usr/bin/readelf", ["-d", program])
    for (name, path) in libraries where dynamic.output.contains("Shared library: [\(name)]") {
      // Debian 12 may know a file of /usr/lib by its name in /lib.
      let owner = try await Program.run("/usr/bin/dpkg-query", ["-S", path, "/usr" + path])
      let package = owner.output.prefix { $0 != ":" }
      #expect(!package.isEmpty, "\(path)")
      #expect(package == "libc6" || readme.contains(" \(package)"), "the README doesn't name \(package) (\(name))")
    }
  }

  @Test("release builds are linked so, by make release and for make install")
  func makefile() async throws {
    for target in ["release", "install"] {
      let plan = try await Program.run(
        "/usr/bin/make", ["-C", Self.root, "--dry-run", "--always-make", target, "DESTDIR=/nonexistent"])
      #expect(plan.status == 0, "\(plan.errors)")
      #expect(plan.output.contains("build -c release --static-swift-stdlib"), "\(target)")
    }
  }
}

/// The Swift compiler: beside `SWIFT`, or in the PATH.
private let compiler: String? = {
  let environment = ProcessInfo.processInfo.environment
  let given = environment["SWIFT"].flatMap { $0.contains("/") ? ($0 as NSString).deletingLastPathComponent : nil }
  let folders = [given].compactMap { $0 } + (environment["PATH"] ?? "").split(separator: ":").map(String.init)
  return folders.map { $0 + "/swiftc" }.first { FileManager.default.isExecutableFile(atPath: $0) }
}()
