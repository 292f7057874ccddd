internal import Foundation

/// A form with these changes, a year's worth of approval behind it.
public func form(number: String, department: String = "Secretaría de Salud", atomic: Bool = false, changes: [String])
  -> String
{
  """
  form: FT-GTI-006
  number: \(number)
  department: \(department)
  requester: {name: Ana Lucía Rosero}
  approval: {by: jefe.sistemas, date: \(today())}
  \(atomic ? "atomic: true\n" : "")changes:
  \(changes.map { "  - \($0)" }.joined(separator: "\n"))

  """
}

/// Yesterday in UTC, which is in the future nowhere.
public func today() -> String { day(ahead: -1) }

/// A day in UTC, so many from now.
public func day(ahead days: Int) -> String {
  let formatter = DateFormatter()
  formatter.dateFormat = "yyyy-MM-dd"
  formatter.timeZone = TimeZone(identifier: "UTC")
  formatter.locale = Locale(identifier: "en_US_POSIX")
  return formatter.string(from: Date(timeIntervalSinceNow: Double(days) * 86_400))
}
