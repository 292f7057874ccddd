extension DeliveryRecord {
  /// The version of the record's shape. It grows when a key goes or changes its meaning, not when one is added.
  public static let version = 1

  /// The record as one JSON object and a line end.
  public func json() -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(640 + 256 * changes.count)
    append(to: &bytes)
    bytes.append(UInt8(ascii: "\n"))
    return bytes
  }

  /// Appends the record as one JSON object. Keys that a form may leave out, ``state``, ``history`` and a change's
  /// ``ChangeRecord/orphans`` are left out where there is nothing to say; all others are always there, `null` where
  /// nothing is known yet.
  public func append(to bytes: inout [UInt8]) {
    var json = JSONBytes(borrowing: &bytes)
    json.beginObject()
    json.key("version")
    json.number(Self.version)
    json.key("form")
    json.string(form)
    json.key("number")
    json.string(number)
    if let state {
      json.key("state")
      json.string(state.rawValue)
    }
    json.key("outcome")
    json.string(outcome?.rawValue)
    json.key("department")
    json.string(department)
    json.key("requester")
    requester.append(to: &json)
    json.key("approval")
    approval.append(to: &json)
    json.key("submitted")
    if let submitted { submitted.append(to: &json) } else { json.null() }
    json.key("received")
    json.time(received)
    json.key("completed")
    json.time(completed)
    json.key("digest")
    json.digest(digest)
    json.key("ledger")
    json.string(ledger)
    json.key("changes")
    json.beginArray()
    for (index, change) in changes.enumerated() { change.append(to: &json, index: index) }
    json.endArray()
    if let history {
      json.key("history")
      json.beginArray()
      for event in history { event.append(to: &json) }
      json.endArray()
    }
    json.endObject()
    json.give(back: &bytes)
  }
}

extension DeliveryRecord.Requester {
  fileprivate func append(to json: inout JSONBytes) {
    json.beginObject()
    json.key("name")
    json.string(name)
    json.optional("address", address)
    json.endObject()
  }
}

extension DeliveryRecord.Approval {
  fileprivate func append(to json: inout JSONBytes) {
    json.beginObject()
    json.key("by")
    json.string(by)
    json.key("date")
    json.string(date)
    json.optional("reference", reference)
    json.key("signature")
    json.string(signature.rawValue)
    json.endObject()
  }
}

extension DeliveryRecord.Submission {
  fileprivate func append(to json: inout JSONBytes) {
    json.beginObject()
    json.key("by")
    json.string(by)
    json.key("uid")
    json.number(Int(uid))
    json.key("file")
    json.string(file)
    json.endObject()
  }
}

extension DeliveryRecord.Event {
  fileprivate func append(to json: inout JSONBytes) {
    json.beginObject()
    json.key("at")
    json.time(at)
    json.key("event")
    json.string(event)
    json.optional("by", by)
    if let change {
      json.key("change")
      json.number(change)
    }
    json.optional("detail", detail)
    json.endObject()
  }
}

extension ChangeRecord {
  fileprivate func append(to json: inout JSONBytes, index: Int) {
    json.beginObject()
    json.key("index")
    json.number(index)
    json.key("operation")
    json.string(operation)
    json.key("address")
    json.string(address)
    json.key("dn")
    json.string(dn)
    json.key("entryUUID")
    json.string(entryUUID)
    json.key("outcome")
    json.string(outcome?.rawValue)
    json.key("handover")
    json.string(handover.rawValue)
    json.key("error")
    if let error { error.append(to: &json) } else { json.null() }
    if !orphans.isEmpty {
      json.key("orphans")
      json.strings(orphans)
    }
    json.endObject()
  }
}

extension ChangeRecord.Failure {
  fileprivate func append(to json: inout JSONBytes) {
    json.beginObject()
    json.key("code")
    json.number(code)
    json.key("name")
    json.string(name)
    json.key("diagnostic")
    json.string(diagnostic)
    json.key("remedy")
    json.string(remedy)
    json.endObject()
  }
}

extension JSONBytes {
  /// A key with its string, or neither.
  fileprivate mutating func optional(_ name: StaticString, _ text: String?) {
    guard let text else { return }
    key(name)
    string(text)
  }

  /// `"sha256:…"` in lower-case hexadecimal.
  fileprivate mutating func digest(_ digest: [UInt8]) { string(digestText(digest)) }
}

/// A SHA-256 digest as records and logs spell it: `sha256:` and lower-case hexadecimal.
public func digestText(_ digest: some Sequence<UInt8>) -> String { "sha256:" + hexadecimal(digest) }
