/// Multi-provider replication between the slapds of a sandbox (slapd-config(5), olcSyncrepl): each follows the others, as the
/// directory's administrator, over their Unix sockets.
enum Replication {
  /// Lines of `cn=config`: the number that a provider's changes bear. slapd finds its own by the URL that it listens on.
  static func identifiers(_ servers: [Server]) -> String {
    servers.enumerated().map { "olcServerID: \($0 + 1) \($1.uri)\n" }.joined()
  }

  /// The same for each provider.
  static func ldif(_ saved: SavedState, _ servers: [Server], password: String) -> String {
    let consumers = servers.enumerated().map { place, server in
      "olcSyncrepl: {\(place)}rid=00\(place + 1) provider=\(server.uri) searchbase=\"\(saved.base)\""
        + " type=refreshAndPersist retry=\"1 +\" timeout=5 network-timeout=5"
        + " bindmethod=simple binddn=\"\(saved.admin)\" credentials=\(password)\n"
    }
    return """
      dn: olcDatabase={1}mdb,cn=config
      changetype: modify
      replace: olcSyncrepl
      \(consumers.joined())-
      replace: olcMultiProvider
      olcMultiProvider: TRUE
      -

      """
  }
}
