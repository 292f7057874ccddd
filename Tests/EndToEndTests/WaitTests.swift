import Foundation
import Support
import Testing

extension EndToEnd {
  @Suite("submit --wait")
  struct WaitTests {
    private static func create(_ number: String, _ local: String) -> String {
      form(number: number, changes: ["create: {address: \(local)@example.org, name: {given: A, family: B}}"])
    }

    private static func remove(_ number: String, _ local: String) -> String {
      form(number: number, changes: ["delete: {address: \(local)@example.org, reason: Retiro}"])
    }

    private func written(_ text: String, _ place: Workplace) throws -> String {
      let path = place.folder + "/\(UUID().uuidString).yaml"
      try Data(text.utf8).write(to: URL(fileURLWithPath: path))
      return path
    }

    @Test("tells each form's outcome, and the worst as its exit code")
    func outcomes() async throws {
      let place = try EndToEnd.place()
      let good = try written(Self.create("WAIT-1", "wait1"), place)
      let bad = try written(Self.remove("WAIT-2", "wait-none"), place)
      let partly = try written(
        form(
          number: "WAIT-3",
          changes: [
            "create: {address: wait3@example.org, name: {given: A, family: B}}", "delete: {address: no@example.org}",
          ]), place)
      let first = try await place.run("submit", "--wait", good)
      #expect(first.status == 0 && first.output == "WAIT-1 applied\n", "\(first.errors)")
      #expect(try await place.answer("show", "WAIT-1")["outcome"] == "applied")

      let all = try await place.run("submit", "--wait", "--json", bad, partly)
      #expect(all.status == 1, "\(all.errors)")
      let submitted = try JSON(all.output)["submitted"].array
      let byNumber = Dictionary(uniqueKeysWithValues: submitted.map { ($0["number"].text ?? "", $0) })
      #expect(byNumber["WAIT-2"]?["outcome"] == "failed" && byNumber["WAIT-2"]?["state"] == "done")
      #expect(byNumber["WAIT-3"]?["outcome"] == "partly")
      #expect(byNumber["WAIT-2"]?["file"] == .string(bad))

      // The very form that was accepted before has its answer already.
      let again = try await place.run("submit", "--wait", good)
      #expect(again.status == 0 && again.output == "WAIT-1 applied\n")
      // Another form under that number is not submitted.
      let taken = try await place.run("submit", "--wait", try written(Self.create("WAIT-1", "wait9"), place))
      #expect(taken.status == 65 && taken.output.isEmpty && taken.errors.contains("number: number WAIT-1 belongs"))
    }

    @Test("takes one of two forms with one number, in one command or one after the other; the agent rejects the second")
    func oneNumber() async throws {
      let place = try EndToEnd.place().site.workplace("wait-number")
      let first = try written(Self.create("WAIT-9", "wait9"), place)
      let second = try written(Self.create("WAIT-9", "wait10"), place)
      for command in ["check", "submit"] {
        let both = try await place.run(command, first, second)
        #expect(both.status == 65 && both.errors.contains("\(second): number: \(first) has the number WAIT-9 too"))
      }
      let json = try await JSON(place.start(["check", "--json", first, second]).outcome().output)
      #expect(
        json["forms"][1]["findings"] == [
          [
            "file": .string(second), "line": .null, "column": .null, "key": "number",
            "message": .string("\(first) has the number WAIT-9 too"), "remedy": "give each form a number of its own",
          ]
        ])
      // No agent has read the first one yet.
      let waiting = try place.start(["submit", "--wait", "--json", second])
      #expect(await comesTrue { place.names(in: place.spool + "/incoming").count == 2 })
      #expect(try await place.run("run", "--once").status == 1)
      let outcome = await waiting.outcome()
      let form = try JSON(outcome.output)["submitted"][0]
      #expect(outcome.status == 1 && form["outcome"] == "rejected" && form["state"] == .null)
      #expect(form["reason"].text?.contains("belongs to another form") == true)
    }

    @Test("ends with 75 when the time is over, and when only a person can help")
    func over() async throws {
      let place = try EndToEnd.place().site.workplace("wait", .with { $0.uri = "ldapi://%2Fnowhere%2Fldapi" })
      let file = try written(Self.create("WAIT-5", "wait5"), place)
      // No agent has ever run here.
      let first = try await place.run("submit", "--wait", "--timeout", "200ms", file)
      #expect(first.status == 75 && first.output.hasPrefix("WAIT-5 waits (in the spool)"), "\(first)")
      let agent = try await place.agent()
      #expect(try await comesTrue { try await place.answer("queue")["requests"].array.count == 1 })
      let ready = try await place.start(["submit", "--wait", "--timeout", "300 ms", "--json", file]).outcome()
      #expect(ready.status == 75)
      #expect(try JSON(ready.output)["submitted"][0]["state"] == "ready")
      #expect(try await place.run("hold", "WAIT-5").status == 0)
      // The same form is taken, known, and unlinked; what it waits for is the held request.
      let held = try await place.run("submit", "--wait", "--timeout", "60s", file)
      #expect(held.status == 75 && held.output.hasPrefix("WAIT-5 held"), "\(held)")
      #expect(await agent.end() == 0)
    }

    @Test("ended by Ctrl-C says that the form stays, and ends by the signal")
    func interrupted() async throws {
      let place = try EndToEnd.place().site.workplace("wait-interrupted")
      let file = try written(Self.create("WAIT-8", "wait8"), place)
      let waiting = try place.start(["submit", "--wait", file])
      #expect(await comesTrue { place.names(in: place.spool + "/incoming").count == 1 })
      // The first look at the register comes behind the handler of the signal.
      #expect(
        await comesTrue {
          let lines = try? String(contentsOfFile: "/proc/\(waiting.processIdentifier)/status", encoding: .utf8)
          let caught = lines?.split(separator: "\n").first { $0.hasPrefix("SigCgt:") }?.split(separator: "\t").last
          return caught.flatMap { UInt64($0, radix: 16) }.map { $0 & (1 << UInt64(SIGINT - 1)) != 0 } ?? false
        })
      waiting.signal(SIGINT)
      let outcome = await waiting.outcome()
      #expect(outcome.status == -SIGINT && outcome.errors.contains("WAIT-8 stays submitted"), "\(outcome)")
      #expect(!outcome.errors.contains("undone"), "\(outcome.errors)")
      #expect(place.names(in: place.spool + "/incoming").count == 1)
    }

    @Test("submits also where the register may not be read, and says so: 77")
    func permission() async throws {
      let place = try EndToEnd.place().site.workplace("wait-closed")
      #expect(try await place.run("run", "--once").status == 0)
      #expect(chmod(place.state + "/register.sqlite", 0) == 0)
      let file = try written(Self.create("WAIT-6", "wait6"), place)
      let prefix = geteuid() == 0 ? ["/usr/bin/setpriv", "--bounding-set=-dac_override,-dac_read_search"] : []
      let command = prefix + [Program.built("buzon"), "submit", "--wait", file]
      let outcome = try await Program.run(
        command[0], Array(command.dropFirst()), environment: ["BUZON_CONFIG": place.config])
      #expect(outcome.status == 77 && outcome.output == "WAIT-6 submitted\n" && outcome.errors.contains("register"))
      let names = place.names(in: place.spool + "/incoming")
      #expect(names.count == 1 && names[0].hasPrefix("WAIT-6-") && names[0].hasSuffix(".yaml"))
    }

    @Test("A form can come from standard input, to submit and to check; a mistake there has its place")
    func standardInput() async throws {
      let place = try EndToEnd.place()
      let environment = ["BUZON_CONFIG": place.config]
      func run(_ arguments: [String], _ input: String) async throws -> Outcome {
        try await Program.run(Program.built("buzon"), arguments, environment: environment, input: input)
      }
      let good = Self.create("WAIT-7", "wait7")
      #expect(try await run(["check", "-"], good).status == 0)
      let bad = try await run(["check", "-"], good + "extra: 1\n")
      #expect(bad.status == 65 && bad.errors.hasPrefix("<stdin>:") && bad.errors.contains(": extra: "))
      let submitted = try await run(["submit", "--wait", "-"], good)
      #expect(submitted.status == 0 && submitted.output == "WAIT-7 applied\n", "\(submitted.errors)")
      #expect(try await run(["submit", "-", "-"], good).status == 64)
      #expect(try await run(["submit", "--timeout", "1s", "-"], good).status == 64)
      #expect(try await run(["submit", "--wait", "--timeout", "1w", "-"], good).status == 64)
    }
  }
}
