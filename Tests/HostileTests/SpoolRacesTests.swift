import Foundation
import Support
import Synchronization
import Testing

extension Hostile {
  /// What changes under the agent's hands while it is taken and read.
  @Suite("A file that changes")
  struct SpoolRacesTests {
    @Test("for a symbolic link and back never leads the agent outside")
    func swapped() async throws {
      let place = try Site().workplace("swap")
      let agent = try await place.agent()
      var beat = Beat(place, "swap")
      let secret = place.folder + "/secret.yaml"
      try Data(form("SECRET", ["create: {address: stolen@example.org, \(person)}"]).utf8)
        .write(to: URL(fileURLWithPath: secret))
      let rounds = Torture.count(share: 300, full: 40_000)
      let incoming = place.spool + "/incoming"
      for round in 0..<rounds {
        // The name is a good file, a link to the secret, another good file: faster than anybody takes it.
        let path = incoming + "/race.yaml"
        let (link, file) = (incoming + "/.link", incoming + "/.file")
        try Data("number: \(round)\n".utf8).write(to: URL(fileURLWithPath: file))
        _ = symlink(secret, link)
        _ = rename(file, path)
        _ = rename(link, path)
        if round % 3 == 0 { _ = Foundation.link(secret, incoming + "/hard\(round)") }
        if round % 7 == 0 { unlink(path) }
        if round % 200 == 0 { try await beat.good() }
      }
      unlink(incoming + "/race.yaml")
      await place.expectDrained()
      try await beat.good()
      #expect(try place.site.entry("stolen") == nil && place.record("SECRET") == nil)
      let reports = place.names(in: place.spool + "/rejected").filter { $0.hasSuffix(".report") }
      #expect(reports.count > rounds / 3)
      // Every name among the rejected has its report: none was lost on the way.
      #expect(place.names(in: place.spool + "/rejected").count == 2 * reports.count)
      // A hard link is no move: it rests two seconds, and what was dropped behind it waits its turn.
      beat.expectPrompt("\(rounds) swaps")
      await agent.expectGoodEnd("swaps")
      Torture.report("files swapped while taken", [("swaps", rounds)], lost: 0, twice: 0)
    }

    @Test("while it is read is taken whole or refused, never half")
    func written() async throws {
      let place = try Site().workplace("written")
      let agent = try await place.agent()
      let rounds = Torture.count(share: 24, full: 3_000)
      var (whole, refused) = (0, 0)
      var texts: [[UInt8]] = []
      for round in 0..<rounds {
        let number = "WR-\(round)"
        let made = "\(place.folder)/\(number)"
        // Cut at any line end this form would be a good one, with fewer changes.
        let creates = (0..<12).map { "create: {address: wr\(round)-\($0)@example.org, \(person)}" }
        let text = Array(form(number, creates).utf8)
        try Data(text).write(to: URL(fileURLWithPath: made))
        let file = open(made, O_WRONLY | O_APPEND | O_CLOEXEC)
        try place.moveIn(made, as: number)
        switch round % 3 {
        case 0:  // grows
          for _ in 0..<200 { write(file, "# more\n", 7) }
        case 1:  // is cut behind a line, and comes back
          let half = 1 + (text[(text.count / 2)...].firstIndex(of: 0x0A) ?? text.count - 1)
          for _ in 0..<20 {
            ftruncate(file, off_t(half))
            write(file, Array(text[half...]), text.count - half)
          }
        default:  // is cut to nothing, and written anew
          for _ in 0..<20 {
            ftruncate(file, 0)
            write(file, text, text.count)
          }
        }
        close(file)
        texts.append(text)
      }
      // A file that changed behind its move rests first; all of them together.
      for (round, text) in texts.enumerated() {
        let number = "WR-\(round)"
        let done = try await comesTrue {
          try place.record(number) != nil || exists("\(place.spool)/rejected/\(number).report")
        }
        #expect(done, "\(number)")
        if let record = try place.record(number) {
          whole += 1
          // It is one of the states that the file had between two writes; a part of a change is none.
          let archived = try #require(try place.archivedForm(number))
          #expect(Data(text).starts(with: archived.prefix(text.count)), "\(number): bytes that nobody wrote")
          let lines = String(decoding: archived, as: UTF8.self).split(separator: "\n").filter { $0.contains("create:") }
          #expect(record["changes"].array.count == lines.count, "\(number)")
        } else {
          refused += 1
        }
      }
      print("hostile: \(rounds) files written while taken: \(whole) taken whole, \(refused) refused")
      await agent.expectGoodEnd("files that change")
      Torture.report("files written while read", [("files", rounds)], lost: rounds - whole - refused, twice: 0)
    }

    @Test("its folder: the agent ends with the reason, touches nothing there, and goes on when it is mended")
    func folders() async throws {
      for (name, replacement) in [
        ("incoming", "folder"), ("taken", "link"), ("rejected", "link"), ("rejected", "folder"),
      ] {
        let place = try Site().workplace("moved-\(name)")
        let agent = try await place.agent()
        var beat = Beat(place, "before")
        try await beat.good()
        let (path, away) = ("\(place.spool)/\(name)", "\(place.folder)/away")
        let outside = place.folder + "/outside"
        try FileManager.default.createDirectory(atPath: outside, withIntermediateDirectories: false)
        try #require(rename(path, away) == 0)
        if replacement == "link" { #expect(symlink(outside, path) == 0) } else { #expect(mkdir(path, 0o777) == 0) }
        // What is dropped now isn't read by anybody who may have been cheated.
        try? place.drop("number: bad\n", as: "bad.yaml")
        let outcome = await agent.program.outcome()
        #expect(outcome.status == 74, "\(name): \(outcome.status) \(outcome.errors)")
        #expect(outcome.errors.contains(path) && outcome.errors.contains("agent.failed"), "\(name): \(outcome.errors)")
        #expect(place.names(in: outside) == [], "\(name)")
        if replacement == "link" { unlink(path) } else { try FileManager.default.removeItem(atPath: path) }
        try #require(rename(away, path) == 0)
        let again = try await place.agent()
        var after = Beat(place, "after")
        try await after.good()
        await again.expectGoodEnd("\(name) in place again")
      }
    }
  }

  @Suite("One number")
  struct SameNumberTests {
    @Test("many times at once is one request: its own bytes are answered already, other bytes are refused")
    func atOnce() async throws {
      let place = try Site().workplace("number")
      let agent = try await place.agent()
      let rounds = Torture.count(share: 2, full: 100)
      for round in 0..<rounds {
        let number = "SAME-\(round)"
        let texts = (0..<50).map {
          form(number, ["create: {address: same\(round)x\($0 % 2 == 0 ? 0 : $0)@example.org, \(person)}"])
        }
        let folder = place.folder + "/round\(round)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        for (index, text) in texts.enumerated() {
          try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(index)"))
        }
        // Each by a process of its own, at once.
        let movers = try (0..<5).map { mover in
          try Program(
            "/bin/sh",
            [
              "-c", "for i in $(seq \(mover * 10) \(mover * 10 + 9)); do mv \"$1/$i\" \"$2/r\(round)f$i\"; done", "sh",
              folder, place.spool + "/incoming",
            ])
        }
        for mover in movers { #expect(await mover.outcome().status == 0) }
        await place.expectDrained()
        let record = try await place.recorded(number)
        #expect(record["outcome"] == "applied" && record["changes"].array.count == 1)
        let archived = try #require(try place.archivedForm(number))
        let winners = texts.indices.filter { Data(texts[$0].utf8) == archived }
        #expect(!winners.isEmpty)
        let rejected = place.names(in: place.spool + "/rejected").filter { $0.hasPrefix("r\(round)f") }
        #expect(rejected.count == 2 * (50 - winners.count), "\(rejected.count) for \(winners.count)")
        for index in winners { #expect(!rejected.contains("r\(round)f\(index)")) }
      }
      let applied = try place.site.timesApplied("SAME-")
      let (lost, twice) = (rounds - applied.count, applied.values.filter { $0 > 1 }.count)
      #expect(lost == 0 && twice == 0)
      await agent.expectGoodEnd("one number at once")
      Torture.report("one number at once", [("files", rounds * 50)], lost: lost, twice: twice)
    }
  }
}
