internal import Files
internal import Records

/// What was read of this host.
struct HostFacts: Sendable {
  /// A folder that the configuration names.
  struct Folder: Sendable {
    /// Its key in the configuration: `state`.
    var key: String
    var path: String
    /// Why it can't be examined; `nil`: it was.
    var failure: FileError?
    var stat: FileStat?
    var fileSystem: FileSystem?
    /// Whether whoever asks may list, enter and write it.
    var isOpen = true
  }

  /// How the page where passwords are changed answered.
  enum Page: Sendable, Hashable {
    /// None is configured.
    case none
    /// An HTTP status.
    case answered(Int)
    /// Why there was no answer, as curl(1) says it.
    case silent(String)
    /// There is no curl(1).
    case unasked
  }

  var agent: AgentUser
  /// Whether whoever asks is the agent's user.
  var isAgent: Bool
  /// Whether the agent is in the group whose files it reads.
  var isSubmitter = true
  var folders: [Folder] = []
  /// Whether incoming/, taken/ and rejected/ lie on one file system; `nil`: not all could be examined.
  var isOneFileSystem: Bool?
  /// What lies in the spool, and its modes.
  var spool = StatusReport.Spool()
  /// What others could write or read that they should not: the first thing; `nil`: nothing.
  var distrust: String?
  /// Files of the state that belong to somebody else, by path.
  var strangeFiles: [String] = []
  /// Delivery records without a register.
  var hasLostState = false
  /// Why the register can't be opened; `nil`: it can, or there is none yet.
  var registerFailure: String?
  /// Who holds the locks of spool and state.
  var spoolLock: Int32?
  var stateLock: Int32?
  /// Why the lock can't be read.
  var lockFailure: FileError?
  /// Why signatures can't be checked (`approval.mode: signed`), and what helps.
  var signatures: (what: String, remedy: String)?
  var page = Page.none
  /// The end of the agent's own certificate, and the time that it was read at: seconds since 1970 UTC.
  var certificate: (end: Int64, now: Int64)?
  /// Why `organization.timezone` can't be used, and what helps.
  var zone: (what: String, remedy: String)?
  /// Templates that are not used.
  var templates: [(path: String, what: String)] = []
}
