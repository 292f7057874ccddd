/// The accounts as a table: a row for each kind, a column for each status, with totals. What isn't known here by name
/// has a row or a column under its own.
struct StatusAccounts {
  let total: Int
  let columns: [PageFields]
  let rows: [PageFields]

  init(_ counts: [StatusReport.AccountCount], pages: Pages) {
    let kinds = Self.order(counts.map(\.kind), as: ["person", "functional", "list"])
    let statuses = Self.order(counts.map(\.status), as: ["active", "suspended", "retained", "locked"])
    var (table, rowTotals, columnTotals): ([String: [String: Int]], [String: Int], [String: Int]) = ([:], [:], [:])
    for count in counts {
      table[count.kind, default: [:]][count.status, default: 0] += count.count
      rowTotals[count.kind, default: 0] += count.count
      columnTotals[count.status, default: 0] += count.count
    }
    func row(_ name: String, _ counts: [String: Int], _ total: Int) -> PageFields {
      PageFields([
        "label": PageText(name), "total": PageText(total),
        "cells": statuses.map {
          PageFields([
            "count": PageText(counts[$0] ?? 0), "label": PageText(pages.term($0, Self.statusWords)),
          ])
        },
      ])
    }
    total = rowTotals.values.reduce(0, +)
    columns = statuses.map { PageFields(["label": PageText(pages.term($0, Self.statusWords))]) }
    rows =
      kinds.map { row(pages.term($0, Self.kindWords), table[$0] ?? [:], rowTotals[$0] ?? 0) }
      + [row(StatusWord.total.text(pages.language), columnTotals, total)]
  }

  /// Those that are known in their order, then the others by name.
  private static func order(_ found: [String], as known: [String]) -> [String] {
    known.filter(found.contains) + Set(found).subtracting(known).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  private static let kindWords: [String: Word] = ["person": .persons, "functional": .functionals, "list": .listsOfAll]
  private static let statusWords: [String: Word] = [
    "active": .actives, "suspended": .suspendeds, "retained": .retaineds, "locked": .lockeds,
  ]
}
