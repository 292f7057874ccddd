import Foundation
import Support
import Synchronization
import Testing

/// Every result code as the answer to every operation of the agent's: what is the entry's own fault, what is ours to mend
/// or passes by itself, and what a guard says are told apart. Each kind of operation has a directory of its own.
@Suite("Result codes")
struct ResultCodeTests {
  /// Which code the write of an entry is answered with, by the entry's local part; and how often that happened.
  private final class Answers: Sendable {
    private let codes = Mutex<[String: (code: Int, times: Int)]>([:])

    func set(_ local: String, _ code: Int?) { codes.withLock { $0[local] = code.map { ($0, 0) } } }
    func times(_ local: String) -> Int { codes.withLock { $0[local]?.times ?? 0 } }

    func deed(_ request: Proxy.Request, _ kind: Proxy.Kind) -> Proxy.Deed {
      guard request.kind == kind, let local = request.name.split(separator: ",").first?.dropFirst("uid=".count) else {
        return .pass
      }
      return codes.withLock { codes in
        guard let code = codes[String(local)]?.code else { return .pass }
        codes[String(local)]?.times += 1
        return .refuse(code)
      }
    }
  }

  private static func change(_ kind: Proxy.Kind, _ local: String) -> String {
    switch kind {
    case .add: create(local)
    case .modify: retitle(local)
    default: purge(local)
    }
  }

  @Test("of a write: the entry's fault, ours, and a guard's word", arguments: [Proxy.Kind.add, .modify, .delete])
  func writes(_ kind: Proxy.Kind) async throws {
    let site = try Site()
    let proxy = try Proxy(site, "codes")
    let answers = Answers()
    proxy.rule { answers.deed($0, kind) }
    let place = try site.behind(proxy, "codes-\(kind)")
    let agent = try await place.agent()
    func local(_ code: Code) -> String { "c\(code.number)" }
    let salt = UInt64(kind.rawValue.utf8.count)
    let failing = Code.drawn(6, salt) { $0.fate(kind) == .fails }
    let waiting = Code.drawn(2, salt) { $0.fate(kind) == .waits }
    let guarded = Code.drawn(2, salt) { $0.fate(kind) == .guarded }
    let codes = failing + waiting + guarded
    if kind != .add { try await place.carryOut(form(number: "P-1", changes: codes.map { create(local($0)) }), "P-1") }

    // All at once, each with another change behind it.
    for code in failing + guarded {
      answers.set(local(code), code.number)
      let number = "F-\(code.number)"
      try place.drop(form(number, Self.change(kind, local(code)), create("n\(code.number)")), as: number)
    }
    for code in failing + guarded {
      let changes = try await place.recorded("F-\(code.number)")["changes"]
      #expect(changes[1]["outcome"] == "applied", "\(code.told): the next change")
      // An entry of that name is there, and isn't ours: there are other names.
      if kind == .add, code.number == 68 {
        #expect(changes[0]["outcome"] == "applied" && changes[0]["dn"].text?.hasPrefix("uid=c68-2,") == true)
        continue
      }
      let error = changes[0]["error"]
      #expect(changes[0]["outcome"] == "failed", "\(code.told): \(changes[0])")
      #expect(error["code"].integer == code.number && error["diagnostic"].text == Proxy.words, "\(code.told): \(error)")
      #expect(error["name"].text == (code.name.isEmpty ? "code \(code.number)" : code.name), "\(code.told): \(error)")
      #expect(error["remedy"].text?.isEmpty == false)
      #expect(
        agent.log.contains {
          $0.contains("change.failed") && $0.contains("F-\(code.number)#0") && $0.contains("code=\(code.number) ")
        }, "\(code.told)")
      // A name more each time, or a plan more: neither goes on for ever.
      let most = code.fate(kind) == .fails ? 1 : code.number == 68 ? 100 : 6
      #expect((1...most).contains(answers.times(local(code))), "\(code.told): \(answers.times(local(code))) times")
    }
    #expect(try await place.trouble().what.isEmpty)

    for code in waiting {
      answers.set(local(code), code.number)
      let number = "W-\(code.number)"
      try place.drop(form(number, Self.change(kind, local(code))), as: number)
      guard try await place.waits(code.told) else {
        Issue.record("\(code.told) should be waited for: \(agent.log.suffix(2))")
        answers.set(local(code), nil)
        continue
      }
      let status = try await place.run("status")
      // Lines are folded between words.
      let words = status.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      #expect(status.status != 0 && words.contains(code.told), "\(code.told): \(status)")
      // The directory takes others: the change waits alone, or is held where its entry may not be written.
      #expect(
        agent.log.contains {
          ($0.contains(" warning change.waiting") || $0.contains(" error request.held")) && $0.contains(code.told)
            && $0.contains(" do=")
        },
        "\(code.told)")
      let tries = answers.times(local(code))
      let isHeld = try await comesTrue {
        if answers.times(local(code)) > tries { return true }
        return try await place.answer("show", number)["state"] == "held"
      }
      #expect(isHeld, "\(code.told): it is tried again")
      #expect(try await place.failures(number).isEmpty && place.record(number) == nil, "\(code.told)")
      answers.set(local(code), nil)
      let isDone = try await comesTrue {
        if try await place.answer("show", number)["state"] == "held" { _ = try await place.run("retry", number) }
        return try place.record(number) != nil
      }
      #expect(isDone, "\(code.told)")
      #expect(try place.record(number)?["outcome"] == "applied", "\(code.told)")
      #expect(try await comesTrue { try await place.trouble().what.isEmpty }, "\(code.told)")
    }
    #expect(try await place.answer("queue")["requests"] == [])

    let times = try site.timesApplied("F-").merging(site.timesApplied("W-")) { $0 + $1 }
    let twice = times.values.count { $0 > 1 }
    var lost = 0
    for code in codes {
      let isThere = try site.entry(local(code)) != nil
      let isDone = code.fate(kind) == .waits
      if kind == .delete {
        if isThere == isDone { lost += 1 }
      } else {
        let stamp = (isDone ? "W-" : "F-") + "\(code.number)#0"
        let isExpected = isDone || (kind == .add && code.number == 68)
        if times[stamp, default: 0] != (isExpected ? 1 : 0) { lost += 1 }
      }
    }
    #expect(lost == 0 && twice == 0, "\(times)")
    #expect(await agent.end() == 0)
    Torture.report(
      "result codes x operations", [("codes", codes.count), ("pairs with \(kind)", codes.count)], lost: lost,
      twice: twice)
  }

  @Test("of what is read before a plan: whatever it is, the queue waits")
  func reads() async throws {
    let site = try Site()
    let proxy = try Proxy(site, "reads")
    let place = try site.behind(proxy, "reads")
    let agent = try await place.agent()
    let codes = Code.drawn(2)
    for (index, code) in codes.enumerated() {
      proxy.rule { $0.isOfPlan ? .refuse(code.number) : .pass }
      // A modify of what is not there fails, and must not where nothing could be read.
      let number = "R-\(code.number)"
      let changes = index == 0 ? [create("r\(index)")] : [create("r\(index)"), retitle("r\(index - 1)", "T\(index)")]
      try place.drop(form(number: number, changes: changes), as: number)
      #expect(try await place.waits("reading entries", code.told), "\(code.told)")
      #expect(try await place.run("status").status == 2, "\(code.told)")
      #expect(try await place.failures(number).isEmpty, "\(code.told)")
      proxy.rule { _ in .pass }
      #expect(try await place.recorded(number)["outcome"] == "applied", "\(code.told)")
    }
    let times = try site.timesApplied("R-")
    #expect(times.count == 2 * codes.count - 1 && times.values.allSatisfy { $0 == 1 }, "\(times)")
    #expect(await agent.end() == 0)
    Torture.report(
      "result codes x operations", [("codes", codes.count), ("pairs with search", codes.count)],
      lost: 2 * codes.count - 1 - times.count, twice: times.values.count { $0 > 1 })
  }

  @Test("of the read that tells whether a lost change was applied: it is never told otherwise than it is")
  func stampReads() async throws {
    let site = try Site()
    let proxy = try Proxy(site, "stamps")
    let place = try site.behind(proxy, "stamps")
    let agent = try await place.agent()
    let codes = Code.drawn(1, 1) { $0.number != 32 } + Code.all.filter { $0.number == 32 }
    for code in codes {
      let isFirst = Atomic(true)
      let name = "uid=s\(code.number),"
      proxy.rule { request in
        guard request.name.hasPrefix(name) else { return .pass }
        if request.kind == .add {
          return isFirst.compareExchange(expected: true, desired: false, ordering: .relaxed).exchanged
            ? .cutAfter : .pass
        }
        return .refuse(code.number)
      }
      let number = "S-\(code.number)"
      try place.drop(form(number, create("s\(code.number)")), as: number)
      // What says that nothing is there proves nothing: it is looked for once more.
      if code.number != 32 {
        #expect(try await place.waits("reading a stamp", code.told), "\(code.told)")
        #expect(try await place.failures(number).isEmpty, "\(code.told)")
        proxy.rule { _ in .pass }
      }
      let record = try await place.recorded(number)
      #expect(record["outcome"] == "applied", "\(code.told): \(record)")
    }
    let times = try site.timesApplied("S-")
    #expect(times.count == codes.count && times.values.allSatisfy { $0 == 1 }, "\(times)")
    #expect(await agent.end() == 0)
    Torture.report(
      "result codes x operations", [("codes", codes.count), ("pairs with the stamp's read", codes.count)],
      lost: codes.count - times.count, twice: times.values.count { $0 > 1 })
  }

  @Test("of the mirror's search: it says that it hears nothing, the queue goes on, and it hears again")
  func mirror() async throws {
    let site = try Site()
    let proxy = try Proxy(site, "mirror")
    let place = try site.behind(proxy, "mirror")
    let agent = try await place.agent()
    #expect(await agent.says("mirror.listening"))
    // 12 is what a directory without syncprov says: all are compared then.
    let codes = Code.drawn(1, 2) { $0.number != 12 }
    for code in codes {
      let deaf = agent.log.count { $0.contains("mirror.waiting") }
      proxy.rule { $0.isSync ? .refuse(code.number) : .pass }
      proxy.cutAll()
      #expect(
        await comesTrue { agent.log.count { $0.contains("mirror.waiting") } > deaf },
        "\(code.told)")
      #expect(agent.log.contains { $0.contains("mirror.waiting") && $0.contains(code.told) }, "\(code.told)")
      #expect(try await place.run("status").status != 0, "\(code.told)")
      let number = "M-\(code.number)"
      #expect(try await place.carryOut(form(number, create("m\(code.number)")), number)["outcome"] == "applied")
      proxy.rule { _ in .pass }
      // A directory that cuts searches off again and again is asked now and then: `polling`.
      #expect(
        try await comesTrue {
          try await ["persist", "polling"].contains(place.answer("status")["mirror"]["state"].text)
        }, "\(code.told)")
      #expect(try await comesTrue { try place.listed("m\(code.number)@example.org") != nil }, "\(code.told)")
    }
    #expect(try site.timesApplied("M-").values.allSatisfy { $0 == 1 })
    #expect(await agent.end() == 0)
    Torture.report(
      "result codes x operations", [("codes", codes.count), ("pairs with the mirror's search", codes.count)], lost: 0,
      twice: 0)
  }
}
