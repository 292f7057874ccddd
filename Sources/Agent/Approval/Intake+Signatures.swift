internal import Configuration
internal import Crypto
internal import Files
internal import Forms
internal import Installation
internal import Register
internal import Text

/// Signed approvals: what waits for its signature, and the signatures that come for it.
///
/// | what comes | what happens |
/// |---|---|
/// | a form with its signature | one commit: accepted |
/// | a form without | one commit: it waits in the register; its file is removed |
/// | its signature, later | taken, checked; one commit: the form is accepted and waits no longer; the file is removed |
///
/// After a crash a signature that was taken lies in `incoming/` again. Where its form was accepted meanwhile it is removed:
/// it is the one that the request has.
extension Intake {
  /// Forms of one file name that a signature is tried on, the newest first.
  private static let namesakes = 16
  /// Signatures that are taken together.
  private static let together = 64

  private var approval: Configuration.Approval { current.settings.configuration.approval }

  /// Whether forms must be signed.
  var mustBeSigned: Bool { approval.mode == .signed }

  /// Judges the signatures of forms that were just taken. A form without one is kept in the register until one comes.
  ///
  /// - Throws: `FileError` where what is refused can't be put away.
  func approve(_ forms: inout [JudgedForm]) async throws {
    guard mustBeSigned, !forms.isEmpty else { return }
    let now = current.now()
    let until = now + approval.patience.milliseconds
    let signed = forms.indices.filter { forms[$0].form.signature != nil }
    for index in signed { try resume(&forms[index].form) }
    let verdicts = judge(
      signed.map { index in
        SignedForm(
          bytes: forms[index].form.bytes, principal: forms[index].request.approval.by,
          signature: forms[index].form.signature ?? [])
      })
    let byIndex = Dictionary(uniqueKeysWithValues: zip(signed, verdicts))
    try await noteApprovalTrouble()
    var refused: Set<Int> = []
    for index in forms.indices {
      let (name, request, form) = forms[index]
      switch ApprovalDecision(
        approver: request.approval.by, submitter: form.submitter, fourEyes: approval.fourEyes,
        verdict: byIndex[index])
      {
      case .accept(let key):
        forms[index].form.signedKey = key
        forms[index].form.signed = now
      case .wait: forms[index].form.awaitsUntil = until
      case .waitUnchecked: forms[index].form.awaitsUntil = until
      case .waitForAnother(let problem, let remedy):
        if let name = name.appending(".sig") { try reject(name, problem, remedy) }
        forms[index].form.signature = nil
        forms[index].form.awaitsUntil = until
      case .refuse(let problem, let remedy):
        refused.insert(index)
        try reject(name, problem, remedy)
      }
    }
    if !refused.isEmpty { forms = forms.indices.filter { !refused.contains($0) }.map { forms[$0] } }
  }

  /// A form that waits and comes again with its signature is the one that waits: who brings the signature did not submit it.
  private func resume(_ form: inout ReceivedForm) throws {
    guard let waiting = try register.unsigned(number: form.number).first(where: { $0.digest == form.digest }) else {
      return
    }
    (form.file, form.submitter, form.awaitedSince) = (waiting.file, waiting.submitter, waiting.received)
    form.plan = form.plan ?? waiting.plan
  }

  private func judge(_ forms: [SignedForm]) -> [SignatureVerdict] {
    if forms.isEmpty { return [] }
    refreshCheck()
    return signatureCheck?.judge(forms) ?? []
  }

  /// The check follows the configuration, which a reload replaces.
  private func refreshCheck() {
    let paths = mustBeSigned ? [approval.signers, approval.revoked] : []
    if paths == checkedPaths { return }
    checkedPaths = paths
    signatureCheck = approval.signers.flatMap {
      mustBeSigned ? SignatureCheck(signers: $0, revoked: approval.revoked) : nil
    }
  }

  /// Logs and stores why signatures can't be checked, and that they can again.
  private func noteApprovalTrouble() async throws {
    refreshCheck()
    let trouble = signatureCheck?.trouble()
    if trouble == approvalTrouble, isApprovalTroubleStored { return }
    let hadTrouble = approvalTrouble != nil
    approvalTrouble = trouble
    isApprovalTroubleStored = true
    try await register.setTrouble(trouble, of: .approval, at: current.now()).value()
    if let trouble {
      log.error("approval.waiting", [("why", trouble.what), ("do", trouble.remedy)])
    } else if hadTrouble {
      log.info("approval.back", [])
    }
    if trouble != nil || hadTrouble { await dispatcher.writeStatusSoon() }
  }

  // MARK: Signatures that come later

  /// Takes the signatures of forms that wait for them.
  ///
  /// - Returns: whether some were taken; how many are still to come to rest, and when to look again for them.
  func takeSignatures(_ scan: Scan) async throws -> (tookSome: Bool, waiting: Int, rescanAfter: Duration?) {
    guard mustBeSigned else { return (false, 0, nil) }
    restingSignatures.rest = resting.rest
    // What can't be checked stays where it is.
    let entries = approvalTrouble == nil ? try awaited(scan) : []
    let verdict = restingSignatures.judge(Scan(started: scan.started, entries: entries), now: .now) { [folders] in
      folders.incoming.writers(of: $0.name)
    }
    let ripe = verdict.ripe.prefix(Self.together)
    if !ripe.isEmpty { try await sign(ripe.map(\.name)) }
    return (!ripe.isEmpty, verdict.waiting, verdict.rescanAfter)
  }

  /// Signatures without their form beside them, for forms that wait.
  private func awaited(_ scan: Scan) throws -> [ScanEntry] {
    if scan.signatures.isEmpty { return [] }
    let waiting = try register.unsignedFiles()
    if waiting.isEmpty { return [] }
    let forms = Set(scan.entries.map(\.name))
    return try scan.signatures.compactMap { name in
      guard let form = FileName(name.bytes.dropLast(4)), !forms.contains(form), waiting.contains("\(form)"),
        let stat = try folders.incoming.stat(name)
      else { return nil }
      return ScanEntry(
        name: name, kind: stat.kind, size: stat.size, owner: stat.owner, inode: stat.inode, modified: stat.modified,
        changed: stat.changed)
    }.sorted(by: ScanEntry.isTakenBefore)
  }

  private func sign(_ names: [FileName]) async throws {
    var taken: [(name: FileName, signature: [UInt8], forms: [UnsignedForm])] = []
    for name in names {
      switch try folders.incoming.take(name, to: folders.taken, as: name) {
      case .taken: break
      case .gone, .occupied: continue
      case .fixed(let error):
        log.error("spool.stuck", [("file", "\(name)"), ("why", "\(error)"), ("do", "remove it by hand")])
        continue
      }
      guard let form = FileName(name.bytes.dropLast(4)), let bytes = try readSignature(name) else { continue }
      taken.append((name, bytes, try register.unsigned(file: "\(form)", limit: Self.namesakes)))
    }
    let verdicts = judge(
      taken.flatMap { one in
        one.forms.map { SignedForm(bytes: $0.bytes, principal: $0.origin.approval.by, signature: one.signature) }
      })
    try await noteApprovalTrouble()
    var rest = verdicts[...]
    var promotions: [Promotion] = []
    var done: [FileName] = []
    for (name, signature, forms) in taken {
      let own = Array(rest.prefix(forms.count))
      rest = rest.dropFirst(forms.count)
      var wrong: (problem: String, remedy: String)?
      var isUnchecked = forms.isEmpty
      var isUsed = false
      for (form, verdict) in zip(forms, own) where !isUsed {
        switch verdict {
        case .verified(let key):
          promotions.append(Promotion(form: form, signature: signature, key: key))
          isUsed = true
        case .refused(let problem, let remedy): wrong = wrong ?? (problem, remedy)
        case .unknown: isUnchecked = true
        }
      }
      if isUsed {
        done.append(name)
      } else if isUnchecked {
        _ = try folders.putBack(name)
      } else if let wrong {
        try collectErrors { try reject(name, wrong.problem, wrong.remedy) }
      }
    }
    try await promote(promotions)
    for name in done { try collectErrors { try folders.taken.unlink(name) } }
  }

  /// A waiting form that may be accepted now.
  private struct Promotion {
    var form: UnsignedForm
    var signature: [UInt8]?
    /// `nil`: forms need no signature any more.
    var key: String?
  }

  /// Accepts forms that waited. They are judged again by the rules of today: who may approve may have changed.
  private func promote(_ promotions: [Promotion]) async throws {
    if promotions.isEmpty { return }
    let now = current.now()
    let rules = current.settings.rules(at: now)
    let limits = DemandLimits(current.settings.configuration.policy, day: rules.today) { [register] in
      try register.accountCount()
    }
    var forms: [JudgedForm] = []
    var ids: [Int64] = []
    for promotion in promotions {
      let waiting = promotion.form
      guard let name = FileName(waiting.file) ?? FileName(waiting.number + ".yaml") else { continue }
      switch FormReader.read(waiting.bytes, rules: rules) {
      case .invalid(let findings):
        let report = findings.map { $0.line(file: "\(name)") }.joined(separator: "\n") + "\n"
        _ = try await register.refuseUnsigned(waiting.id, report: report).value()
      case .request(let request):
        if case .refuse(let problem, let remedy) = ApprovalDecision(
          approver: request.approval.by, submitter: waiting.submitter,
          fourEyes: promotion.key == nil ? [] : approval.fourEyes, verdict: nil)
        {
          _ = try await register.refuseUnsigned(waiting.id, report: "\(name): \(problem); \(remedy)\n").value()
          continue
        }
        var form = ReceivedForm(
          request, bytes: waiting.bytes, digest: waiting.digest, file: waiting.file, received: now)
        form.awaitedSince = waiting.received
        form.submitter = waiting.submitter
        form.signature = promotion.signature
        form.plan = waiting.plan
        form.signedKey = promotion.key
        form.signed = now
        try limits.judge(request, into: &form)
        forms.append((name, request, form))
        ids.append(waiting.id)
      }
    }
    if forms.isEmpty { return }
    let answers = try await register.accept(forms.map(\.form)).value()
    var accepted: [OpenRequest] = []
    for ((form, answer), id) in zip(zip(forms, answers), ids) {
      if let open = try taken(form, answer) { accepted.append(open) }
      switch answer {
      case .accepted, .held, .repeated, .awaiting: break
      case .spent, .numberTaken:
        _ = try await register.refuseUnsigned(id, report: Self.numberTaken).value()
      }
    }
    try await admit(accepted)
  }

  private static let numberTaken =
    "its number belongs to another form, which was accepted before; give this form a number of its own\n"

  // MARK: What waits

  /// Goes on with what waits: a signature that could not be checked, an operator's cancel, a configuration that asks for no
  /// signatures any more.
  ///
  /// - Parameter mayExpire: whether the host's time may be trusted.
  func tendUnsigned(mayExpire: Bool) async throws {
    isExpiryDue = mayExpire
    try await noteApprovalTrouble()
    if mustBeSigned {
      if approvalTrouble == nil { try await checkAgain() }
    } else {
      var last: Int64 = 0
      while case let forms = try register.unsigned(after: last, limit: Self.together), !forms.isEmpty {
        last = forms.last?.id ?? last
        try await promote(forms.map { Promotion(form: $0, signature: $0.signature, key: nil) })
      }
    }
    try await putAwayRefused()
  }

  /// Refuses what nobody signed in time. To be called when no signature lies in the spool for what waits: an agent that was
  /// stopped finds late what came in time.
  func expireUnsigned() async throws {
    guard isExpiryDue else { return }
    isExpiryDue = false
    let patience = approval.patience.components.seconds
    let expired = approvalTrouble == nil && mustBeSigned
    _ = try await register.refuseUnsigned(
      at: current.now(),
      expired: expired
        ? "no signature of its approver came within \(patience) s (approval.patience); submit it again with its "
          + "signature: buzon sign FILE --key KEY, then buzon submit FILE\n" : nil,
      taken: Self.numberTaken
    ).value()
    try await putAwayRefused()
  }

  /// Checks the signatures that could not be checked when they came.
  private func checkAgain() async throws {
    var last: Int64 = 0
    while case let forms = try register.unsigned(signed: true, after: last, limit: Self.together), !forms.isEmpty {
      last = forms.last?.id ?? last
      let verdicts = judge(
        forms.map { SignedForm(bytes: $0.bytes, principal: $0.origin.approval.by, signature: $0.signature ?? []) })
      var promotions: [Promotion] = []
      for (form, verdict) in zip(forms, verdicts) {
        switch verdict {
        case .verified(let key): promotions.append(Promotion(form: form, signature: form.signature, key: key))
        case .unknown: break
        case .refused(let problem, let remedy):
          guard let name = FileName(form.file + ".sig") else { continue }
          try collectErrors {
            let report = RejectionReport("\(name)", problem, remedy)
            let place = try folders.reject(form.signature ?? [], as: name, report: report.text)
            noteRejected(name, place, problem, remedy, form.submitter)
          }
          _ = try await register.dropSignature(form.id).value()
        }
      }
      try await promote(promotions)
    }
  }

  /// Puts refused forms among the rejected files, then forgets them.
  private func putAwayRefused() async throws {
    while case let forms = try register.refusedUnsigned(limit: Self.together), !forms.isEmpty {
      for form in forms {
        guard let name = FileName(form.file) ?? FileName(form.number + ".yaml") else { continue }
        let reason = form.refused ?? ""
        let report = reason.hasPrefix("\(name):") ? reason : "\(name): \(reason)"
        let dropped = form.submitter.map { RejectionReport.dropped("\(name)", by: "\($0)") } ?? ""
        var isAway = false
        try collectErrors {
          let words = RejectionReport(english: report).text
          let place = try folders.reject(form.bytes, plan: form.plan, as: name, report: words + dropped)
          let line = report.split(separator: "\n").first.map(String.init) ?? ""
          noteRejected(name, place, line, "see the report", form.submitter)
          isAway = true
        }
        if !isAway { return }
        _ = try await register.forgetRefused(form.id).value()
      }
    }
  }
}
