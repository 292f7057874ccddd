public import Configuration
internal import Crypto
internal import Text

extension Pages {
  /// What the files of the account list depend on beside the accounts: columns, words, letterhead, zone and templates, as
  /// a digest.
  public func listStyle(columns: [AccountColumn]) -> String {
    var text = "\(columns.map(\.rawValue)) \(language.rawValue) \(zone.name) \(letterhead)"
    let column = ListValues(
      pages: self, columns: columns.map { ($0.word, $0.rawValue) }, updated: Timestamp(seconds: 0))
    for template in [accountsTemplate, departmentsTemplate] {
      text += template.head.render(column) + template.foot.render(column)
    }
    return hexadecimal(SHA256.hash(data: Array(text.utf8)))
  }
}
