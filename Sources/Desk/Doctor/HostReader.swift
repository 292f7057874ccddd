internal import Accounts
internal import Configuration
internal import Files
internal import Glibc
internal import Installation
internal import LDAP
internal import Records
internal import Register
internal import Text

/// Reads what ``HostFindings`` judge: folders, files, locks, programs.
struct HostReader: Sendable {
  let configuration: Configuration
  /// The configuration's own file.
  let file: String
  let agent: AgentUser

  /// Seconds that the page where passwords are changed may take.
  private static let patience = 5

  func facts() -> HostFacts {
    var facts = HostFacts(agent: agent, isAgent: agent.isCaller)
    facts.isSubmitter = agent.isSubmitter
    facts.folders = [
      ("spool", configuration.spool), ("state", configuration.state), ("records", configuration.records),
    ].map(folder)
    facts.isOneFileSystem = isOneFileSystem()
    facts.hasLostState = hasLostState()
    facts.spool = SpoolReading.read(configuration.spool, state: configuration.state, hasRun: true)
    if facts.isAgent { facts.distrust = distrust() }
    facts.strangeFiles = strangeFiles().filter { facts.distrust?.contains($0) != true }
    facts.registerFailure = registerFailure()
    readLocks(&facts)
    facts.signatures = signatures()
    facts.page = page()
    facts.certificate = certificate()
    readStyle(&facts)
    return facts
  }

  // MARK: Folders

  private func folder(_ key: String, _ path: String) -> HostFacts.Folder {
    var folder = HostFacts.Folder(key: key, path: path)
    do throws(FileError) {
      folder.stat = try Files.Directory(path).stat()
      folder.fileSystem = try FileSystem(of: path)
      folder.isOpen = access(path, R_OK | W_OK | X_OK) == 0
    } catch {
      folder.failure = error
    }
    return folder
  }

  private func isOneFileSystem() -> Bool? {
    let devices = ["incoming", "taken", "rejected"].compactMap {
      try? Files.Directory("\(configuration.spool)/\($0)").stat().device
    }
    return devices.count == 3 ? Set(devices).count == 1 : nil
  }

  // MARK: State

  private func distrust() -> String? {
    do {
      try configuration.requireTrust(file: file)
      return nil
    } catch {
      return "\(error)"
    }
  }

  private var register: String { "\(configuration.state)/\(StateFiles.register)" }

  private func strangeFiles() -> [String] {
    guard agent.exists, let state = try? Files.Directory(configuration.state) else { return [] }
    let names = [StateFiles.keyName, StateFiles.register, StateFiles.log, StateFiles.index]
    return names.filter { name in
      guard let stat = try? state.stat(name) else { return false }
      return stat.owner != agent.uid
    }.map { "\(configuration.state)/\($0)" }
  }

  private func hasLostState() -> Bool {
    guard access(register, F_OK) != 0, errno == ENOENT else { return false }
    return (try? Files.Directory(configuration.records + "/deliveries").names().isEmpty) == false
  }

  private func registerFailure() -> String? {
    guard access(register, F_OK) == 0 || errno == EACCES else { return nil }
    guard access(register, R_OK) == 0 else { return "you may not read the register" }
    do {
      _ = try Register(reading: register, patience: .zero)
      return nil
    } catch {
      return "\(error)"
    }
  }

  private func readLocks(_ facts: inout HostFacts) {
    func holder(_ path: String) -> Int32? {
      do throws(FileError) {
        return try LockFile.holder("agent.lock", in: Files.Directory(path)).map { $0.pid ?? 0 }
      } catch {
        if !error.isOfName { facts.lockFailure = error }
        return nil
      }
    }
    facts.spoolLock = holder(configuration.spool)
    facts.stateLock = holder(configuration.state)
  }

  // MARK: The rest

  private func signatures() -> (what: String, remedy: String)? {
    guard configuration.approval.mode == .signed, let signers = configuration.approval.signers else { return nil }
    var check = SignatureCheck(signers: signers, revoked: configuration.approval.revoked)
    return check.trouble().map { ($0.what, $0.remedy) }
  }

  private func page() -> HostFacts.Page {
    guard let url = configuration.handover.changeURL else { return .none }
    guard let curl = OtherProgram("curl") else { return .unasked }
    let call = OtherProgram.Call([
      "--silent", "--show-error", "--head", "--output", "/dev/null", "--max-time", "\(Self.patience)", "--proto",
      "=https,http", "--write-out", "%{http_code}", "--url", url,
    ])
    let result = curl.run([call], limit: .seconds(Self.patience * 2))[0]
    if case .exited(0) = result.end, let status = Int(result.output) { return .answered(status) }
    let why = result.errors.split(separator: "\n").first.map(String.init) ?? "no answer in time"
    return .silent(why)
  }

  /// Where it can't be read, the connection has said so.
  private func certificate() -> (end: Int64, now: Int64)? {
    guard let file = configuration.directory.tls.certificateFile, let bytes = try? readFile(file, limit: 1 << 20),
      let certificate = Certificate(pem: bytes), let end = GeneralizedTime.seconds(Value(certificate.end))
    else { return nil }
    return (end, Timestamp.now().seconds)
  }

  private func readStyle(_ facts: inout HostFacts) {
    do throws(Zone.Failure) {
      _ = try Zone(configuration.organization.timezone)
    } catch {
      facts.zone = ("\(error)", error.remedy)
      return
    }
    guard let style = try? RecordStyle(configuration) else { return }
    facts.templates = style.problems.map { ($0.file, $0.reason) }
  }
}
