internal import LDAP

/// What was read of the directory, as the agent or as whoever asks. A read that failed keeps its error.
struct DirectoryFacts: Sendable {
  /// A server of `directory.uris`.
  struct Server: Sendable {
    var url: LDAPURL
    /// Why no connection could be opened.
    var failure: LDAPError?
    /// The end of its certificate, seconds since 1970; `nil`: no TLS, or it can't be read.
    var certificateEnds: Int64?
    /// How many accounts it doesn't show as the first server that answers; `nil`: that isn't known, or it is that one.
    var differences: Int?
  }

  /// Whether something is there.
  enum Presence: Sendable, Hashable {
    case there, absent
    case unread(LDAPError)
  }

  var servers: [Server]
  /// Whether whoever asks is the agent's user.
  var isAgent: Bool
  /// Whom the directory takes the caller for (RFC 4532); `nil`: no server answered.
  var identity: String?
  /// Whether the root DSE may be read.
  var hasRoot = true
  /// OIDs of the root DSE.
  var controls: Set<String> = []
  /// Classes and attributes that the server knows.
  var definitions: Result<Set<SchemaDefinition>, LDAPError> = .success([])
  var base = Presence.there
  var container = Presence.there
  /// The other entries of `tree.ldif`.
  var entries: [(dn: DN, presence: Presence)] = []
  /// The password policy that accounts have; `nil`: it isn't there.
  var policy: Result<Entry?, LDAPError> = .success(nil)
  /// Whether content synchronization works on the container; `nil`: it does.
  var syncFailure: LDAPError?
  /// How the directory judges an account that is never stored.
  var trial: WriteTrial = .untried("nothing was tried")
  /// Whether searches end after the default number of entries; `nil`: there are too few accounts to tell.
  var isLimited: Bool?
  /// The newest moment that the directory knows of (contextCSN, entryCSN), seconds since 1970.
  var newestWrite: Int64?
  /// The directory's own clock (`cn=monitor`), seconds since 1970; `nil`: it can't be read.
  var clock: Int64?
}

/// What the No-Op control said of writes that are never made.
enum WriteTrial: Sendable, Hashable {
  /// Why nothing was asked.
  case untried(String)
  /// - Parameters:
  ///   - add: of an account of a new address; `nil`: it would be stored.
  ///   - taken: of an account with an address that is in use; `nil`: it would be stored.
  case judged(add: LDAPError?, taken: LDAPError?)
}
