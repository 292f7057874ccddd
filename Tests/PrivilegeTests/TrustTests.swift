import Foundation
import Sandbox
import Support
import Testing

/// The agent builds on nothing that others than its own user and root can change, or on secrets that others know. It says
/// what is wrong and which command helps; that command does.
@Suite("The agent refuses to start", .enabled(if: geteuid() == 0))
struct TrustTests {
  struct Row: Sendable, CustomTestStringConvertible {
    /// What is wrong.
    let name: String
    /// A shell command that makes it so: in `$F` are `state`, `spool`, `records` and `buzon.yaml`.
    let breaking: String
    /// Words of the message.
    let says: [String]
    /// What helps, where the message doesn't say a whole command.
    var mending: String?

    var testDescription: String { name }

    init(_ name: String, _ breaking: String, says: String..., mending: String? = nil) {
      self.name = name
      self.breaking = breaking
      self.says = says
      self.mending = mending
    }
  }

  static let rows = [
    Row("everybody may write in the state", "chmod 777 $F/state", says: "everybody may write in it", "chmod go-w"),
    Row("so with the sticky bit", "chmod 1777 $F/state", says: "everybody may write in it", "chmod go-w"),
    Row("a group may write in the state", "chgrp daemon $F/state; chmod 770 $F/state", says: "group 1 may", "g-w"),
    Row("even root's own group", "chmod 770 $F/state", says: "group 0 may write in it", mending: "chmod 700 $F/state"),
    Row("the state is another user's", "chown daemon $F/state", says: "belongs to user 1", "chown"),
    Row(
      "everybody may write where the state stands", "chmod 777 $F",
      says: "everybody may write in it, who could put something else in the place of", "go-w"),
    Row("a group may write where the state stands", "chgrp daemon $F; chmod 775 $F", says: "group 1 may", "g-w"),
    Row("what the state stands in is another user's", "chown daemon $F", says: "belongs to user 1", "chown root"),
    Row(
      "the state is a link in the open to what is closed",
      "mkdir -m 1777 $F/open; mv $F/state $F/real; ln -s $F/open/link $F/state; ln -s ../real $F/open/link; "
        + "chown -h daemon $F/open/link", says: "open/link: it belongs to user 1",
      mending: "chown -h root $F/open/link"),
    Row(
      "the state is a link to where everybody may write",
      "mkdir -m 777 $F/open; mv $F/state $F/open/real; "
        + "ln -s open/real $F/state", says: "open: everybody may write in it", "chmod go-w"),
    Row("the key can be read by everybody", "chmod 644 $F/state/slips.key", says: "everybody may read", "chmod 600"),
    Row("the key can be read by a group", "chmod 640 $F/state/slips.key", says: "its group may read", "chmod 600"),
    Row("the key is another user's", "chown daemon $F/state/slips.key", says: "belongs to user 1", "chown"),
    Row(
      "the key is a link", "mv $F/state/slips.key $F/key; ln -s $F/key $F/state/slips.key",
      says: "slips.key: it is not a regular file", "move", mending: "mv $F/key $F/state/slips.key"),
    Row("everybody may write the register", "chmod 666 $F/state/register.sqlite", says: "everybody may write it"),
    Row("everybody may read the register", "chmod 644 $F/state/register.sqlite", says: "everybody may read it"),
    Row(
      "the register is a link", "mv $F/state/register.sqlite $F/r; ln -s $F/r $F/state/register.sqlite",
      says: "register.sqlite: it is not a regular file", mending: "mv $F/r $F/state/register.sqlite"),
    Row("everybody may write the configuration", "chmod 666 $F/buzon.yaml", says: "buzon.yaml: everybody may write it"),
    Row("a group may write the configuration", "chgrp daemon $F/buzon.yaml; chmod 664 $F/buzon.yaml", says: "group 1"),
    Row("the configuration is another user's", "chown daemon $F/buzon.yaml", says: "belongs to user 1", "chown"),
    Row("everybody may read the bind password", "chmod 644 $F/password", says: "password: everybody may read it"),
    Row("everybody may write in the spool", "chmod 777 $F/spool", says: "everybody may write in it", "chmod go-w"),
    Row("everybody may write in taken/", "chmod 777 $F/spool/taken", says: "taken: everybody may write in it"),
    Row("taken/ is another user's", "chown daemon $F/spool/taken", says: "taken: it belongs to user 1"),
    Row("everybody may write in rejected/", "chmod 777 $F/spool/rejected", says: "rejected: everybody may write"),
    Row("everybody may write in the records", "chmod 777 $F/records", says: "records: everybody may write in it"),
    Row("everybody may write the pages' templates", "chmod 777 $F/templates", says: "templates: everybody may write"),
  ]

  /// Places where an agent ran, as root. The password is in a file that the agent's group may read.
  private actor Places {
    let site: Site
    private var first: Workplace?

    init() throws { site = try Site() }

    func next() async throws -> Workplace {
      let place = try site.workplace("trust")
      try FileManager.default.createDirectory(atPath: place.folder + "/templates", withIntermediateDirectories: false)
      try FileManager.default.copyItem(atPath: site.sandbox.passwordFile, toPath: place.folder + "/password")
      #expect(chmod(place.folder + "/password", 0o640) == 0)
      try place.configure(
        .with {
          $0.bind = "{method: simple, dn: \"\(site.sandbox.admin)\", password_file: \"\(place.folder)/password\"}"
          $0.more = "templates: \"\(place.folder)/templates\""
        })
      guard let first else {
        let run = try await place.run("run", "--once")
        #expect(run.status == 0, "\(run.errors)")
        // As it was left, for the others; this one stays as it is.
        first = place
        return try await next()
      }
      let copied = try await Program.run(
        "/bin/sh", ["-e", "-c", "rm -r $T/spool; cp -a $F/spool $F/state $F/records $T"],
        environment: ["F": first.folder, "T": place.folder])
      #expect(copied.status == 0, "\(copied.errors)")
      return place
    }
  }

  @Test("where others could change what it builds on; what it advises helps")
  func refusals() async throws {
    let places = try Places()
    for (index, row) in Self.rows.enumerated() {
      let place = try await places.next()
      func shell(_ command: String) async throws {
        let outcome = try await Program.run(
          "/bin/sh", ["-e", "-c", command], environment: ["F": place.folder])
        #expect(outcome.status == 0, "\(row.name): \(command): \(outcome.errors)")
      }
      try await shell(row.breaking)
      let before = try ModesTests.modes(below: place.folder)
      let refused = try await place.run("run", "--once")
      #expect(refused.status == 77, "\(row.name): \(refused.errors)")
      let message = refused.errors.split(separator: "\n").filter { $0.hasPrefix("buzon: ") }
      #expect(message.count == 1 && row.says.allSatisfy { message[0].contains($0) }, "\(row.name): \(message)")
      #expect(try ModesTests.modes(below: place.folder) == before, "\(row.name): nothing was changed")
      guard Torture.isFull || index % 4 == 0 else { continue }
      // The advice stands behind the last semicolon.
      let advice = row.mending ?? message.last?.split(separator: ";").last.map(String.init) ?? "false"
      try await shell(advice)
      let mended = try await place.run("run", "--once")
      #expect(mended.status == 0, "\(row.name): after \(advice): \(mended.errors)")
    }
    print("trust: \(Self.rows.count) ways of others into the agent's folders, all refused")
  }

  @Test("but not where a folder is merely untidy, or the way is a link of its own")
  func tidy() async throws {
    let places = try Places()
    for (name, command) in [
      ("a state that others may look into", "chmod 755 $F/state"),
      ("a sticky folder that everybody may write in", "chmod 1777 $F"),
      ("a link of root's", "mv $F/state $F/real; ln -s real $F/state"),
      ("links and dots", "mv $F/state $F/real; mkdir $F/a; ln -s a/../a/../real/. $F/state"),
      ("the group of root alone", "chmod 775 $F $F/spool $F/records; chmod 664 $F/buzon.yaml"),
      ("records that others may read", "chmod 755 $F/records"),
    ] {
      let place = try await places.next()
      let broken = try await Program.run("/bin/sh", ["-e", "-c", command], environment: ["F": place.folder])
      #expect(broken.status == 0, "\(name): \(broken.errors)")
      let outcome = try await place.run("run", "--once")
      #expect(outcome.status == 0, "\(name): \(outcome.errors)")
    }
  }

  @Test("as an ordinary user, too: by what others may do, not by what root may")
  func ordinary() async throws {
    let places = try Places()
    for (name, command, status) in [
      ("its own folders", "true", nil), ("root's", "chown 0 $F $F/buzon.yaml", nil),
      ("a third user's", "chown 65532 $F/state", 77), ("open ones", "chmod 777 $F/state", 77),
      ("a third user's configuration", "chown 65532 $F/buzon.yaml", 77),
      ("below a third user's", "chown 65532 $F", 77),
    ] as [(String, String, Int32?)] {
      let place = try await places.next()
      let ready = try await Program.run(
        "/bin/sh", ["-e", "-c", "chown -R 65531:65531 $F; \(command)"], environment: ["F": place.folder])
      #expect(ready.status == 0, "\(ready.errors)")
      let outcome = try await Program.run(
        "/usr/bin/setpriv",
        ["--reuid", "65531", "--regid", "65531", "--clear-groups", Program.built("buzon"), "run", "--once"],
        environment: ["BUZON_CONFIG": place.config])
      #expect(outcome.status == status ?? 0, "\(name): \(outcome.errors)")
    }
  }

  @Test("An open drop folder is told, for who drops a form commands the agent")
  func dropFolder() async throws {
    let place = try Site().workplace("drop")
    #expect(chmod(place.spool + "/incoming", 0o777) == 0)
    let outcome = try await place.run("run", "--once")
    #expect(outcome.status == 0)
    let warnings = outcome.errors.split(separator: "\n").filter { $0.contains(" spool.open ") }
    #expect(warnings.count == 2 && warnings.allSatisfy { $0.contains("chmod 3730") }, "\(warnings)")
    #expect(chmod(place.spool + "/incoming", 0o3730) == 0)
    #expect(try await place.run("run", "--once").errors.contains(" spool.open ") == false)
  }

  @Test("Nobody else can hold the agent's lock and keep it from starting")
  func lock() async throws {
    let place = try await Places().next()
    // A version before this one left it readable.
    #expect(chmod(place.spool + "/agent.lock", 0o644) == 0)
    #expect(try await place.run("run", "--once").status == 0)
    let stranger = try await Program.run(
      "/usr/bin/setpriv",
      ["--reuid", "65531", "--clear-groups", "/usr/bin/flock", "--nonblock", place.spool + "/agent.lock", "true"])
    #expect(stranger.status != 0 && stranger.errors.contains("Permission denied"), "\(stranger.errors)")
  }
}
