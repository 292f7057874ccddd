public import Configuration
internal import Files
internal import Glibc
internal import Installation
internal import LDAP
internal import SlapdFiles
internal import Text

/// Prepares a directory and this host for Buzón: what `buzon init` does. What is there stays; a second run finds nothing to
/// do.
public struct PlacePreparation: Sendable {
  /// What nobody can find out.
  public struct Place: Sendable, Hashable {
    /// The DN that everything of ours stands under.
    public var base: String
    /// Mail domains, 1 or more.
    public var domains: [String]
    /// The organisation's name, as it stands on printed pages.
    public var organization: String
    /// The directory's socket: `ldapi:///`.
    public var uri: String
    /// Where the mail service's password is written, or read.
    public var mailPasswordFile: String
    /// The agent's user, where there is no state yet whose owner he would be.
    public var user: String

    public init(
      base: String, domains: [String], organization: String, uri: String, mailPasswordFile: String, user: String
    ) {
      (self.base, self.domains, self.organization) = (base, domains, organization)
      (self.uri, self.mailPasswordFile, self.user) = (uri, mailPasswordFile, user)
    }
  }

  /// One line of what will be done.
  public struct Line: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable {
      /// It is missing, and is made.
      case missing
      /// Somebody has it otherwise; it is changed with `--yes` alone.
      case differs
      /// It takes a person.
      case manual = "by-hand"
    }
    public var kind: Kind
    /// What is the matter.
    public var what: String
    /// Change records (LDIF), or what a person does; empty for what is made on this host.
    public var detail: String
  }

  /// Why it can't be done.
  public struct Failure: Error, Sendable, CustomStringConvertible {
    /// What is wrong and what to do.
    public var description: String
    /// The exit code of sysexits(3).
    public var exitCode: Int32
  }

  private let place: Place
  private let file: String
  /// What is there already, or will be.
  private let configuration: Configuration
  /// What is written; `nil`: there is one.
  private let newConfiguration: [UInt8]?

  /// - Parameters:
  ///   - file: where the configuration is, or goes.
  ///   - configuration: what is there already.
  /// - Throws: ``Failure`` 64 or 78 where the place doesn't fit it.
  public init(_ place: Place, file: String, configuration: Configuration?) throws(Failure) {
    (self.place, self.file) = (place, file)
    do throws(LDAPError) { _ = try DN(parsing: place.base) } catch {
      throw Failure(description: "--base: \(error)", exitCode: 64)
    }
    let url: LDAPURL
    do throws(LDAPError) { url = try LDAPURL(place.uri) } catch {
      throw Failure(description: "--uri: \(error)", exitCode: 64)
    }
    guard case .socket = url.place else {
      throw Failure(
        description:
          "--uri: \(place.uri) is not a socket of this host (ldapi); run it on the directory's host, or write "
          + "what its administrator is to apply with --ldif FILE", exitCode: 64)
    }
    let new = NewConfiguration(
      organization: place.organization, base: place.base, domains: place.domains, uri: place.uri)
    newConfiguration = configuration == nil ? new.bytes : nil
    do throws(ConfigurationError) {
      if let configuration {
        self.configuration = configuration
      } else {
        self.configuration = try Configuration.read(new.bytes, file: file)
      }
    } catch {
      throw Failure(description: error.lines.first ?? "\(error)", exitCode: 64)
    }
    guard agent.exists || place.user == AgentUser.usualName else {
      throw Failure(description: "--user: there is no user \(displayed(place.user.utf8)); make him first", exitCode: 64)
    }
    let base = self.configuration.directory.base
    guard self.configuration.directory.accounts.matches(DN.rdn("ou", "people").under(base)) else {
      throw Failure(
        description:
          "directory.accounts is \(self.configuration.directory.accounts), and config/slapd is for ou=people,"
          + "\(base); apply its files by hand with that name in them", exitCode: 78)
    }
  }

  /// Whether a file is the shipped example as it is: nobody's work.
  public static func isExample(_ path: String) -> Bool {
    (try? readFile(path, limit: 1 << 20)) == SlapdFile.exampleConfiguration
  }

  /// The suffixes of the directory, to choose a base from.
  public static func suffixes(at uri: String) async throws(Failure) -> [String] {
    do throws(LDAPError) {
      return try await DirectoryPreparation.suffixes(at: try LDAPURL(uri))
    } catch {
      throw failure(error)
    }
  }

  // MARK: The plan

  /// What will be done. Nothing is changed.
  public func plan() async throws(Failure) -> [Line] {
    var lines = host().steps().map { Line(kind: .missing, what: $0.what, detail: "") }
    do throws(LDAPError) {
      let needs = try await directory().needs()
      if needs.leftover != nil {
        lines.append(Line(kind: .missing, what: "take away the access rule that an earlier run left", detail: ""))
      }
      for step in needs.configuration + needs.tree {
        let kind: Line.Kind = step.operations.isEmpty ? .manual : step.replaces ? .differs : .missing
        let isForNobody = step.subject == .identity && !agent.exists
        lines.append(
          Line(
            kind: kind, what: isForNobody ? "no rule gives the agent's user his name" : step.what,
            detail: isForNobody ? "with the numbers that he gets" : step.remedy ?? step.ldif))
      }
    } catch {
      throw Self.failure(error)
    }
    return lines
  }

  /// Does it.
  ///
  /// - Parameters:
  ///   - replaces: whether also what somebody chose is changed.
  ///   - report: takes a line for each thing that was done.
  public func apply(replaces: Bool, report: (String) -> Void) async throws(Failure) {
    do {
      for step in host().steps() {
        // The user that was made owns what is made next.
        try host().apply(step)
        report("done: \(step.what)")
      }
    } catch let error as FileError {
      throw Failure(
        description: "\(error)\(error.remedy.map { "; \($0)" } ?? "")", exitCode: error.isOfPermission ? 77 : 73)
    } catch let error as AgentError {
      throw Failure(description: "\(error)", exitCode: error.exitCode)
    } catch {
      throw Failure(description: "\(error)", exitCode: 74)
    }
    let isNew: Bool
    do throws(LDAPError) {
      isNew = try await directory().needs().tree.contains(where: \.hasPassword)
    } catch {
      throw Self.failure(error)
    }
    // The password of an entry that is there is another one.
    let password = isNew ? try mailPassword() : ""
    do throws(LDAPError) {
      try await directory(mailPassword: password).apply(replaces: replaces) {
        report("put right: \($0.what)")
      }
    } catch {
      throw Self.failure(error)
    }
  }

  /// The files of `config/slapd` for this place: for somebody else to apply with `ldapadd -c`.
  ///
  /// - Parameter database: its entry in `cn=config`.
  public func ldif(database: String) throws(Failure) -> [UInt8] {
    var values = values
    values.database = database
    values.mailPassword = try mailPassword()
    let header = """
      # What Buzón needs of the directory \(displayed(place.base.utf8)). Apply it as root of the directory's host:
      #   ldapadd -c -Q -Y EXTERNAL -H ldapi:/// -f FILE
      # What is there already stays as it is (results 20, 68 and 80).


      """
    let misc = (try? readFile(ConfigurationReader.mailSchema, limit: 1 << 20)) ?? []
    var text = Array(header.utf8) + misc + Array("\n".utf8)
    for file in SlapdFile.allCases where file != .tree { text += file.text(values) + Array("\n".utf8) }
    do throws(LDAPError) {
      return text + (try tree(values))
    } catch {
      throw Failure(description: "\(error)", exitCode: 64)
    }
  }

  /// The entries, between an access rule that lets root make them and its end.
  private func tree(_ values: SlapdFile.Values) throws(LDAPError) -> [UInt8] {
    let database = try DN(parsing: values.database)
    let root = TemporaryAccess.root
    let entry = try TreeNeeds(
      present: [:], values: values, organization: place.organization, password: configuration.policy.password
    ).root()
    var bytes = Array("# For the time of what follows root may write the database.\n".utf8)
    LDIF.append(root.opening(database), to: &bytes)
    LDIF.append(entry, to: &bytes)
    bytes += SlapdFile.tree.text(values) + Array("\n# That is over.\n".utf8)
    if let closing = root.closing(database, rules: [root.rule]) { LDIF.append(closing, to: &bytes) }
    return bytes
  }

  // MARK: Parts

  /// The owner of the state; before there is one, the user that was named, whom nobody may have made yet.
  private var agent: AgentUser {
    AgentUser(ownerOf: configuration.state) ?? AgentUser(named: place.user)
      ?? AgentUser(uid: geteuid(), gid: getegid(), exists: false)
  }

  private var values: SlapdFile.Values {
    SlapdFile.Values(
      suffix: place.base, database: "", agentUID: agent.uid, agentGID: agent.gid, mailPassword: "")
  }

  private func directory(mailPassword: String = "") throws(LDAPError) -> DirectoryPreparation {
    var values = values
    values.mailPassword = mailPassword
    return DirectoryPreparation(
      values: values, organization: place.organization, password: configuration.policy.password,
      url: try LDAPURL(place.uri))
  }

  private func host() -> HostPreparation {
    HostPreparation(
      file: file, newConfiguration: newConfiguration, spool: configuration.spool, state: configuration.state,
      records: configuration.records, agent: agent)
  }

  /// Of the mail service: what its file says, or a new one, which is in the file before the directory has it.
  private func mailPassword() throws(Failure) -> String {
    do {
      guard let parts = PathParts(place.mailPasswordFile) else {
        throw Failure(description: "--mail-password-file does not name a file", exitCode: 64)
      }
      let folder = try Files.Directory(parts.folder)
      if try folder.stat(parts.name) == nil {
        // 24 letters of 6 bits each.
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<24).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] }
        try folder.writeDurably(bytes, as: parts.name, mode: 0o600, replacing: .nothing)
      }
      let bytes = try folder.read(parts.name, limit: 4_096)
      return String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }, as: UTF8.self)
    } catch let failure as Failure {
      throw failure
    } catch {
      throw Failure(description: "the mail service's password: \(error)", exitCode: 73)
    }
  }

  private static func failure(_ error: LDAPError) -> Failure {
    switch error {
    case .unavailable, .tls, .outcomeUnknown:
      Failure(description: "\(error); check that slapd runs, and run it on its host (--uri)", exitCode: 69)
    case .invalid: Failure(description: "\(error)", exitCode: 78)
    case .refused(let refusal)
    where refusal.response.code == .insufficientAccessRights
      || refusal.response.code == .noSuchObject:
      Failure(
        description:
          "\(error); run it as root on the directory's host, whom cn=config gives \"manage\", or write what its "
          + "administrator is to apply with --ldif FILE", exitCode: 77)
    case .refused: Failure(description: "\(error); see slapd's log, then run it again", exitCode: 69)
    }
  }
}
