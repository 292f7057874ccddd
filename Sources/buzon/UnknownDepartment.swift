internal import Text

/// What an empty list says where nothing has the department that was asked for: the name may be mistyped.
struct UnknownDepartment {
  private let text: String

  /// - Parameters:
  ///   - what: what was looked for, e.g. `account`.
  ///   - departments: those that there are.
  ///   - command: which command lists them.
  /// - Returns: `nil` where the department is among them.
  init?(_ department: String, of what: String, among departments: Set<String>, command: String) {
    if departments.contains(department) { return nil }
    let meant = nearest(to: department, among: departments.sorted(), longest: 200)
    let remedy = meant.map { "did you mean '\(displayed($0.utf8))'?" } ?? "see the departments: \(command)"
    text = "buzon: no \(what) has the department '\(displayed(department.utf8))'; \(remedy)"
  }

  func report() { Console.error(text) }
}
