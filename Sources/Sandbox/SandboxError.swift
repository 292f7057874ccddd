/// What went wrong with a sandbox, and what helps.
public struct SandboxError: Error, Sendable, CustomStringConvertible {
  /// Enough for a caller to choose an exit code by.
  public enum Kind: Sendable, Hashable {
    /// The options or the folder can't be used as they are.
    case usage
    /// A program that the sandbox needs isn't installed.
    case missingProgram
    /// A file or folder can't be read or written.
    case file
    /// slapd does not start, does not answer, or refuses its configuration.
    case directory
  }

  /// What kind of failure it is.
  public var kind: Kind
  /// What is wrong, with what the program or the system said.
  public var what: String
  /// What to do about it.
  public var remedy: String

  init(_ kind: Kind, _ what: String, remedy: String) {
    self.kind = kind
    self.what = what
    self.remedy = remedy
  }

  /// `what; remedy`, on one or more lines.
  public var description: String { "\(what); \(remedy)" }
}
