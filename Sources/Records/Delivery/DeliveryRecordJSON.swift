public import Accounts
internal import LDAP
public import Register
public import Text

extension DeliveryRecord {
  /// The version of the record's shape. It grows when a key goes or changes its meaning, not when one is added.
  public static let version = 2

  /// The record as one JSON object and a line end.
  public func json() -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(640 + 256 * changes.count)
    append(to: &bytes)
    bytes.append(UInt8(ascii: "\n"))
    return bytes
  }

  /// Appends the record as one JSON object. Keys of the form's head that it may leave out, ``state``, ``history`` and a
  /// change's `orphans` and `reused` are left out where there is nothing to say; all others are always there, `null` where
  /// nothing is known yet.
  public func append(to bytes: inout [UInt8]) {
    var json = JSONWriter(borrowing: &bytes)
    json.object { append(to: &$0) }
    json.give(back: &bytes)
  }

  private func append(to json: inout JSONWriter) {
    json.field("version", Self.version)
    json.field("form", form)
    json.field("number", number)
    json.optional("state", state?.rawValue)
    json.field("outcome", outcome?.rawValue)
    json.field("department", department)
    json.field("requester") { json in
      json.field("name", requester.name)
      json.optional("address", requester.address)
    }
    json.field("approval") { json in
      json.field("by", approval.by)
      json.field("date", approval.date)
      json.optional("reference", approval.reference)
      json.field("signature", approval.signature.rawValue)
      json.optional("key", approval.key)
    }
    json.field("submitted", object: submitted) { json, submission in
      json.field("by", submission.by)
      json.field("uid", submission.uid)
      json.field("file", submission.file)
    }
    json.field("received", received)
    json.field("completed", completed)
    json.field("digest", digestText(digest))
    json.optional("plan", plan.map { digestText($0) })
    json.field("ledger", ledger)
    json.field("changes", objects: changes.enumerated()) { json, change in
      change.element.append(to: &json, index: change.offset)
    }
    if let history { json.field("history", objects: history) { $1.append(to: &$0) } }
  }
}

extension DeliveryRecord.Event {
  fileprivate func append(to json: inout JSONWriter) {
    json.field("at", at)
    json.field("event", event)
    json.optional("by", by)
    if let change { json.field("change", change) }
    json.optional("detail", detail)
  }
}

extension ChangeResult {
  fileprivate func append(to json: inout JSONWriter, index: Int) {
    json.field("index", index)
    json.field("operation", operation)
    json.field("address", address)
    json.field("name", name)
    json.field("dn", dn)
    json.field("entryUUID", entryUUID)
    json.field("outcome", outcome?.rawValue)
    json.field("reason", reason)
    json.field("values", objects: values) { json, value in value.append(to: &json) }
    json.field("handover", handover.rawValue)
    json.field("handoverEvents", objects: handoverEvents) { json, event in event.append(to: &json) }
    json.field("error", object: error) { json, error in error.append(to: &json) }
    if !orphans.isEmpty { json.field("orphans", orphans) }
    if !reused.isEmpty { json.field("reused", reused) }
  }
}

extension ChangedValue {
  /// Appends its fields.
  public func append(to json: inout JSONWriter) {
    json.field("key", key)
    json.field("before", before)
    json.field("after", after)
  }
}

extension HandoverEvent {
  /// Appends its fields.
  public func append(to json: inout JSONWriter) {
    json.field("at", Timestamp(milliseconds: at))
    json.field("event", kind.rawValue)
    json.optional("by", by)
    json.optional("recordedBy", recordedBy)
  }
}

extension ChangeError {
  /// Appends its fields.
  func append(to json: inout JSONWriter) {
    json.field("code", Int(code.rawValue))
    json.field("name", code.name)
    json.field("diagnostic", diagnostic)
    json.field("remedy", remedy)
  }
}

/// A SHA-256 digest as records and logs spell it: `sha256:` and lower-case hexadecimal.
public func digestText(_ digest: some Sequence<UInt8>) -> String { "sha256:" + hexadecimal(digest) }
