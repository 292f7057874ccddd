import Foundation
import Support
import Synchronization
import Testing

/// A connection that ends before or behind the directory's work, and a directory that does the work and says no: each
/// change is applied once, and told as it is. They share a directory.
@Suite("Lost answers", .serialized)
struct LostAnswerTests {
  /// Which requests have a fate other than to pass, and how many of them still have.
  private final class Fate: Sendable {
    private let left: Mutex<[String: Int]>
    init(_ times: Int) { left = Mutex(["": times]) }
    /// Whether this request of an entry is one of the first few.
    func strikes(_ name: String) -> Bool {
      left.withLock { left in
        let rest = left[name] ?? left[""] ?? 0
        left[name] = rest - 1
        return rest > 0
      }
    }
  }

  @Test(
    "before and after the work, once and three times over, for each operation",
    arguments: Torture.isFull ? [1, 3] : [1])
  func cuts(_ times: Int) async throws {
    let site = try Site()
    let proxy = try Proxy(site, "cuts")
    let place = try site.behind(proxy, "cuts")
    let agent = try await place.agent()
    let ways: [(String, Proxy.Deed)] = [("before", .cutBefore), ("after", .cutAfter)]
    let kinds: [Proxy.Kind] = [.add, .modify, .delete, .search]
    let old = ways.flatMap { way, _ in (0..<3).flatMap { ["m\(way)\($0)", "d\(way)\($0)"] } }
    try await place.carryOut(form(number: "P-\(times)", changes: old.map { create($0) }), "P-\(times)")
    var (done, told) = (0, 0)
    for (way, deed) in ways {
      for kind in kinds {
        let fate = Fate(times)
        proxy.rule {
          $0.kind == kind && !$0.isSync && $0.name.contains("ou=people") && fate.strikes($0.name) ? deed : .pass
        }
        let changes = (0..<3).map {
          switch kind {
          case .modify: retitle("m\(way)\($0)")
          case .delete: purge("d\(way)\($0)")
          case .search: create("s\(way)\($0)")
          default: create("a\(way)\($0)")
          }
        }
        let number = "C\(times)-\(way)-\(kind)"
        try place.drop(form(number: number, changes: changes), as: number)
        let record = try await place.recorded(number)
        #expect(record["changes"].array.allSatisfy { $0["outcome"] == "applied" }, "\(number): \(record)")
        done += changes.count
        told += record["changes"].array.count { $0["outcome"] == "applied" }
      }
      // Who the agent is: a bind that gets no answer.
      let fate = Fate(times)
      proxy.rule { $0.kind == .bind && fate.strikes("bind") ? deed : .pass }
      proxy.cutAll()
      let number = "C\(times)-\(way)-bind"
      #expect(try await place.carryOut(form(number, create("b\(way)")), number)["outcome"] == "applied")
      done += 1
      told += 1
    }
    let applied = try site.timesApplied("C\(times)-")
    // A delete leaves no stamp.
    #expect(applied.count == done - 6 && applied.values.allSatisfy { $0 == 1 }, "\(applied)")
    #expect(try old.filter { $0.hasPrefix("d") }.allSatisfy { try site.entry($0) == nil })
    #expect(
      agent.log.contains { $0.contains("directory.waiting") } && agent.log.contains { $0.contains("directory.back") })
    #expect(await agent.end() == 0)
    Torture.report(
      "answers cut off", [("changes", done), ("cuts of each", times)], lost: done - told,
      twice: applied.values.count { $0 > 1 })
  }

  @Test(
    "a change that was carried out and refused all the same is known for done by its stamp",
    arguments: [
      Proxy.Kind.add, .modify, .delete,
    ])
  func liesOfRefusal(_ kind: Proxy.Kind) async throws {
    let site = try Site()
    let proxy = try Proxy(site, "lies")
    let place = try site.behind(proxy, "lies")
    let agent = try await place.agent()
    // What is the entry's own fault is believed at once: nothing says otherwise.
    let codes = Code.drawn(3, 7) { $0.fate(kind) != .fails }
    if kind != .add {
      try await place.carryOut(form(number: "P-1", changes: codes.map { create("l\($0.number)") }), "P-1")
    }
    for code in codes {
      let fate = Fate(1)
      proxy.rule { request in
        request.kind == kind && request.name.hasPrefix("uid=l\(code.number),") && fate.strikes(request.name)
          ? .applyAndRefuse(code.number) : .pass
      }
      let local = "l\(code.number)"
      let number = "L-\(code.number)"
      let record = try await place.carryOut(
        form(number, kind == .add ? create(local) : kind == .modify ? retitle(local) : purge(local)), number)
      #expect(record["outcome"] == "applied", "\(code.told): \(record)")
      #expect(try (site.entry(local) == nil) == (kind == .delete), "\(code.told)")
    }
    let applied = try site.timesApplied("L-")
    #expect(kind == .delete || applied.count == codes.count)
    #expect(applied.values.allSatisfy { $0 == 1 }, "\(applied)")
    #expect(await agent.end() == 0)
    Torture.report(
      "refusals of what was done", [("codes", codes.count), ("pairs with \(kind)", codes.count)],
      lost: kind == .delete ? 0 : codes.count - applied.count, twice: applied.values.count { $0 > 1 })
  }

  @Test("an atomic request is done as a whole or not at all, whichever of its operations is cut off or refused")
  func atomic() async throws {
    let site = try Site()
    let proxy = try Proxy(site, "atomic")
    let place = try site.behind(proxy, "atomic")
    let agent = try await place.agent()
    let deeds: [(String, Proxy.Deed)] = [
      ("cut-before", .cutBefore), ("cut-after", .cutAfter), ("busy", .refuse(51)), ("done-busy", .applyAndRefuse(51)),
      ("other", .refuse(80)), ("invalid", .refuse(65)),
    ]
    var (done, lost) = (0, 0)
    for (way, deed) in drawn(deeds, 2) {
      for place2 in 0..<3 {
        let (number, stem) = ("A-\(way)-\(place2)", "\(way)\(place2)")
        try await place.carryOut(form("P-\(stem)", create("\(stem)x")), "P-\(stem)")
        let seen = Atomic(0)
        let name = "uid=\(stem)"
        proxy.rule { request in
          // The first is its try with No-Op.
          guard [.add, .modify].contains(request.kind), request.name.hasPrefix(name),
            !request.message.mentions("1.3.6.1.4.1.4203.666.5.2")
          else { return .pass }
          return seen.add(1, ordering: .relaxed).oldValue == place2 ? deed : .pass
        }
        try place.drop(
          form(number, atomic: true, create("\(stem)a"), retitle("\(stem)x"), create("\(stem)b")), as: number)
        let record = try await place.recorded(number)
        let isWhole = way != "invalid"
        #expect((record["outcome"] == "applied") == isWhole, "\(number): \(record)")
        let there = try [
          site.entry("\(stem)a") != nil, site.entry("\(stem)b") != nil, site.entry("\(stem)x")?["title"] == ["Nueva"],
        ]
        #expect(there == Array(repeating: isWhole, count: 3), "\(number): \(there)")
        if Set(there).count > 1 { lost += 1 }
        done += 1
      }
    }
    let applied = try site.timesApplied("A-cut")
    #expect(applied.values.allSatisfy { $0 == 1 }, "\(applied)")
    #expect(await agent.end() == 0)
    Torture.report("answers cut off", [("atomic requests", done)], lost: lost, twice: applied.values.count { $0 > 1 })
  }
}
