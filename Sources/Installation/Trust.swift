internal import Configuration
internal import Files
internal import Glibc

extension Configuration {
  /// Requires that nobody but the agent's user and root commands the agent, changes what it did, or knows its secrets:
  /// by the configuration (and the files that it trusts), the state, the spool's own folders or the records. Tells the
  /// first thing that lets somebody, and what helps.
  ///
  /// Who may drop forms is the owner's choice: `incoming/` isn't among them; see ``SpoolFolders/openings``.
  ///
  /// - Parameter file: the configuration's own; `nil`: that its caller chose it is enough.
  /// - Throws: ``AgentError/state(_:)``; ``FileError``.
  package func requireTrust(file: String?) throws {
    try trusting {
      for file in [file, directory.tls.caFile] {
        if let file { try PathTrust.requireFile(file, readers: .everybody) }
      }
      // A credential of the service is systemd's care.
      if case .path(let path) = directory.bind.passwordFile { try PathTrust.requireFile(path, readers: .group) }
      if let certificate = directory.tls.certificateFile { try PathTrust.requireFile(certificate, readers: .everybody) }
      if let key = directory.tls.keyFile { try PathTrust.requireFile(key, readers: .group) }
      try requireTrustOfState()
      for folder in [spool, spool + "/taken", spool + "/rejected", records, templates] {
        try PathTrust.requireFolder(folder)
      }
    }
  }

  /// Requires that nobody else changes or reads the state.
  ///
  /// - Throws: ``AgentError/state(_:)``; ``FileError``.
  package func requireTrustOfState() throws {
    try trusting {
      try PathTrust.requireFolder(state, isClosed: true)
      for name in [StateFiles.keyName, StateFiles.register, StateFiles.log, StateFiles.index] {
        try PathTrust.requireFile("\(state)/\(name)", readers: .nobody, followsLink: false)
      }
    }
  }
}

/// What can't be trusted is reported as the state's trouble.
///
/// - Throws: ``AgentError/state(_:)``, and what else `body` throws.
package func trusting(_ body: () throws -> Void) throws {
  do { try body() } catch let distrust as Distrust { throw AgentError.state("\(distrust)") }
}

extension Configuration.Bind {
  fileprivate var passwordFile: Configuration.PasswordFile? {
    switch self {
    case .simple(_, let password), .scram(_, _, let password): password
    case .external, .gssapi: nil
    }
  }
}
