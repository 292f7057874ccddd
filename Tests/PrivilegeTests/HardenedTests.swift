import Foundation
import Sandbox
import Support
import Testing

/// What `config/systemd/buzon.service` takes away, as far as it can be tried without systemd (`InstallTests` has its
/// exposure judged): another user without capabilities, a file system that is read-only but for the agent's folders, no
/// more files and processes than the unit allows.
@Suite("As closed in as the unit has it", .enabled(if: geteuid() == 0 && mayMount))
struct HardenedTests {
  private static let user = "65531"

  @Test("the agent carries a form from file to record, and can write nowhere else")
  func work() async throws {
    let site = try Site()
    let place = try site.workplace("closed")
    try site.modify(
      """
      dn: cn=config
      changetype: modify
      add: olcAuthzRegexp
      olcAuthzRegexp: ^gidNumber=\(Self.user)\\+uidNumber=\(Self.user),cn=peercred,cn=external,cn=auth$ \(site.sandbox.agent)

      """)
    for folder in [place.state, place.records] {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
      #expect(chmod(folder, folder == place.state ? 0o700 : 0o750) == 0)
    }
    try place.drop(
      form(
        number: "C-1",
        changes: [
          "create: {address: cerrada@example.org, name: {given: Ana, family: Rojas}, document: '1124850000'}"
        ]), as: "1.yaml")
    func closedIn(_ command: [String]) async throws -> Outcome {
      // The folders first, each a mount of its own; then all that is below the root without them.
      let script = """
        chown -R \(Self.user):\(Self.user) $F/state $F/records $F/spool
        for folder in state records spool; do mount --bind $F/$folder $F/$folder; done
        mount -o remount,bind,ro / 2>/dev/null || { mount --bind / /; mount -o remount,bind,ro /; }
        mount -t tmpfs -o ro none /home; mount -t tmpfs -o ro none /root
        exec prlimit --core=0 --nofile=4096 --nproc=128 setpriv --reuid \(Self.user) --regid \(Self.user) --clear-groups \
          --bounding-set=-all --inh-caps=-all --ambient-caps=-all --no-new-privs "$@"
        """
      return try await Program.run(
        "/usr/bin/unshare", ["--mount", "--propagation", "private", "/bin/sh", "-e", "-c", script, "sh"] + command,
        environment: ["BUZON_CONFIG": place.config, "F": place.folder])
    }
    let elsewhere = try await closedIn(["/bin/sh", "-c", "echo x > $F/x; echo x > /tmp/buzon-x; test -w $F/state"])
    #expect(
      elsewhere.status == 0 && elsewhere.errors.split(separator: "\n").count == 2 && !exists(place.folder + "/x"),
      "\(elsewhere.status) \(elsewhere.errors)")
    let run = try await closedIn([Program.built("buzon"), "run", "--once"])
    #expect(run.status == 0, "\(run.errors)")
    #expect(try place.record("C-1")?["outcome"] == "applied")
    #expect(exists(place.records + "/metrics/buzon.prom") && exists(place.records + "/status.html"))
    #expect(try site.entry("cerrada") != nil)
    let shown = try await closedIn([Program.built("buzon"), "handover", "cerrada@example.org"])
    #expect(shown.status == 0, "\(shown.errors)")
  }
}

/// Whether namespaces and mounts can be had here (not in a container without the right to).
private let mayMount = (try? Program("/usr/bin/unshare", ["--mount", "true"]).wait()) == 0
