public import Files

/// What the files of a request are called.
public struct RecordNames: Sendable, Hashable {
  /// The form as received, in `forms/YEAR`.
  public let form: FileName
  /// The form's signature as received, beside it.
  public let signature: FileName
  /// The plan that the form came with, in its evidence.
  public let plan: FileName
  /// The delivery record, in `deliveries/YEAR`.
  public let delivery: FileName
  /// The delivery record as a printable page, beside it.
  public let page: FileName

  /// `nil` where the number can't be part of a file's name; a number that a form may have always can.
  public init?(number: String) {
    guard let form = FileName(number + ".yaml"), let signature = FileName(number + ".yaml.sig"),
      let plan = FileName(number + ".yaml.plan"), let delivery = FileName(number + ".json"),
      let page = FileName(number + ".html")
    else { return nil }
    self.form = form
    self.signature = signature
    self.plan = plan
    self.delivery = delivery
    self.page = page
  }

  /// The list as CSV, in `accounts`.
  public static let accountsCSV: FileName = "accounts.csv"
  /// The list as JSON, in `accounts`.
  public static let accountsJSON: FileName = "accounts.json"
  /// The list as a spreadsheet, in `accounts`.
  public static let accountsSheet: FileName = "accounts.xlsx"
  /// The list as a printable page or, where it is long, the index of ``departments``, in `accounts`.
  public static let accountsPage: FileName = "accounts.html"
  /// The folder in `accounts` with a page for each department.
  public static let departments: FileName = "departments"
  /// The folder in `accounts` with dated copies of the list.
  public static let backup: FileName = "backup"

  /// The operator's page, in `records` itself.
  public static let statusPage: FileName = "status.html"
}
