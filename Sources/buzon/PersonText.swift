internal import Accounts
internal import Desk
internal import Forms
internal import Records
internal import Register
internal import Text
internal import Translations

/// What is held about a person, for a terminal and for programs.
struct PersonText {
  private let trace: PersonTrace
  private let files: PersonFiles
  private let zone: Zone

  init(_ trace: PersonTrace, _ files: PersonFiles, zone: Zone) {
    self.trace = trace
    self.files = files
    self.zone = zone
  }

  // MARK: Text

  /// Harmless, without line ends.
  var lines: [String] {
    var lines: [String] = []
    for forgotten in trace.forgotten { lines.append(forgotten.line(zone)) }
    for account in trace.accounts { lines += text(account) }
    for retired in trace.retired {
      let until = zone.day(at: Timestamp(seconds: retired.until))
      lines.append(
        Self.field(
          "Address kept", translated("\(displayed(retired.address.utf8)), given to nobody else until \(until)")))
    }
    for request in trace.requests { lines += text(request) }
    for path in files.records { lines.append(Self.field("File", displayed(path.utf8))) }
    for path in files.rejected { lines.append(Self.field("Rejected file", displayed(path.utf8))) }
    for path in files.copies {
      lines.append(Self.field("Copy", displayed(translated("\(path): holds what the register held then").utf8)))
    }
    lines.append(
      translated("Backups (buzon backup, of records and directory) hold what was held when they were made."))
    return lines
  }

  /// What a thing is called in the caller's language, and the thing.
  fileprivate static func field(_ name: String, _ text: String) -> String {
    Cells.padded(name.isEmpty ? "" : translated(name), to: MessageLanguage.ofProcess == .english ? 15 : 21) + text
  }

  private func text(_ account: PersonTrace.Account) -> [String] {
    let name = account.name.map { " (\($0))" } ?? ""
    let gone = translated(
      account.gone.map { "gone since \(zone.timeAndZone(at: Timestamp(milliseconds: $0)))" } ?? "gone")
    let status = account.status.map { translated($0, of: "account") } ?? gone
    var lines = [Self.field("Account", displayed("\(account.address)\(name), \(status)".utf8))]
    func add(_ text: String) { lines.append(Self.field("", translated(text))) }
    let others = account.addresses.filter { $0 != account.address }
    if !others.isEmpty {
      add("addresses, now or before: " + displayed(others.joined(separator: ", ").utf8))
    }
    if !account.held.isEmpty {
      add("the mirror holds: " + account.held.joined(separator: ", "))
    }
    if account.driftEvents > 0 { add("changes outside Buzón noted: \(account.driftEvents)") }
    return lines
  }

  private func text(_ request: PersonTrace.Request) -> [String] {
    let time = zone.timeAndZone(at: Timestamp(milliseconds: request.received))
    let origin = request.origin
    let state = translated(request.state.rawValue, of: "request")
    var lines = [Self.field("Request", "\(displayed(request.number.utf8)), \(time), \(state)")]
    func add(_ text: String) { lines.append(Self.field("", displayed(translated(text).utf8))) }
    add(
      "asked by \(origin.department), \(origin.requester.name); approved by \(origin.approval.by), \(origin.approval.date)"
    )
    if let submitter = request.submitter { add("submitted by \(submitter) as \(request.file)") }
    for change in request.changes {
      let outcome = translated(change.outcome?.rawValue ?? "no outcome yet", of: "change")
      var parts = [
        translated("change \(change.index)") + ": \(translated(change.operation)) \(change.address): \(outcome)",
        translated("the form states \(change.keys.joined(separator: ", "))"),
      ]
      if change.hasIntent { parts.append(translated("the operation is stored")) }
      if change.hasPreImage { parts.append(translated("the entry before is stored")) }
      lines.append(Self.field("", displayed(parts.joined(separator: "; ").utf8)))
      for event in change.handover {
        let time = zone.timeAndZone(at: Timestamp(milliseconds: event.at))
        let by = event.by.map { ", " + translated("by \($0)") } ?? ""
        lines.append(
          Self.field("", displayed("\(translated("handover.\(event.kind.rawValue)", of: "event")), \(time)\(by)".utf8)))
      }
    }
    if !request.mentions.isEmpty { add("names the person as \(request.mentions.joined(separator: ", "))") }
    if !request.lines.isEmpty { add("ledger lines \(Ranges(request.lines).text)") }
    return lines
  }

  // MARK: JSON

  func json() -> [UInt8] {
    JSONWriter.document { json in
      json.field("forgotten", objects: trace.forgotten) { $1.append(to: &$0) }
      json.field("accounts", objects: trace.accounts) { json, account in
        json.field("entryUUID", account.entryUUID)
        json.field("address", account.address)
        json.field("addresses", account.addresses)
        json.field("name", account.name)
        json.field("status", account.status)
        json.field("gone", account.gone.map { Timestamp(milliseconds: $0) })
        json.field("held", account.held)
        json.field("driftEvents", account.driftEvents)
      }
      json.field("retired", objects: trace.retired) { json, retired in
        json.field("address", retired.address)
        json.field("until", Timestamp(seconds: retired.until))
      }
      json.field("requests", objects: trace.requests) { append(&$0, $1) }
      json.field("files", files.records)
      json.field("rejected", files.rejected)
      json.field("copies", files.copies)
      json.field("unread", trace.unread + files.unread)
    }
  }

  private func append(_ json: inout JSONWriter, _ request: PersonTrace.Request) {
    json.field("number", request.number)
    json.field("received", Timestamp(milliseconds: request.received))
    json.field("state", request.state.rawValue)
    json.field("department", request.origin.department)
    json.field("requester", request.origin.requester.name)
    json.field("approval") { json in
      json.field("by", request.origin.approval.by)
      json.field("date", "\(request.origin.approval.date)")
    }
    json.field("submitted", object: request.submitter) { json, submitter in
      json.field("by", submitter.name)
      json.field("uid", submitter.uid)
      json.field("file", request.file)
    }
    json.field("signature", request.hasSignature)
    json.field("changes", objects: request.changes) { json, change in
      json.field("index", change.index)
      json.field("operation", change.operation)
      json.field("address", change.address)
      json.field("outcome", change.outcome?.rawValue)
      json.field("keys", change.keys)
      json.field("operationStored", change.hasIntent)
      json.field("entryStored", change.hasPreImage)
      json.field("handoverEvents", objects: change.handover) { $1.append(to: &$0) }
    }
    json.field("mentions", request.mentions)
    json.field("ledgerLines", Ranges(request.lines).text)
  }
}

extension ForgottenAddress {
  /// For a terminal.
  func line(_ zone: Zone) -> String {
    let time = zone.timeAndZone(at: Timestamp(milliseconds: at))
    let kept = until.map {
      "; " + translated("the address is given to nobody else until \(zone.day(at: Timestamp(seconds: $0)))")
    }
    return PersonText.field(
      "Forgotten", displayed((translated("on \(time) by \(by) because \(because)") + (kept ?? "")).utf8))
  }

  func append(to json: inout JSONWriter) {
    json.field("at", Timestamp(milliseconds: at))
    json.field("by", by)
    json.field("because", because)
    json.field("addressKeptUntil", until.map { Timestamp(seconds: $0) })
  }
}
