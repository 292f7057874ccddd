import Foundation
import Support
import Testing

/// Under the system calls of `config/systemd/buzon.service` (`Tests/CRestricted`): `RestrictSUIDSGID=` refuses every call
/// that names a set-id bit, also mkdir(2) of a folder that is there. `make field` has the unit itself.
@Suite("Under the unit's system calls", .enabled(if: mayRestrict))
struct UnitTests {
  private static func restricted(_ place: Workplace, _ command: String...) async throws -> Outcome {
    try await Program.run(
      Program.built("CRestricted"), command, environment: ["BUZON_CONFIG": place.config])
  }

  private static func mode(_ path: String) -> UInt32 {
    var status = stat()
    return stat(path, &status) == 0 ? status.st_mode & 0o7777 : 0
  }

  @Test("set-id bits are refused here, as the unit refuses them")
  func refusal() async throws {
    let place = try Site().workplace("refusal")
    let folder = place.folder + "/new"
    #expect(try await Self.restricted(place, "/bin/mkdir", "-m", "0755", folder).status == 0)
    #expect(try await Self.restricted(place, "/bin/chmod", "2755", folder).status == 1)
    #expect(try await Self.restricted(place, "/bin/chown", "0:0", folder).status == 1)
    #expect(Self.mode(folder) == 0o755)
  }

  @Test("the agent works in the folders that tmpfiles.d made, and leaves their modes")
  func work() async throws {
    let place = try Site().workplace("made")
    try place.drop(
      form(number: "U-1", changes: ["create: {address: una@example.org, name: {given: Ana, family: Rojas}}"]),
      as: "1.yaml")
    let run = try await Self.restricted(place, Program.built("buzon"), "run", "--once")
    #expect(run.status == 0, "\(run.errors)")
    #expect(try place.record("U-1")?["outcome"] == "applied")
    #expect(!run.errors.contains("spool.incomplete") && !run.errors.contains("thread priority"), "\(run.errors)")
    #expect(Self.mode(place.spool + "/incoming") == 0o3730)
  }

  @Test("it starts ssh-keygen, and takes a signed form")
  func signatures() async throws {
    let place = try Site().workplace("signed")
    let signing = try Signing(place)
    try await signing.make("boss")
    try signing.allow(signing.line("jefe.sistemas", "boss"))
    try place.configure(signing.options())
    let signed = form(
      number: "U-2", changes: ["create: {address: dos@example.org, name: {given: Ana, family: Rojas}}"])
    try place.drop(try await signing.signature(of: signed, by: "boss"), as: "2.yaml.sig")
    try place.drop(signed, as: "2.yaml")
    let run = try await Self.restricted(place, Program.built("buzon"), "run", "--once")
    #expect(run.status == 0, "\(run.errors)")
    #expect(try place.record("U-2")?["approval"]["signature"] == "verified")
  }

  @Test("without incoming/ it makes one that lacks the set-group-ID bit, and says what to do")
  func missing() async throws {
    let place = try Site().workplace("missing")
    try FileManager.default.removeItem(atPath: place.spool + "/incoming")
    let run = try await Self.restricted(place, Program.built("buzon"), "run", "--once")
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.errors.contains(" spool.incomplete ") && run.errors.contains("chmod 3730"), "\(run.errors)")
    #expect(Self.mode(place.spool + "/incoming") == 0o1730)

    // Where nothing is refused it has all its bits from the start.
    try FileManager.default.removeItem(atPath: place.spool + "/incoming")
    let free = try await place.run("run", "--once")
    #expect(free.status == 0 && !free.errors.contains("spool.incomplete"), "\(free.errors)")
    #expect(Self.mode(place.spool + "/incoming") == 0o3730)
  }
}

/// Whether the kernel takes a filter (a container may forbid it).
private let mayRestrict = (try? Program(Program.built("CRestricted"), ["/bin/true"]).wait()) == 0
