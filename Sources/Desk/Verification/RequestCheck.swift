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
  /// Changes whose requests are read at once.
  private static let chunk = 1_000

  let register: Register
  let style: RecordStyle
  /// Whether the register was ever restored from a backup.
  let isRestored: Bool
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
      let some: [RequestStory]
      do {
        some = try register.stories(after: last.id, changes: chunk)
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
      if requests == nil { requests = signatureDifference(in: some.map(\.request)) }
      if some.isEmpty { break }
      for story in some {
        let stored = story.request
        if requests == nil, let what = StoryCheck(story, isRestored: isRestored).difference() {
          requests = .differs(what: "request \(stored.number): \(what)", meaning: changedRegister)
        }
        if written == nil, stored.state == .done {
          // What was never written is pending, and what is to be written again is, but for its form.
          if stored.recorded > 0 || stored.recorded < 0 && !stored.isForgotten { written = try unwritten(stored) }
          if stored.recorded > 0 { recorded += 1 } else { pending += 1 }
        }
        last = (stored.id, stored.number)
        count += 1
      }
      progress(count)
    }
    let unknown = written == nil ? try StateFiles.unknown(path, records: records) : []
    // What was done since the backup that was restored has its record still.
    let spent = try register.spent(unknown)
    if let number = unknown.first(where: { !spent.contains($0) }) {
      written = .differs(
        what: "there is a delivery record of request \(number), and the register has no such request",
        meaning: "the file was put there by hand, or the register is older than the records")
    }
    return (requests ?? .fits(count), written ?? .fits(recorded, pending: pending))
  }

  // MARK: Register and ledger

  private let changedRegister =
    "somebody changed the register by hand (sqlite3), or its disk failed; compare it with a backup"

  /// The signature of each form that was verified must be over that form's bytes, by the key that was noted. Whether the key
  /// was allowed then is no longer asked: keys expire.
  private func signatureDifference(in requests: [StoredRequest]) -> Verification.Result? {
    // Of a form that was forgotten in part or whole it is removed (``StoryCheck`` asks whether the ledger says so).
    let signed = requests.filter { $0.signedKey != nil && !($0.signature == nil && $0.isForgotten) }
    guard !signed.isEmpty, let keygen = Keygen() else { return nil }
    let results = keygen.run(signed.map { .integrity(of: $0.signature ?? [], over: $0.bytes) })
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

extension StoredRequest {
  /// Whether its form says of a change that it was forgotten.
  fileprivate var isForgotten: Bool {
    guard let form = try? FormReader.reread(bytes) else { return false }
    return form.changes.contains { if case .forgotten = $0 { true } else { false } }
  }
}
