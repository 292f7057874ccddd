internal import Accounts
internal import Files
internal import Forms
internal import Installation
internal import LDAP
internal import Records
internal import Register
internal import Text

/// The register's requests: with their lines in the ledger, and with what stands of them below `records/`.
struct RequestCheck {
  private static let chunk = 256

  let register: Register
  let style: RecordStyle
  /// The paths of the register and of the records.
  let path: String
  let records: String

  /// - Returns: what came of ``Verification/Check/requests`` and of ``Verification/Check/records``.
  func run(progress: (Int) -> Void) throws -> (requests: Verification.Result, records: Verification.Result) {
    var requests: Verification.Result?
    var written: Verification.Result?
    var count = 0
    var recorded = 0
    var pending = 0
    var last: (id: Int64, number: String) = (0, "")
    var chunk = Self.chunk
    while requests == nil || written == nil {
      let some: [StoredRequest]
      do {
        some = try register.requests(after: last.id, limit: chunk)
      } catch is RegisterError where chunk > 1 {
        // One after the other, up to the one that can't be read.
        chunk = 1
        continue
      } catch let error as RegisterError {
        requests =
          requests
          ?? .differs(
            what:
              "the request after \(last.number.isEmpty ? "the beginning" : last.number) can't be read: \(error.what)",
            meaning: changedRegister)
        written = written ?? .unread("a request can't be read")
        break
      }
      if requests == nil { requests = signatureDifference(in: some) }
      for stored in some {
        if requests == nil { requests = try difference(of: stored) }
        if written == nil, stored.state == .done {
          // What was never written is pending, and what is to be written again is, but for its form.
          if stored.recorded != 0 { written = try unwritten(stored) }
          if stored.recorded > 0 { recorded += 1 } else { pending += 1 }
        }
        last = (stored.id, stored.number)
        count += 1
      }
      progress(count)
      if some.count < chunk { break }
    }
    if written == nil, let number = try StateFiles.unknown(path, records: records).first {
      written = .differs(
        what: "there is a delivery record of request \(number), and the register has no such request",
        meaning: "the file was put there by hand, or the register is older than the records")
    }
    return (requests ?? .fits(count), written ?? .fits(recorded, pending: pending))
  }

  // MARK: Register and ledger

  private let changedRegister =
    "somebody changed the register by hand (sqlite3), or its disk failed; compare it with a backup"

  private func difference(of stored: StoredRequest) throws -> Verification.Result? {
    let name = "request \(stored.number)"
    func differs(_ what: String) -> Verification.Result {
      .differs(what: "\(name): \(what)", meaning: changedRegister)
    }
    guard Register.digest(of: stored.bytes) == stored.digest else {
      return differs("its form is not the one with its digest")
    }
    guard let form = try? FormReader.reread(stored.bytes) else { return differs("its form can't be read any more") }
    guard form.number == stored.number else { return differs("its form has the number \(form.number)") }
    guard form.origin == stored.origin else {
      return differs("department, requester or approval in the register are not those of its form")
    }
    let lines = try register.ledger(of: stored.id).compactMap { line in
      LedgerLine(line.text).map { ($0, line.openings) }
    }
    guard let accepted = lines.first(where: { $0.0.event == "accepted" }) else {
      return differs("the ledger doesn't say that it was accepted")
    }
    if let form = accepted.1["form"], form.value != hexadecimal(stored.digest) {
      return differs("its form is not the one that was accepted (line \(accepted.0.sequence))")
    }
    let settled = Dictionary(
      lines.filter { $0.0.event == "settled" }.compactMap { line in line.0.index.map { ($0, line) } }
    ) { $1 }
    for result in stored.changes.values.sorted(by: { $0.index < $1.index }) {
      guard let outcome = result.outcome else { continue }
      let change = "change \(result.index)"
      guard let (line, openings) = settled[result.index] else {
        return differs("\(change) is \(outcome.rawValue) in the register, and the ledger doesn't say so")
      }
      guard line.fields["outcome"] == outcome.rawValue, line.fields["operation"] == result.operation,
        line.fields["code"] == result.error.map({ "\($0.code.rawValue)" })
      else {
        return differs(
          "\(change) is \(outcome.rawValue) in the register, and \(line.fields["outcome"] ?? "?") in the ledger "
            + "(line \(line.sequence))")
      }
      if let address = openings["address"], !address.value.utf8.elementsEqual(result.address.utf8) {
        return differs("\(change) is about another account than in the ledger (line \(line.sequence))")
      }
      let told = lines.filter { $0.0.event == "handover" && $0.0.index == result.index }.compactMap {
        $0.0.fields["step"]
      }
      let known = result.handoverEvents.map(\.kind.rawValue)
      // A ledger that was converted tells only what happened since.
      guard known == told || (isConverted(lines) && known.suffix(told.count) == told[...]) else {
        return differs("the story of the hand-over of \(change) is not the ledger's")
      }
    }
    for index in settled.keys.sorted() where stored.changes[index]?.outcome == nil {
      return differs("change \(index) was settled by the ledger, and isn't in the register")
    }
    if let digest = try intentDifference(of: stored, lines) { return differs(digest) }
    guard stored.state == .done else { return nil }
    let last = lines.last { $0.0.event == "settled" }?.0.hash
    return last == stored.ledger ? nil : differs("it names another line of the ledger than its last")
  }

  private func isConverted(_ lines: [(LedgerLine, [String: Commitment])]) -> Bool {
    !lines.contains { $0.0.event == "intended" }
  }

  private func intentDifference(
    of stored: StoredRequest, _ lines: [(LedgerLine, [String: Commitment])]
  ) throws -> String? {
    let digests = try register.intentDigests(of: stored.id)
    for (index, digest) in digests.sorted(by: { $0.key < $1.key }) {
      guard let line = lines.last(where: { $0.0.event == "intended" && $0.0.index == index }) else { continue }
      if let intent = line.1["intent"], intent.value != hexadecimal(digest.intent) {
        return "the operation of change \(index) is not the one that was sent (line \(line.0.sequence))"
      }
      if let before = line.1["before"], before.value != digest.before.map({ hexadecimal($0) }) {
        return "the entry as it was before change \(index) is not the one that was read (line \(line.0.sequence))"
      }
    }
    return nil
  }

  /// The signature of each form that was verified must be over that form's bytes, by the key that was noted. Whether the key
  /// was allowed then is no longer asked: keys expire.
  private func signatureDifference(in requests: [StoredRequest]) -> Verification.Result? {
    let signed = requests.filter { $0.signedKey != nil }
    guard !signed.isEmpty, let keygen = Keygen() else { return nil }
    let results = keygen.run(
      signed.map {
        Keygen.Call(
          ["-Y", "check-novalidate", "-n", KeygenAnswer.namespace, "-s", Keygen.Call.file(0)], input: $0.bytes,
          files: [$0.signature ?? []])
      })
    for (stored, result) in zip(signed, results) {
      guard let key = stored.signedKey, result.end != .exited(0) || !result.output.contains(key) else { continue }
      return .differs(
        what: "request \(stored.number): its signature is not one over its form by the key \(key)",
        meaning: changedRegister)
    }
    return nil
  }

  // MARK: Register and files

  private func unwritten(_ stored: StoredRequest) throws -> Verification.Result? {
    guard let names = RecordNames(number: stored.number) else { return nil }
    // Where the time zone was changed since, the year may be another.
    let received = style.zone.year(at: Timestamp(milliseconds: stored.received))
    let year = [received - 1, received + 1].first { exists($0, names) } ?? received
    let form = "\(records)/forms/\(year)/\(names.form)"
    guard let bytes = try read(form) else { return stored.recorded > 0 ? missing(form) : nil }
    guard bytes == stored.bytes else {
      return .differs(what: "\(form) is not the form that was accepted", meaning: changed)
    }
    if let signature = stored.signature {
      let path = "\(records)/forms/\(year)/\(names.signature)"
      guard let bytes = try read(path) else { return missing(path) }
      guard bytes == signature else {
        return .differs(what: "\(path) is not the signature that came with the form", meaning: changed)
      }
    }
    if stored.recorded < 0 { return nil }
    let path = "\(records)/deliveries/\(year)/\(names.delivery)"
    guard let record = try read(path) else { return missing(path) }
    let expected = try DeliveryRecord(stored, style).json()
    if record == expected { return nil }
    // The form's code is the configuration's where the form names none, and that may have been changed since.
    guard let place = JSONDifference.first(record, expected, besides: "form") else { return nil }
    return .differs(what: "\(path) is not what the register says: \(place) differs", meaning: changed)
  }

  private let changed =
    "the file was changed after it had been written; buzon rebuild writes it again from the register"

  private func missing(_ path: String) -> Verification.Result {
    .differs(
      what: "\(path) is missing", meaning: "the file was removed; buzon rebuild writes it again from the register")
  }

  private func exists(_ year: Int, _ names: RecordNames) -> Bool {
    (try? Directory("\(records)/forms/\(year)").stat(names.form)) != nil
  }

  /// `nil`: it isn't there.
  private func read(_ path: String) throws -> [UInt8]? {
    do {
      return try readFile(path, limit: 1 << 30)
    } catch let error where error.isOfName {
      return nil
    }
  }
}
