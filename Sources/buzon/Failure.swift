internal import Agent
internal import ArgumentParser
internal import Files
internal import Forms
internal import Installation
internal import Register
internal import Sandbox

/// Exit codes (sysexits(3)).
extension ExitCode {
  static let someFailed = ExitCode(1)
  static let usage = ExitCode(64)
  static let dataError = ExitCode(65)
  static let noInput = ExitCode(66)
  static let unavailable = ExitCode(69)
  static let software = ExitCode(70)
  static let cannotCreate = ExitCode(73)
  static let inputOutput = ExitCode(74)
  static let tryAgain = ExitCode(75)
  static let noPermission = ExitCode(77)
  static let configuration = ExitCode(78)
}

/// Why a command ends early: one line for a person, and the exit code.
struct Failure: Error {
  var message: String
  var code: ExitCode

  init(_ message: String, _ code: ExitCode) {
    self.message = message
    self.code = code
  }

  /// What the libraries throw, as a person should read it; `nil` for what the argument parser answers itself.
  init?(of error: any Error) {
    switch error {
    case let error as FileError:
      let remedy = error.remedy.map { "; \($0)" } ?? ""
      self.init("\(error)\(remedy)", error.isPermission ? .noPermission : .inputOutput)
    case let error as SyncFailure: self.init("\(error); \(error.remedy)", .inputOutput)
    case let error as BackupFault: self.init("the copy \(error); check the disk, then try again", .inputOutput)
    case let error as RegisterError: self.init("\(error)", .inputOutput)
    case is FormReader.Unreadable:
      self.init("the register's copy of a form can't be read; restore the register from a backup", .software)
    case let error as AgentError: self.init("\(error)", ExitCode(error.exitCode))
    case let error as SandboxError:
      let code: ExitCode =
        switch error.kind {
        case .usage: ExitCode(64)
        case .file: .cannotCreate
        case .missingProgram, .directory: .unavailable
        }
      self.init("\(error)", code)
    default: return nil
    }
  }
}

extension FileError {
  fileprivate var isPermission: Bool { code == 13 || code == 1 }
}
