import Foundation
import Support
import Testing
import Text

/// The share of fuzzing that needs no fuzzer: every seed, and mutations of them that a printed seed repeats.
@Suite("What fuzzing asks of parsers and writers")
struct CorpusTests {
  @Test("holds for every seed", arguments: FuzzTarget.all.map(\.name))
  func seeds(name: String) throws {
    let target = try #require(FuzzTarget.all.first { $0.name == name })
    let seeds = try Corpus(of: name).seeds
    #expect(!seeds.isEmpty)
    for (file, seed) in seeds {
      #expect(throws: Never.self, "\(name)/\(file)") { try target.check(seed) }
    }
  }

  @Test("holds for what chance makes of the seeds")
  func mutations() throws {
    let count = Torture.count(share: 300, full: 50_000)
    var failures = 0
    for target in FuzzTarget.all {
      var corpus = try Corpus(of: target.name)
      for _ in 0..<count {
        let input = corpus.next()
        do {
          try target.check(input)
        } catch {
          failures += 1
          Issue.record("\(target.name) of \(Data(input).base64EncodedString()): \(error)")
        }
      }
    }
    Torture.report(
      "mutated seeds", [("targets", FuzzTarget.all.count), ("inputs", count * FuzzTarget.all.count)], lost: 0,
      twice: 0, failures: failures)
  }
}

/// The seeds of a target, and what chance makes of them.
private struct Corpus {
  private(set) var seeds: [(file: String, bytes: [UInt8])] = []
  private var random = SeededGenerator(seed: Torture.seed)

  init(of name: String) throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Corpora/\(name)")
    for file in try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() {
      seeds.append((file, Array(try Data(contentsOf: folder.appendingPathComponent(file)))))
    }
    if seeds.isEmpty { seeds = [("", [])] }
  }

  /// A seed with one to eight changes.
  mutating func next() -> [UInt8] {
    var bytes = seed()
    for _ in 0..<Int.random(in: 1...8, using: &random) { change(&bytes) }
    return bytes
  }

  private mutating func seed() -> [UInt8] { seeds[Int.random(in: 0..<seeds.count, using: &random)].bytes }

  private mutating func change(_ bytes: inout [UInt8]) {
    let place = Int.random(in: 0...bytes.count, using: &random)
    let length = Int.random(in: 1...16, using: &random)
    switch Int.random(in: 0..<6, using: &random) {
    case 0 where place < bytes.count: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 1 where place < bytes.count: bytes[place] = UInt8.random(in: 0...255, using: &random)
    case 2: bytes.removeSubrange(place..<min(place + length, bytes.count))
    case 3: bytes.insert(contentsOf: bytes[place..<min(place + length, bytes.count)], at: place)
    case 4:
      let other = seed()
      let start = Int.random(in: 0...other.count, using: &random)
      bytes.insert(contentsOf: other[start..<min(start + length * 2, other.count)], at: place)
    default: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
    }
  }
}
