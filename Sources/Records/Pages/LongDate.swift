internal import Text

extension Pages {
  /// Date and time of day as people say them, e.g. `22 de diciembre de 2026, 06:05`: for what must not be misread.
  func longDateAndTime(at time: Timestamp) -> String {
    let date = zone.day(at: time)
    let hour = zone.dateAndTime(at: time).utf8.suffix(5)
    let month = Self.months[date.month - 1]
    let day =
      switch language {
      case .es: "\(date.day) de \(month.es) de \(date.year)"
      case .en: "\(date.day) \(month.en) \(date.year)"
      }
    return "\(day), \(String(decoding: hour, as: UTF8.self))"
  }

  private static let months: [(es: String, en: String)] = [
    ("enero", "January"), ("febrero", "February"), ("marzo", "March"), ("abril", "April"), ("mayo", "May"),
    ("junio", "June"), ("julio", "July"), ("agosto", "August"), ("septiembre", "September"), ("octubre", "October"),
    ("noviembre", "November"), ("diciembre", "December"),
  ]
}
