internal import Configuration
internal import Files
internal import Installation
internal import Records
internal import Text

/// What the facts of this host mean. Pure.
struct HostFindings {
  let facts: HostFacts
  let configuration: Configuration

  /// Bytes that must be free: less is an error, less than ten times as much a warning.
  private static let least: UInt64 = 64 << 20

  func all() -> [DoctorFinding] {
    let folders = facts.folders.flatMap(folderFindings)
    return userFindings() + folders + spoolFindings() + stateFindings() + lockFindings() + otherFindings()
  }

  private func userFindings() -> [DoctorFinding] {
    if facts.agent.exists {
      if facts.isSubmitter { return [] }
      return [
        .warning(
          "agent-group", at: SpoolFault.submitters,
          "the agent is not in the group of those who drop forms, and can't read what they drop",
          do: "usermod -aG \(SpoolFault.submitters) \(AgentUser.usualName) && systemctl restart buzon")
      ]
    }
    return [
      .error(
        "agent-user", at: AgentUser.usualName, "there is no user for the agent",
        do: "systemd-sysusers && systemd-tmpfiles --create buzon.conf")
    ]
  }

  // MARK: Folders

  private func folderFindings(_ folder: HostFacts.Folder) -> [DoctorFinding] {
    let place = folder.path
    if let failure = folder.failure {
      if failure.isOfName { return [missing(folder)] }
      return [.unchecked("folder", at: place, because: "\(failure)", do: DirectoryFindings.asAgent)]
    }
    var findings: [DoctorFinding] = []
    let shown = place.shellWord
    if facts.isAgent, !folder.isOpen {
      findings.append(
        .error(
          "folder-closed", at: place, "the agent may not write the folder \(folder.key)",
          do: "chown \(facts.agent.uid) \(shown) && chmod u+rwx \(shown)"))
    }
    guard let system = folder.fileSystem else { return findings }
    switch system.kind {
    case .network(let name):
      findings.append(
        .warning(
          "network-file-system", at: place,
          "the folder \(folder.key) lies on \(name), where locks and syncs may keep fewer promises",
          do: "put it on a local file system (ext4, xfs, btrfs)"))
    case .memory where folder.key != "spool":
      findings.append(
        .warning(
          "memory-file-system", at: place, "the folder \(folder.key) is lost when this host restarts (tmpfs)",
          do: "put it on a disk"))
    default: break
    }
    return findings + room(system, folder)
  }

  private func missing(_ folder: HostFacts.Folder) -> DoctorFinding {
    let shown = folder.path.shellWord
    let mode = folder.key == "state" ? "700" : folder.key == "records" ? "750" : "755"
    return .error(
      "folder-missing", at: folder.path, "the folder \(folder.key) is not there",
      do:
        "systemd-tmpfiles --create buzon.conf, or install -d -m \(mode) -o \(facts.agent.uid) -g \(facts.agent.gid) \(shown)"
    )
  }

  private func room(_ system: FileSystem, _ folder: HostFacts.Folder) -> [DoctorFinding] {
    let isShort = system.free < Self.least || (system.freeNames.map { $0 < 1_000 } ?? false)
    let isLow = system.free < Self.least * 10 || (system.freeNames.map { $0 < 10_000 } ?? false)
    guard isLow else { return [] }
    return [
      DoctorFinding(
        isShort ? .error : .warning, "disk-space", at: folder.path,
        "\(system.free >> 20) MiB are free" + (system.freeNames.map { ", and room for \($0) names" } ?? ""),
        do: "free space on the file system of \(folder.path.shellWord)")
    ]
  }

  private func spoolFindings() -> [DoctorFinding] {
    // Of a folder that isn't there nothing more is said.
    guard facts.folders.first(where: { $0.key == "spool" })?.failure == nil else { return [] }
    var findings = facts.spool.problems.map { problem in
      facts.isAgent
        ? DoctorFinding.error("spool-unreadable", at: configuration.spool, problem.reason, do: problem.remedy)
        : .unchecked("spool", at: configuration.spool, because: problem.reason, do: DirectoryFindings.asAgent)
    }
    findings += facts.spool.modes.map {
      .warning("spool-mode", at: configuration.spool + "/incoming", $0.reason, do: $0.remedy)
    }
    if facts.isOneFileSystem == false {
      findings.append(
        .error(
          "spool-file-systems", at: configuration.spool, "incoming/, taken/ and rejected/ lie on several file systems",
          do: "put the spool on one file system"))
    }
    return findings
  }

  // MARK: State

  private func stateFindings() -> [DoctorFinding] {
    var findings: [DoctorFinding] = []
    if let distrust = facts.distrust {
      let parts = distrust.split(separator: "; ", maxSplits: 1).map(String.init)
      findings.append(.error("trust", at: configuration.state, parts.first ?? "", do: parts.last ?? ""))
    }
    for path in facts.strangeFiles {
      findings.append(
        .error(
          "state-owner", at: path, "it does not belong to the agent's user, who can't write it",
          do: "chown \(facts.agent.uid):\(facts.agent.gid) \(path.shellWord)"))
    }
    if facts.hasLostState {
      findings.append(
        .error(
          "state-lost", at: configuration.state, "there are delivery records, and no register",
          do: "mount the state, or buzon restore BACKUP"))
    }
    if let failure = facts.registerFailure {
      findings.append(
        facts.isAgent
          ? .error("register", at: configuration.state, failure, do: "buzon restore BACKUP")
          : .unchecked("register", at: configuration.state, because: failure, do: DirectoryFindings.asAgent))
    }
    if !facts.isAgent {
      findings.append(
        .unchecked(
          "trust", at: configuration.state, because: "only the agent's user can judge who may write what he relies on",
          do: DirectoryFindings.asAgent))
    }
    return findings
  }

  private func lockFindings() -> [DoctorFinding] {
    if let failure = facts.lockFailure {
      return facts.isAgent
        ? [.error("locks", at: failure.path, "\(failure)", do: "chown \(facts.agent.uid) \(failure.path.shellWord)")]
        : []
    }
    guard facts.isAgent, facts.spoolLock != facts.stateLock else { return [] }
    func held(_ pid: Int32?) -> String { pid.map { "process \($0)" } ?? "nobody" }
    return [
      .error(
        "locks", at: configuration.spool,
        "the spool is held by \(held(facts.spoolLock)), the state by \(held(facts.stateLock)): two agents share a folder",
        do: "give each agent a spool and a state of its own")
    ]
  }

  // MARK: The rest

  private func otherFindings() -> [DoctorFinding] {
    var findings: [DoctorFinding] = []
    if let zone = facts.zone {
      findings.append(.error("timezone", at: "organization.timezone", zone.what, do: zone.remedy))
    }
    if let trouble = facts.signatures {
      findings.append(
        facts.isAgent
          ? .error("signers", at: configuration.approval.signers ?? "", trouble.what, do: trouble.remedy)
          : .unchecked(
            "signers", at: configuration.approval.signers ?? "", because: trouble.what, do: DirectoryFindings.asAgent))
    }
    for template in facts.templates {
      findings.append(
        .warning(
          "template-unused", at: template.path, template.what, do: "correct the template, or remove it"))
    }
    return findings + certificateFindings() + pageFindings()
  }

  private func certificateFindings() -> [DoctorFinding] {
    guard let file = configuration.directory.tls.certificateFile, let (end, now) = facts.certificate,
      end - now < DirectoryFindings.shortLife * 86_400
    else { return [] }
    let day = Timestamp(seconds: end).rfc3339.prefix(10)
    return [
      DoctorFinding(
        end < now ? .error : .warning, "certificate-ends", at: file,
        end < now ? "the agent's certificate ended on \(day)" : "the agent's certificate ends on \(day)",
        do:
          "renew it in place; the next connection shows the new one (openssl x509 -in \(file.shellWord) -noout -dates)")
    ]
  }

  private func pageFindings() -> [DoctorFinding] {
    guard let url = configuration.handover.changeURL else { return [] }
    switch facts.page {
    case .none: return []
    case .answered(let status) where status == 404 || status == 410 || status >= 500:
      return [
        .warning(
          "change-url", at: url, "the page where passwords are changed answers \(status)",
          do: "correct handover.change_url, or mend the page (curl -I \(url.shellWord))")
      ]
    case .answered: return []
    case .silent(let why):
      return [
        .warning(
          "change-url", at: url, "the page where passwords are changed does not answer: \(why)",
          do: "correct handover.change_url, or mend the page (curl -I \(url.shellWord))")
      ]
    case .unasked:
      return [.unchecked("change-url", at: url, because: "there is no curl on this host", do: "apt-get install curl")]
    }
  }
}
