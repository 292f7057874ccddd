internal import Foundation
internal import GRDB
internal import Text

extension Ledger {
  /// Begins the ledger of a register that was made by a version without one: writes the lines of each request that it holds,
  /// in the order in which the requests were accepted. Their records are written again with the new hashes.
  static func convert(_ database: Database) throws {
    let requests = try Row.fetchCursor(
      database,
      sql:
        "SELECT id, number, digest, file, submitter_uid, submitter, received, changes, signature, state FROM request ORDER BY id"
    )
    var isFirst = true
    while let request = try requests.next() {
      if isFirst { try append(LedgerEntry("converted", at: request["received"]), in: database) }
      isFirst = false
      let (id, number): (Int64, String) = (request["id"], request["number"])
      var entry = LedgerEntry("accepted", at: request["received"], request: id, number: number)
      entry.state("changes", request["changes"] as Int64)
      entry.commit("form", hexadecimal(request["digest"] as Data))
      entry.commit("file", request["file"])
      entry.commit("by", Submitter(request)?.description)
      entry.commit(
        "signature", (request["signature"] as Data?).map { hexadecimal(Register.digest(of: Array($0))) })
      var last = try append(entry, in: database)
      let changes = try Row.fetchAll(
        database, sql: "SELECT * FROM change WHERE request = ? AND outcome IS NOT NULL ORDER BY at, change_index",
        arguments: [id])
      for change in changes {
        var entry = LedgerEntry(
          "settled", at: change["at"] ?? 0, request: id, number: number, index: change["change_index"])
        entry.state("operation", change["operation"])
        entry.state("outcome", change["outcome"])
        entry.state("code", change["code"] as Int64?)
        entry.commit("address", change["address"])
        last = try append(entry, in: database)
      }
      guard request["state"] as String == RequestState.done.rawValue else { continue }
      try database.execute(
        sql: "UPDATE request SET ledger = ?, recorded = -1 WHERE id = ?", arguments: [last.sequence, id])
    }
  }
}
