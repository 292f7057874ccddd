import Foundation
import Support
import Testing
import Text

/// What all tests rest on: a program is waited for by its process id, whatever it and others do with their descriptors.
@Suite("A program that a test starts")
struct ProgramTests {
  /// As Postfix's `master -d` does. Foundation's `Process` takes it for ended, waits for it with a wait that blocks, and
  /// nobody's end is seen any more.
  @Test("that closes its descriptors and goes on still runs, and holds up nobody else's end")
  func closed() async throws {
    // Every descriptor, so also one that a runner would have left to it.
    let script = "for f in /proc/self/fd/*; do f=${f##*/}; eval \"exec $f>&-\"; done; exec sleep 600"
    let silent = try Program("/bin/bash", ["-c", script])
    #expect(
      await comesTrue {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(silent.processIdentifier)/exe"))?
          .hasSuffix("sleep") == true
      })
    #expect(try FileManager.default.contentsOfDirectory(atPath: "/proc/\(silent.processIdentifier)/fd") == [])
    // Ended before and after it was waited for, by both ways of waiting.
    for _ in 0..<3 {
      #expect(try await Program("/bin/sh", ["-c", "exit 3"]).outcome(atMost: .seconds(60)).status == 3)
      #expect(try Program("/bin/sh", ["-c", "kill -TERM $$"]).wait(atMost: .seconds(60)) == -SIGTERM)
    }
    #expect(silent.isRunning)
    silent.signal(SIGTERM)
    #expect(await silent.outcome().status == -SIGTERM)
  }

  @Test("gets no descriptor of ours but its input and outputs, and no signal blocked or ignored")
  func clean() async throws {
    let leaked = open("/dev/null", O_RDONLY)
    defer { close(leaked) }
    let before = signal(SIGPIPE, SIG_IGN)
    defer { signal(SIGPIPE, before) }
    // ls(1) itself opens the folder as 3.
    let descriptors = try await Program.run("/bin/ls", ["/proc/self/fd"])
    #expect(descriptors.output == "0\n1\n2\n3\n", "\(descriptors.output)")
    let signals = try await Program.run("/bin/grep", ["-E", "^Sig(Blk|Ign):", "/proc/self/status"])
    let masks = signals.output.split(separator: "\n").compactMap { $0.split(separator: "\t").last }
      .compactMap { UInt64($0, radix: 16) }
    // 32 and 33 are glibc's own; no program may set them (sigaction(2)).
    #expect(masks.count == 2 && masks.allSatisfy { $0 & ~(3 << 31) == 0 }, "\(signals.output)")
  }

  @Test("that doesn't end in time is killed with what it started, and isn't taken for one that was killed otherwise")
  func overdue() async throws {
    let program = try Program("/bin/sh", ["-c", "sleep 600 & echo $!; wait"])
    #expect(await comesTrue { program.written.output.hasSuffix("\n") })
    let child = try #require(pid_t(program.written.output.dropLast()))
    let outcome = await program.outcome(atMost: .milliseconds(1))
    #expect(outcome.status == Outcome.overdue && outcome.errors.contains("it still ran"))
    #expect(!program.isRunning)
    #expect(
      await comesTrue {
        let stat = try? String(contentsOfFile: "/proc/\(child)/stat", encoding: .utf8)
        return stat.map { $0.contains(") Z ") } ?? true
      })
  }
}
