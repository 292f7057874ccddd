internal import Configuration
internal import Crypto
internal import Files
internal import Forms
internal import Installation
internal import Register
internal import Text

/// What becomes of a chunk of dropped files: taken, read, judged, accepted together and unlinked, or rejected.
extension Intake {
  /// Forms that are accepted in one commit: so many at most, and so many bytes, but at least one.
  private static let chunk = 256
  private static let chunkSize: Int64 = 4 << 20

  static func chunk(of entries: ArraySlice<ScanEntry>) -> ArraySlice<ScanEntry> {
    var size: Int64 = 0
    return entries.prefix(chunk).prefix { entry in
      defer { size += entry.size }
      return size == 0 || size + entry.size <= chunkSize
    }
  }

  /// What an earlier run had taken and not settled, in the order of the spool. Where that was cut short before, one at a
  /// time: one of them may be what killed it.
  func recover() async throws {
    // What can't be listed comes before all that is dropped.
    isBlocked = true
    try folders.putBackLoneCompanions()
    var entries = try folders.taken.scan().entries[...]
    isBlocked = false
    if entries.isEmpty {
      _ = register.forgetDeathsOfFiles()
      return
    }
    if try await register.countDeath(of: .taken).value() <= 2 {
      while !entries.isEmpty, !isBlocked {
        let chunk = Self.chunk(of: entries)
        entries = entries.dropFirst(chunk.count)
        try await accept(chunk.map(\.name))
      }
    } else {
      try await recoverOneByOne(entries.map(\.name))
    }
    _ = try await register.forgetDeaths(of: .taken).value()
    if problem == nil { _ = register.forgetDeathsOfFiles() }
    try logProblem()
  }

  private func recoverOneByOne(_ names: [FileName]) async throws {
    for name in names where !isBlocked {
      let attempt = Attempt.file("\(name)")
      if try await register.countDeath(of: attempt).value() > deathsAllowed {
        try collectErrors {
          try reject(name, "the agent died \(deathsAllowed) times while it read this file", "report it; keep the file")
        }
      } else {
        try await accept([name])
      }
      if !isBlocked { _ = try await register.forgetDeaths(of: attempt).value() }
    }
  }

  /// - Returns: whether the next scan is a new one: not all of them are as they were.
  func take(_ chunk: ArraySlice<ScanEntry>) async throws -> Bool {
    var occupied = 0
    var taken: [FileName] = []
    taken.reserveCapacity(chunk.count)
    for entry in chunk {
      do {
        switch try folders.take(entry.name) {
        case .taken: taken.append(entry.name)
        case .gone: continue
        // A file of the same name isn't settled yet; a later scan finds this one again.
        case .occupied: occupied += 1
        case .fixed(let error):
          resting.setAside(entry)
          log.error("spool.stuck", [("file", "\(entry.name)"), ("why", "\(error)"), ("do", "remove it by hand")])
        }
      } catch {
        block(error)
        break
      }
    }
    try await accept(taken)
    return occupied < chunk.count
  }

  private func accept(_ names: [FileName]) async throws {
    var forms = try await judged(names)
    do {
      try await approve(&forms)
    } catch let error as FileError {
      return block(error)
    }
    if forms.isEmpty { return }
    let answers = try await register.accept(forms.map(\.form)).value()
    var accepted: [OpenRequest] = []
    accepted.reserveCapacity(forms.count)
    for (form, answer) in zip(forms, answers) {
      if case .repeated(addsSignature: true) = answer { await dispatcher.recorder.rescan(again: true) }
      if let open = try taken(form, answer) { accepted.append(open) }
      try collectErrors { try putAway(form, answer) }
    }
    try await admit(accepted)
  }

  /// The good forms among these files; the others are rejected.
  private func judged(_ names: [FileName]) async throws -> [JudgedForm] {
    let now = current.now()
    let settings = current.settings
    let rules = settings.rules(at: now)
    let limits = DemandLimits(settings.configuration.policy, day: rules.today) { [register] in
      try register.accountCount()
    }
    var forms: [JudgedForm] = []
    forms.reserveCapacity(names.count)
    for name in names {
      do {
        if let form = try judged(name, rules, limits) { forms.append(form) }
        if unread.remove(name) != nil { _ = register.forgetDeaths(of: .reading("\(name)")) }
      } catch let error as FileError {
        if try await isGivenUp(name, error) { continue }
        block(error)
        break
      }
    }
    return forms
  }

  private func block(_ error: FileError) {
    problem = problem ?? error
    isBlocked = true
  }

  /// Rejects what lies on a bad place of the disk and could not be read again and again.
  private func isGivenUp(_ name: FileName, _ error: FileError) async throws -> Bool {
    guard error.isOfDisk, try await register.countDeath(of: .reading("\(name)")).value() > deathsAllowed else {
      unread.insert(name)
      return false
    }
    try collectErrors {
      try reject(name, "can't be read: \(error)", "check the disk (dmesg), then submit the form again")
    }
    _ = try await register.forgetDeaths(of: .reading("\(name)")).value()
    return true
  }

  private func judged(_ name: FileName, _ rules: Rules, _ limits: DemandLimits) throws -> JudgedForm? {
    guard let result = try folders.taken.readWhole(name, limit: rules.formSize) else { return nil }
    switch result {
    case .failure(let refusal) where refusal.isUnfinished:
      try collectErrors {
        let owner = try folders.taken.stat(name)?.owner
        let place = try folders.putBack(name)
        warnOfOpen(place, owner: owner ?? 0)
      }
    case .failure(let refusal): try collectErrors { try reject(name, refusal.description, refusal.remedy(name)) }
    case .success(let file):
      switch FormReader.read(file.bytes, rules: rules) {
      case .request(let request):
        var form = ReceivedForm(
          request, bytes: file.bytes, digest: Array(SHA256.hash(data: file.bytes)), file: "\(name)",
          received: current.now())
        form.submitter = try submitters.submitter(file.stat.owner)
        form.signature = try name.appending(".sig").flatMap { try readSignature($0) }
        switch try readPlan(of: name, form, request) {
        case .none: break
        case .good(let plan): form.plan = plan
        case .refused(let fault):
          try collectErrors { try rejectUnlessKnown(name, file.bytes, fault) }
          return nil
        case .unfinished:
          try collectErrors { _ = try folders.putBack(name) }
          return nil
        }
        try limits.judge(request, into: &form)
        return (name, request, form)
      case .invalid(let findings):
        // Accepted before a crash, it isn't judged again by the rules of another day.
        if try isKnown(file.bytes) {
          log.info("request.repeated", [("file", "\(name)"), ("why", Self.repeated)])
          try collectErrors { try folders.remove(name) }
        } else {
          try collectErrors { try reject(name, findings: findings) }
        }
      }
    }
    return nil
  }

  /// Notes what the register said of a form.
  ///
  /// - Returns: the request, where it is to be carried out.
  func taken(_ judged: JudgedForm, _ answer: Acceptance) throws -> OpenRequest? {
    let (_, request, form) = judged
    switch answer {
    case .accepted(let id):
      log.info("request.accepted", [("request", form.number), ("file", form.file)] + (form.submitter?.fields ?? []))
      counts.accepted += 1
      var open = OpenRequest(
        id: id, request: request, bytes: form.bytes, digest: form.digest,
        submitted: form.submitter.map { Submission(file: form.file, by: $0) }, received: form.received)
      open.signature = form.signature
      open.signedKey = form.signedKey
      try open.bind(to: form.plan)
      return open
    case .held(_, let reason):
      log.warning("request.held", [("request", form.number), ("why", reason)] + (form.submitter?.fields ?? []))
      counts.accepted += 1
    case .repeated(let addsSignature):
      let why = addsSignature ? Self.repeated + ", but its signature is archived from now on" : Self.repeated
      log.info(
        "request.repeated",
        [("request", form.number), ("file", form.file), ("why", why)] + (form.submitter?.fields ?? []))
    case .awaiting(let until, let isNew):
      log.info(
        isNew ? "request.unsigned" : "request.repeated",
        [
          ("request", form.number), ("file", form.file), ("by", form.origin.approval.by),
          ("until", current.settings.zone.timeAndZone(at: Timestamp(milliseconds: until))),
        ] + (form.submitter?.fields ?? []))
    case .spent, .numberTaken: break
    }
    return nil
  }

  /// Removes the file of a form that the register has, and rejects one that it won't have.
  private func putAway(_ judged: JudgedForm, _ answer: Acceptance) throws {
    let (name, number) = (judged.name, judged.form.number)
    switch answer {
    case .accepted, .held, .awaiting, .repeated: try folders.remove(name)
    case .spent:
      try reject(
        name, "number \(number) was used before the register was restored from a backup",
        "give this form a number of its own (deliveries/YEAR/\(number).json is the record of the other)")
    case .numberTaken:
      try reject(
        name, "number \(number) belongs to another form, which was accepted before",
        "give this form a number of its own (buzon show \(number) shows the other)")
    }
  }

  private static let repeated = "the same form was accepted before; nothing was done"

  private func isKnown(_ bytes: [UInt8]) throws -> Bool {
    guard let request = try? FormReader.reread(bytes) else { return false }
    let digest = Array(SHA256.hash(data: bytes))
    if try register.isUnsigned(number: request.number, digest: digest) { return true }
    return try register.request(number: request.number)?.digest == digest
  }

  // MARK: Plans

  private enum PlanBeside {
    case none
    case good([UInt8])
    case refused(PlanFile.Fault)
    /// Somebody writes it still.
    case unfinished
  }

  /// Reads the plan that was taken with a form. A form whose plan is no good is not carried out without it.
  private func readPlan(of name: FileName, _ form: ReceivedForm, _ request: Request) throws -> PlanBeside {
    guard let beside = name.appending(".plan"),
      let result = try folders.taken.readWhole(beside, limit: PlanFile.limit(formSize: form.bytes.count))
    else { return .none }
    switch result {
    case .failure(let refusal) where refusal.isUnfinished: return .unfinished
    case .failure(.tooLarge(let size, let limit)):
      return .refused(
        PlanFile.Fault(
          problem: Refusal.tooLarge(size: size, limit: limit).description,
          remedy: "plan the form again (buzon plan FORM --out PLAN), and submit it with that plan"))
    case .failure(let refusal):
      return .refused(PlanFile.Fault(problem: refusal.description, remedy: refusal.remedy(beside)))
    case .success(let file):
      do throws(PlanFile.Fault) {
        let plan = try PlanFile(reading: file.bytes)
        if let fault = plan.fault(with: form.digest, number: request.number, changes: request.changes.count) {
          throw fault
        }
        return .good(file.bytes)
      } catch {
        return .refused(error)
      }
    }
  }

  /// Accepted before a crash, a form isn't judged again.
  private func rejectUnlessKnown(_ name: FileName, _ bytes: [UInt8], _ fault: PlanFile.Fault) throws {
    if try isKnown(bytes) {
      log.info("request.repeated", [("file", "\(name)"), ("why", Self.repeated)])
      return try folders.remove(name)
    }
    try reject(name, "its plan (\(name).plan) can't bind it: \(fault.problem)", fault.remedy)
  }

  /// Plans that one look rejects at most.
  private static let lonePlans = 64

  /// Rejects plans that have lain for long without the form that they are of.
  ///
  /// - Returns: how long until the next one may be due; `nil`: there is none.
  func rejectLonePlans(_ scan: Scan) throws -> Duration? {
    if scan.plans.isEmpty { return nil }
    let forms = Set(scan.entries.map(\.name))
    let lone = scan.plans.lazy.filter { FileName($0.bytes.dropLast(5)).map { !forms.contains($0) } ?? true }
    var next: Duration?
    for name in lone.prefix(Self.lonePlans) {
      guard let stat = try folders.incoming.stat(name) else { continue }
      let left = resting.rest * 30 - .nanoseconds(scan.started - stat.changed)
      if left > .zero {
        next = min(next ?? left, left)
      } else if case .taken = try folders.incoming.take(name, to: folders.taken, as: name) {
        try collectErrors {
          try reject(
            name, "a plan lies here without its form",
            "submit the form with it (buzon submit FORM --plan PLAN)")
        }
      }
    }
    return next
  }

  // MARK: Signatures

  /// Lone signatures that one look rejects at most.
  private static let loneSignatures = 64

  /// Reads a signature that was taken; one that can't be read goes to the rejected by itself, and one that somebody still
  /// writes goes back.
  func readSignature(_ name: FileName) throws -> [UInt8]? {
    guard let result = try folders.taken.readWhole(name, limit: KeygenAnswer.longest) else { return nil }
    switch result {
    case .success(let file): return file.bytes
    case .failure(let refusal) where refusal.isUnfinished && mustBeSigned:
      try collectErrors { _ = try folders.putBack(name) }
      return nil
    case .failure(.tooLarge(let size, let limit)):
      try collectErrors {
        try reject(
          name, Refusal.tooLarge(size: size, limit: limit).description,
          "sign the form again (buzon sign): a signature has less than 2 KiB")
      }
      return nil
    case .failure(let refusal):
      try collectErrors { try reject(name, refusal.description, refusal.remedy(name)) }
      return nil
    }
  }

  /// Rejects signatures that have lain for long without the form that they are of.
  ///
  /// - Returns: how long until the next one may be due; `nil`: there is none.
  func rejectLoneSignatures(_ scan: Scan) throws -> Duration? {
    // What can't be checked stays.
    if scan.signatures.isEmpty || approvalTrouble != nil { return nil }
    let forms = Set(scan.entries.map(\.name))
    let lone = scan.signatures.lazy.filter { FileName($0.bytes.dropLast(4)).map { !forms.contains($0) } ?? true }
    var next: Duration?
    for name in lone.prefix(Self.loneSignatures) {
      guard let stat = try folders.incoming.stat(name) else { continue }

      if try isUsed(name) {
        try collectErrors { try folders.taken.unlink(name) }
        continue
      }
      let patience =
        mustBeSigned ? max(resting.rest * 30, current.settings.configuration.approval.patience) : resting.rest * 30
      let left = patience - .nanoseconds(scan.started - stat.changed)
      if left > .zero {
        next = min(next ?? left, left)
      } else if case .taken = try folders.incoming.take(name, to: folders.taken, as: name) {
        try collectErrors {
          try reject(
            name, "a signature lies here without its form",
            "drop the form again, with the signature beside it under the form's name and .sig")
        }
      }
    }
    return next
  }

  /// Takes a signature that an accepted request has already: it was dropped twice, or the agent died before it removed it.
  private func isUsed(_ name: FileName) throws -> Bool {
    guard mustBeSigned, let form = FileName(name.bytes.dropLast(4)), try register.hasSigned(file: "\(form)"),
      case .success(let file) = try folders.incoming.readWhole(name, limit: KeygenAnswer.longest),
      try register.hasSigned(file: "\(form)", signature: file.bytes),
      case .taken = try folders.incoming.take(name, to: folders.taken, as: name)
    else { return false }
    log.info("signature.repeated", [("file", "\(name)"), ("why", "its form was accepted with it; nothing was done")])
    return true
  }

  // MARK: Rejection

  func reject(_ name: FileName, _ problem: String, _ remedy: String) throws {
    try reject(name, report: RejectionReport("\(name)", problem, remedy), problem: problem, remedy: remedy)
  }

  private func reject(_ name: FileName, findings: [Finding]) throws {
    try reject(
      name, report: RejectionReport("\(name)", findings), problem: findings.first?.line(file: "\(name)") ?? "",
      remedy: "correct the form (the report beside it lists \(findings.count) of its mistakes) and submit it again")
  }

  private func reject(_ name: FileName, report: RejectionReport, problem: String, remedy: String)
    throws
  {
    // It lies where nobody but the agent can change it, so its owner is who dropped it.
    let submitter = try folders.taken.stat(name).map { try submitters.submitter($0.owner) }
    let dropped = submitter.map { RejectionReport.dropped("\(name)", by: "\($0)") } ?? ""
    let place = try folders.reject(name, report: report.text + dropped)
    noteRejected(name, place, problem, remedy, submitter)
  }

  /// - Parameter place: the file's name among the rejected.
  func noteRejected(
    _ name: FileName, _ place: FileName, _ problem: String, _ remedy: String, _ submitter: Submitter?
  ) {
    counts.rejected += 1
    log.warning(
      "request.rejected",
      [("file", "\(name)"), ("why", problem), ("do", remedy), ("report", folders.rejected.shown(place) + ".report")]
        + (submitter?.fields ?? []))
  }
}
