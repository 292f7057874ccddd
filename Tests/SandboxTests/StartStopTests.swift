import Foundation
import Sandbox
import Testing

@Suite struct StartStop {
  @Test func aStartedSandboxAnswersItsAdministratorAndIsRunning() throws {
    let fixture = try Fixture(Sandbox.Options())
    #expect(try fixture.admin.whoAmI() == "dn:cn=admin,dc=example,dc=org")
    #expect(try Sandbox.status(home: fixture.sandbox.home) == .running(fixture.sandbox))
  }

  @Test func theAgentIsWhoeverStartedTheSandbox() throws {
    let fixture = try Fixture()
    #expect(try fixture.agent.whoAmI() == "dn:cn=buzon,ou=services,dc=example,dc=org")
  }

  @Test(.enabled(if: geteuid() == 0, "only root can be somebody else"))
  func anotherUserOfTheHostIsNotTheAgent() throws {
    let fixture = try Fixture()
    chmod(fixture.folder, 0o755)
    let tool = try Program.path("ldapwhoami", package: "ldap-utils")
    // Group 10 and user 10: where the pattern were not anchored, "0" would be found in "10".
    let result = try Program.run(
      "/usr/bin/setpriv",
      ["--reuid", "10", "--regid", "10", "--clear-groups", tool, "-Q", "-Y", "EXTERNAL", "-H", fixture.sandbox.uri])
    #expect(result.text == "dn:gidNumber=10+uidNumber=10,cn=peercred,cn=external,cn=auth")
  }

  @Test func startingARunningSandboxLeavesItAsItIs() throws {
    let fixture = try Fixture()
    #expect(try Sandbox.start(home: fixture.sandbox.home) == fixture.sandbox)
  }

  /// A file that slapd kept open for writing would never be taken by an agent.
  @Test func slapdKeepsNoFileThatAnotherThreadOpensWhileItStarts() throws {
    let fixture = try Fixture()
    let marker = "\(fixture.folder)/marker"
    let thread = Thread { while !Thread.current.isCancelled { close(open(marker, O_WRONLY | O_CREAT, 0o600)) } }
    thread.start()
    defer { thread.cancel() }
    for _ in 0..<10 {
      try Sandbox.stop(home: fixture.sandbox.home)
      let slapd = try Sandbox.start(home: fixture.sandbox.home)
      let files = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(slapd.pid)/fd").compactMap {
        try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(slapd.pid)/fd/\($0)")
      }
      #expect(!files.isEmpty && !files.contains(marker), "\(files)")
    }
  }

  @Test func aStoppedSandboxStartsAgainWithItsData() throws {
    let fixture = try Fixture()
    #expect(try fixture.agent.apply(accountRecord("rosa", base: fixture.sandbox.base)) == Code.success)
    try Sandbox.stop(home: fixture.sandbox.home)
    #expect(try Sandbox.status(home: fixture.sandbox.home) == .stopped)
    #expect(try fixture.admin.bind() != Code.success)
    try Sandbox.stop(home: fixture.sandbox.home)

    let again = try Sandbox.start(home: fixture.sandbox.home)
    #expect(again.uri == fixture.sandbox.uri)
    #expect(try fixture.agent.read(fixture.account("rosa"), "buzonRequest") == ["buzonRequest: 2026-0142#0"])
  }

  @Test(arguments: [true, false])
  func aKilledSandboxStartsAgainWithWhatItAcknowledgedAndItsRules(durable: Bool) throws {
    let fixture = try Fixture(Sandbox.Options(durable: durable))
    #expect(try fixture.agent.apply(accountRecord("rosa", base: fixture.sandbox.base)) == Code.success)
    #expect(kill(fixture.sandbox.pid, SIGKILL) == 0)

    let again = try Sandbox.start(home: fixture.sandbox.home)
    #expect(again.pid != fixture.sandbox.pid)
    #expect(try fixture.agent.read(fixture.account("rosa"), "employeeNumber") == ["employeeNumber: 1124000000"])
    #expect(try fixture.agent.replace(fixture.account("rosa"), "title", "Técnica") == Code.success)
    #expect(
      try fixture.agent.apply(accountRecord("otra", base: fixture.sandbox.base, addresses: ["rosa@example.org"]))
        == Code.constraintViolation)
  }

  @Test(.timeLimit(.minutes(15))) func aSlapdThatWasPausedIsStoppedToo() throws {
    let fixture = try Fixture()
    #expect(kill(fixture.sandbox.pid, SIGSTOP) == 0)
    // All its threads stop within moments.
    for _ in 0..<1_000 {
      if try String(contentsOfFile: "/proc/\(fixture.sandbox.pid)/stat", encoding: .utf8).contains(") T ") { break }
      usleep(10_000)
    }
    // Not started over: it says how to go on, at once.
    let began = ContinuousClock.now
    let error = #expect(throws: SandboxError.self) { try Sandbox.start(home: fixture.sandbox.home) }
    #expect(error?.description.contains("kill -CONT \(fixture.sandbox.pid)") == true, "\(error?.description ?? "")")
    #expect(began.duration(to: .now) < .seconds(30))
    try Sandbox.stop(home: fixture.sandbox.home)
    #expect(try Sandbox.status(home: fixture.sandbox.home) == .stopped)
  }

  @Test func aPidFileThatNamesAnotherProgramIsNotBelieved() throws {
    let fixture = try Fixture()
    #expect(kill(fixture.sandbox.pid, SIGKILL) == 0)
    try awaitEnd(of: fixture.sandbox)
    try write("\(fixture.sandbox.home)/slapd.pid", "\(getpid())\n")
    #expect(try Sandbox.status(home: fixture.sandbox.home) == .stopped)
    try Sandbox.stop(home: fixture.sandbox.home)
    #expect(try Sandbox.start(home: fixture.sandbox.home).pid != getpid())
  }

  @Test func aFirstStartThatWasCutShortBeginsAnew() throws {
    let fixture = try Fixture()
    let home = fixture.sandbox.home
    // What a start leaves that was killed after slapd came up and before the end: no state, but a slapd that runs.
    #expect(rename("\(home)/sandbox.state", "\(home)/sandbox.unfinished") == 0)
    #expect(throws: SandboxError.self) { try Sandbox.status(home: home) }
    let again = try Sandbox.start(home: home)
    #expect(again.pid != fixture.sandbox.pid)
    #expect(kill(fixture.sandbox.pid, 0) != 0 || isZombie(fixture.sandbox.pid))
    #expect(try fixture.admin.bind() == Code.success)
  }

  @Test func aFolderWithSomethingOfSomebodyElseIsRefused() throws {
    let folder = try temporaryFolder()
    defer { _ = try? Program.run("/bin/rm", ["-rf", folder]) }
    #expect(mkdir("\(folder)/data", 0o755) == 0)
    let error = #expect(throws: SandboxError.self) { try Sandbox.start(home: folder) }
    #expect(error?.kind == .usage)
    #expect(access("\(folder)/data", F_OK) == 0)
  }

  @Test func aMissingFolderIsNoSandbox() throws {
    for folder in ["/tmp", "/tmp/buzon-test-no-such-folder"] {
      let looked = #expect(throws: SandboxError.self) { try Sandbox.status(home: folder) }
      #expect(looked?.kind == .usage)
      let stopped = #expect(throws: SandboxError.self) { try Sandbox.stop(home: folder) }
      #expect(stopped?.kind == .usage)
    }
  }

  @Test func startsAtTheSameMomentMakeOneSandbox() async throws {
    let folder = try temporaryFolder()
    let pids = try await withThrowingTaskGroup(of: Int32.self) { group in
      for _ in 0..<4 {
        group.addTask { try Sandbox.start(home: folder, options: Sandbox.Options(durable: false)).pid }
      }
      return try await group.reduce(into: Set()) { $0.insert($1) }
    }
    #expect(pids.count == 1)
    try Sandbox.stop(home: folder)
    _ = try Program.run("/bin/rm", ["-rf", folder])
  }

  @Test func slapdHoldsNoDescriptorOfTheProgramThatStartedIt() throws {
    var ends: [Int32] = [0, 0]
    #expect(pipe(&ends) == 0)
    let fixture = try Fixture()
    close(ends[1])
    var poll = pollfd(fd: ends[0], events: Int16(POLLIN), revents: 0)
    // The end of the pipe is seen only when nobody has its other end any more.
    #expect(Glibc.poll(&poll, 1, 60_000) == 1)
    close(ends[0])
    #expect(try fixture.admin.bind() == Code.success)
  }
}

/// Waits until a slapd that was killed is gone.
func awaitEnd(of sandbox: Sandbox.Description) throws {
  for _ in 0..<60_000 {
    if kill(sandbox.pid, 0) != 0 || isZombie(sandbox.pid) { return }
    usleep(1000)
  }
  throw TestFailure("slapd (\(sandbox.pid)) does not end")
}

/// Whether a process has ended and only its parent hasn't asked yet.
func isZombie(_ pid: Int32) -> Bool {
  guard let result = try? Program.run("/bin/cat", ["/proc/\(pid)/stat"]) else { return false }
  return result.text.utf8.split(separator: UInt8(ascii: " ")).dropFirst(2).first?.elementsEqual("Z".utf8) ?? true
}

func write(_ path: String, _ text: String) throws {
  guard let file = fopen(path, "w") else { throw TestFailure("\(path): \(String(cString: strerror(errno)))") }
  fputs(text, file)
  fclose(file)
}
