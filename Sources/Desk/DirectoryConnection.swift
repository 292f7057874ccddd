internal import Configuration
internal import Installation
internal import LDAP
internal import Providers
internal import Register

extension Configuration {
  /// Opens a connection as a command does: to the server that the agent uses, else to the first that answers. Another one may
  /// show the accounts as they were before.
  ///
  /// - Parameter credentials: somebody else's than the agent's.
  /// - Returns: the connection, and the place of its server in `directory.uris`.
  func connect(as credentials: Credentials? = nil) async throws(LDAPError) -> (connection: Connection, place: Int) {
    try await directory.connect(as: credentials, from: placeInUse)
  }

  private var placeInUse: Int {
    guard directory.uris.count > 1,
      let register = try? Register(reading: "\(state)/\(StateFiles.register)", patience: .zero)
    else { return 0 }
    let provider = try? register.contact()?.provider
    return directory.uris.firstIndex { $0.description == provider } ?? 0
  }
}
