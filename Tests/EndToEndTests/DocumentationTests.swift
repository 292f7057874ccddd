import Foundation
import Records
import Support
import Testing

/// The commands that README.md and docs/ show do what they say: the `sh` blocks of each page run in their order, by one
/// shell, in an empty folder. What stands in other fences isn't run; `make field` runs the section that needs root.
@Suite("The documentation")
struct DocumentationTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path
  static let pages: [String] = {
    let docs = (try? FileManager.default.contentsOfDirectory(atPath: root + "/docs")) ?? []
    return ["README.md", "CONTRIBUTING.md"] + docs.filter { $0.hasSuffix(".md") }.sorted().map { "docs/\($0)" }
  }()

  private static func lines(_ page: String) throws -> [Substring] {
    try String(contentsOfFile: root + "/" + page, encoding: .utf8).split(
      separator: "\n", omittingEmptySubsequences: false)
  }

  /// The text of the blocks of one language, in their order.
  private static func blocks(_ language: String, of page: String) throws -> [String] {
    var blocks: [String] = []
    var section = ""
    var block: [Substring]?
    for line in try lines(page) {
      let text = line.trimmingPrefix { $0 == " " }
      if let open = block {
        if text == "```" {
          if section != "## Into a real directory" { blocks.append(open.joined(separator: "\n")) }
          block = nil
        } else {
          block?.append(line)
        }
      } else if text == "```\(language)" {
        block = []
      } else if line.hasPrefix("## ") {
        section = String(line)
      }
    }
    return blocks
  }

  @Test("the commands of a page work as they stand", arguments: pages)
  func commands(page: String) async throws {
    let blocks = try Self.blocks("sh", of: page)
    if page == "README.md" { #expect(blocks.count > 4, "the first account") }
    guard !blocks.isEmpty else { return }
    let scratch = try Scratch()
    // Whatever happens, the page's agent and its directory end with it.
    let script = """
      set -euo pipefail
      end() { kill $(jobs -p) 2>/dev/null || true; buzon sandbox stop --home "$PWD/sandbox" >/dev/null 2>&1 || true; }
      trap end EXIT
      \(blocks.joined(separator: "\n"))
      """
    try scratch.write(script, to: "page.sh")
    let path =
      URL(filePath: Program.built("buzon")).deletingLastPathComponent().path + ":"
      + (ProcessInfo.processInfo.environment["PATH"] ?? "")
    let outcome = try await Program.run(
      "/usr/bin/env", ["-C", scratch.path, "bash", "page.sh"], environment: ["PATH": path, "BUZON_CONFIG": ""])
    #expect(outcome.status == 0, "\(page): \(outcome.output.suffix(1_000))\(outcome.errors.suffix(2_000))")
  }

  @Test("every example of JSON is JSON, of the version that programs print", arguments: pages)
  func examples(page: String) throws {
    for block in try Self.blocks("json", of: page) {
      #expect(throws: Never.self, "\(page): \(block.prefix(200))") {
        let value = try JSONSerialization.jsonObject(with: Data(block.utf8)) as? [String: Any]
        let isRecord = value?["form"] != nil
        #expect(value?["version"] as? Int ?? 1 == (isRecord ? DeliveryRecord.version : 1))
      }
    }
  }

  @Test("every link leads to a file", arguments: pages)
  func links(page: String) throws {
    let folder = URL(filePath: Self.root + "/" + page).deletingLastPathComponent()
    for line in try Self.lines(page) {
      for link in line.matches(of: /\]\(([^)#:]+)(#[^)]*)?\)/) {
        let target = folder.appending(path: String(link.1)).path
        #expect(FileManager.default.fileExists(atPath: target), "\(page): \(link.1)")
      }
    }
  }

  @Test("every source that a page names is there", arguments: pages)
  func sources(page: String) throws {
    for line in try Self.lines(page) {
      for name in line.matches(of: /`([A-Za-z]+\/[A-Za-z+\/]+\.swift)`/) {
        let path = Self.root + "/Sources/" + name.1
        #expect(FileManager.default.fileExists(atPath: path), "\(page): \(name.1)")
      }
    }
  }

  @Test("the README has at most 200 lines, and no line of a page is longer than 125 characters", arguments: pages)
  func size(page: String) throws {
    let lines = try Self.lines(page)
    if page == "README.md" { #expect(lines.count <= 201) }
    for line in lines { #expect(line.count <= 125, "\(page): \(line)") }
  }
}
