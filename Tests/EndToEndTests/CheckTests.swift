import Foundation
import Support
import Testing

extension EndToEnd {
  @Suite("buzon check")
  struct CheckTests {
    /// 297 bytes that would be ten to the ninth nodes.
    static let bomb: String = {
      var text = "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
      for (before, name) in zip("abcdefgh", "bcdefghi") {
        text += "\(name): &\(name) [" + Array(repeating: "*\(before)", count: 10).joined(separator: ",") + "]\n"
      }
      return String(text.prefix(300))
    }()

    private static let samples = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../config/forms").standardizedFileURL.path

    @Test("tells ten mistakes on ten lines, each with its place")
    func tenMistakes() async throws {
      let place = try EndToEnd.place()
      let file = Self.samples + "/99-con-errores.yaml"
      let outcome = try await place.run("check", file)
      #expect(outcome.status == 65 && outcome.output.isEmpty)
      let lines = outcome.errors.split(separator: "\n")
      #expect(lines.count == 10, "\(outcome.errors)")
      #expect(lines.allSatisfy { IntakeTests.isFinding($0, file: file) }, "\(outcome.errors)")
      let places = lines.compactMap { line in
        line.dropFirst(file.count + 1).split(separator: ":").prefix(2).compactMap { Int($0) }
      }
      #expect(places == places.sorted { $0.lexicographicallyPrecedes($1) }, "in the order of the form")

      let json = try await place.start(["check", "--json", file]).outcome()
      #expect(json.status == 65 && json.errors.isEmpty)
      let form = try JSON(json.output)["forms"][0]
      #expect(form["file"] == .string(file) && form["valid"] == false)
      #expect(form["errors"].array == lines.map { .string(String($0)) })
      // The same in parts.
      #expect(
        form["findings"].array.map { finding in
          let place = [finding["line"], finding["column"]].compactMap(\.integer).map(String.init)
          return ([file] + place).joined(separator: ":")
            + ": \(finding["key"].text ?? ""): \(finding["message"].text ?? ""); \(finding["remedy"].text ?? "")"
        } == lines.map { String($0) })
    }

    @Test("has nothing to say about good forms")
    func good() async throws {
      let place = try EndToEnd.place().site.workplace("samples", .with { $0.domains = ["putumayo.gov.co"] })
      let files = place.names(in: Self.samples).filter { !$0.hasPrefix("99") && !$0.hasSuffix(".csv") }.map {
        Self.samples + "/" + $0
      }
      #expect(files.count >= 6)
      let outcome = try await place.start(["check"] + files).outcome()
      #expect(outcome.status == 0 && outcome.output.isEmpty && outcome.errors.isEmpty, "\(outcome.errors)")
      let json = try await JSON(place.start(["check", "--json"] + files).outcome().output)
      #expect(json["forms"].array.map { $0["valid"] } == files.map { _ in true })
    }

    @Test("of a file that can't be read is 66", arguments: ["/nowhere.yaml", "/", "/dev/null"])
    func unreadable(_ path: String) async throws {
      let outcome = try await EndToEnd.place().run("check", path)
      #expect(outcome.status == 66 && outcome.errors.contains(path), "\(outcome.errors)")
    }

    @Test("refuses a bomb of aliases of 300 bytes in no more time than a good form")
    func aliasBomb() async throws {
      let place = try EndToEnd.place()
      #expect((250...300).contains(Self.bomb.utf8.count))
      var files: [String] = []
      for (name, text) in [
        ("good", form(number: "X", changes: ["delete: {address: a@example.org}"])), ("bomb", Self.bomb),
      ] {
        files.append(place.folder + "/\(name)-check.yaml")
        try Data(text.utf8).write(to: URL(fileURLWithPath: files[files.count - 1]))
      }
      // The best of five each: starting the program takes longer than the form.
      var best: [Duration] = [.seconds(60), .seconds(60)]
      for _ in 0..<5 {
        for (index, file) in files.enumerated() {
          let start = ContinuousClock.now
          let outcome = try place.buzon("check", file)
          best[index] = min(best[index], ContinuousClock.now - start)
          #expect(outcome.status == (index == 0 ? 0 : 65), "\(outcome.errors)")
        }
      }
      // Who built its tree would take seven seconds.
      #expect(best[1] - best[0] < .seconds(1), "\(best)")
    }
  }
}
