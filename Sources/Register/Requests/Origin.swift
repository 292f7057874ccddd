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
  init(_ row: Row) {
    self.init(
      department: row["department"],
      requester: Request.Requester(
        name: row["requester"], address: (row["requester_address"] as String?).flatMap(Address.init)),
      approval: Request.Approval(
        by: row["approved_by"],
        // It was written by ``arguments``; only a damaged register has none.
        date: Day(parsing: row["approved_on"]) ?? .first, reference: row["approval_reference"]))
  }
}
