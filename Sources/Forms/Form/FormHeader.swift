/// A form's own keys as a command line gives them: text that isn't judged yet.
public struct FormHeader: Sendable, Hashable {
  /// The form's code; `nil`: left out.
  public var form: String?
  /// The request's number.
  public var number: String
  /// The department that asks.
  public var department: String
  /// The responsible official.
  public var requesterName: String
  /// The official's address.
  public var requesterAddress: String?
  /// Who approved it.
  public var approvedBy: String
  /// The day of the approval, YYYY-MM-DD.
  public var approvedOn: String
  /// A memorandum or the like.
  public var reference: String?
  /// All the changes or none.
  public var atomic: Bool

  /// A header.
  public init(
    form: String? = nil, number: String, department: String, requesterName: String, requesterAddress: String? = nil,
    approvedBy: String, approvedOn: String, reference: String? = nil, atomic: Bool = false
  ) {
    self.form = form
    self.number = number
    self.department = department
    self.requesterName = requesterName
    self.requesterAddress = requesterAddress
    self.approvedBy = approvedBy
    self.approvedOn = approvedOn
    self.reference = reference
    self.atomic = atomic
  }

  /// Writes the keys in front of `changes` into an open mapping, and reports what no form may hold.
  func write(to builder: inout DocumentBuilder, _ findings: Findings) {
    let place = Place(line: 1, column: 1)
    func add(_ key: StaticString, _ text: String?, _ path: String) {
      guard let text else { return }
      let cell = CellText(Array(text.utf8)[...], isCell: false)
      if let fault = cell.fault { findings.report(nil, path, fault.problem, fault.remedy) }
      builder.key(key, at: place)
      builder.text(cell.bytes, at: place)
    }
    add("form", form, "form")
    add("number", number, "number")
    add("department", department, "department")
    builder.key("requester", at: place)
    builder.beginMapping(at: place)
    add("name", requesterName, "requester.name")
    add("address", requesterAddress, "requester.address")
    builder.end()
    builder.key("approval", at: place)
    builder.beginMapping(at: place)
    add("by", approvedBy, "approval.by")
    add("date", approvedOn, "approval.date")
    add("reference", reference, "approval.reference")
    builder.end()
    guard atomic else { return }
    builder.key("atomic", at: place)
    builder.text("true".utf8, at: place, isWord: true)
  }
}
