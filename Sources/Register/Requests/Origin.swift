internal import Forms
internal import GRDB
internal import Text

extension Request.Origin {
  /// For the columns department, requester, requester_address, approved_by, approved_on, approval_reference.
  var arguments: StatementArguments {
    [
      department, requester.name, requester.address?.text, approval.by, approval.date.description, approval.reference,
    ]
  }

  /// - Parameter row: one with the columns of ``arguments``.
  /// - Throws: ``RegisterError`` where they don't hold what ``arguments`` wrote.
  init(_ row: Row) throws {
    guard let date = Day(parsing: row["approved_on"]) else {
      throw RegisterError(
        what: "the approval of request \(row["number"] as String) is damaged",
        remedy: "restore the register from a backup (buzon restore)")
    }
    self.init(
      department: row["department"],
      requester: Request.Requester(
        name: row["requester"], address: (row["requester_address"] as String?).flatMap(Address.init)),
      approval: Request.Approval(by: row["approved_by"], date: date, reference: row["approval_reference"]))
  }
}
