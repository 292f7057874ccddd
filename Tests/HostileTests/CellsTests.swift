import Foundation
import Support
import Testing

extension Hostile {
  /// Every hostile value in every field of the form, judged by `buzon check`.
  @Suite("A value in a field")
  struct CellsTests {
    @Test("is taken, or refused where it stands, on one safe line with the reason and what to write instead")
    func cells() async throws {
      let place = try Site().workplace("cells")
      let values = HostileValue.table(port: 1)
      let cells = FormCell.table(values)
      let folder = place.folder + "/cells"
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
      var lines: [Int] = []
      for (index, cell) in cells.enumerated() {
        let (text, line) = cell.form()
        lines.append(line)
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(index)"))
      }
      // One process for all: what one form left in memory shows in the next.
      let start = ContinuousClock.now
      let judged = try await Check.run(place, files: cells.indices.map { "\(folder)/\($0)" })
      print(
        "hostile: \(cells.count) forms checked in \((ContinuousClock.now - start).inMilliseconds) ms, \(judged.peak) MiB"
      )
      #expect(judged.status == 65 && judged.peak < 200)
      try #require(judged.errors.count == cells.count)
      var (taken, wrong) = (0, 0)
      for (index, cell) in cells.enumerated() {
        let told = judged.errors[index]
        let what = "\(cell.key): \(cell.value.name) (\(cell.isRaw ? "raw" : "escaped"))"
        if told.isEmpty { taken += 1 }
        let isWrong = FormCell.free.contains(cell.key) && cell.value.fate != (told.isEmpty ? .taken : .refused)
        if isWrong, cell.value.fate != .either {
          wrong += 1
          Issue.record("\(what) is \(told.isEmpty ? "taken" : "refused: \(told)")")
        }
        for line in told { expectPlaced(line, file: "\(folder)/\(index)", line: lines[index], cell, what) }
      }
      #expect(taken > cells.count / 10 && taken < cells.count / 2 + cells.count / 4, "\(taken) of \(cells.count)")
      Torture.report(
        "hostile values",
        [
          ("fields", FormCell.free.count + FormCell.typed.count), ("values", values.count), ("cells", cells.count),
          ("taken", taken),
        ],
        lost: 0, twice: 0, failures: wrong)
    }

    private func expectPlaced(_ finding: String, file: String, line: Int, _ cell: FormCell, _ what: String) {
      expectSafe(Data(finding.utf8), what)
      guard !finding.utf8.contains(0x0A), finding.hasPrefix("\(file):\(line):") else {
        Issue.record("\(what): another place than line \(line), or more lines: \(finding)")
        return
      }
      // COLUMN: KEY: what is wrong; what to write instead
      let parts = finding.utf8.dropFirst("\(file):\(line):".utf8.count).split(separator: 0x3A, maxSplits: 2)
      guard parts.count == 3, Int(String(decoding: parts[0], as: UTF8.self)) != nil else {
        Issue.record("\(what): \(finding)")
        return
      }
      let key = String(decoding: parts[1], as: UTF8.self)
      #expect(key == " file" || key.contains(cell.key.split(separator: ".").last ?? ""), "\(what): \(finding)")
      #expect(finding.utf8.count < 700 && parts[2].contains(0x3B), "\(what): \(finding)")
      // Identity numbers never reach a message.
      let isSecret = cell.key.hasSuffix("document") && cell.value.text.utf8.count > 3
      #expect(!isSecret || !finding.contains(cell.value.text), "\(what)")
    }

    @Test("may be as long as its limit, and not a letter longer", arguments: ["é", "👍"])
    func limits(letter: String) async throws {
      let place = try Site().workplace("limits")
      let limits: [(key: String, most: Int)] = FormCell.free.map {
        ($0, $0 == "approval.reference" || $0 == "delete.reason" ? 256 : 128)
      }
      var files: [String] = []
      for (key, most) in limits {
        for count in [1, most, most + 1, 1 << 16] {
          let value = HostileValue(.either, "", String(repeating: letter, count: count))
          files.append("\(place.folder)/\(files.count)")
          // The last is as large as the form may be.
          try Data(FormCell(key: key, value: value, isRaw: true).form().text.utf8.prefix(1 << 20))
            .write(to: URL(fileURLWithPath: files[files.count - 1]))
        }
      }
      let errors = try await Check.run(place, files: files).errors
      try #require(errors.count == files.count)
      for (index, told) in errors.enumerated() {
        let (key, most) = limits[index / 4]
        #expect(told.isEmpty == (index % 4 < 2), "\(key), \(letter): \(told)")
        #expect(
          index % 4 != 2 || told.allSatisfy { $0.contains("has \(most + 1) letters; write at most \(most)") }, "\(told)"
        )
        #expect(told.allSatisfy { $0.utf8.count < 700 })
      }
    }
  }
}

/// `buzon check --json` of many files, and the most memory it had.
struct Check {
  var status: Int32
  /// By file.
  var errors: [[String]]
  /// MiB.
  var peak: Int

  static func run(_ place: Workplace, files: [String], command: [String] = ["check", "--json"]) async throws -> Check {
    // Python's wait tells what the kernel knows of the child's memory.
    let script = """
      import resource, subprocess, sys
      code = subprocess.run(sys.argv[1:]).returncode
      print("PEAK", resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024, file=sys.stderr)
      sys.exit(code if code >= 0 else 128 - code)
      """
    let outcome = try await Program(
      "/usr/bin/python3", ["-c", script, Program.built("buzon")] + command + files,
      environment: ["BUZON_CONFIG": place.config]
    ).outcome()
    let peak = outcome.errors.split(separator: "\n").last { $0.hasPrefix("PEAK ") }.flatMap { Int($0.dropFirst(5)) }
    guard command.contains("--json") else { return Check(status: outcome.status, errors: [], peak: peak ?? 9_999) }
    let answer = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any]
    let forms = answer?["forms"] as? [[String: Any]] ?? []
    // The forms are copies of one, with its number; each is judged as if it came alone.
    let errors = forms.map { form in
      (form["errors"] as? [String] ?? ["none"]).filter { !$0.hasSuffix("; give each form a number of its own") }
    }
    return Check(status: outcome.status, errors: errors, peak: peak ?? 9_999)
  }
}
