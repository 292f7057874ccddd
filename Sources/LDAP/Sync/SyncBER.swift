extension Control {
  /// Asks for content synchronization (RFC 4533 §2.2). Critical: a server that doesn't know it would send plain entries.
  static func syncRequest(_ mode: SyncMode, cookie: [UInt8]?, reloadHint: Bool) -> Control {
    // SEQUENCE { mode ENUMERATED, cookie OCTET STRING OPTIONAL, reloadHint BOOLEAN DEFAULT FALSE }
    var writer = BERWriter()
    if reloadHint { writer.boolean(true) }
    if let cookie { writer.octets(cookie) }
    writer.integer(mode == .refreshOnly ? 1 : 3, tag: 0x0A)
    writer.close(0x30, since: 0)
    return Control(oid: OID.syncRequest, isCritical: true, value: writer.bytes)
  }
}

/// The value of the Sync State Control (RFC 4533 §2.3).
struct SyncStateValue: Equatable {
  var state: SyncState
  var uuid: SyncUUID
  var cookie: [UInt8]?

  init?(ber bytes: [UInt8]) {
    // SEQUENCE { state ENUMERATED, entryUUID OCTET STRING, cookie OCTET STRING OPTIONAL }
    var outer = BERReader(bytes[...])
    guard var sequence = outer.constructed(0x30), outer.isAtEnd,
      let state = sequence.integer(0x0A).flatMap({ SyncState(rawValue: $0) }),
      let uuid = sequence.octets(0x04).flatMap({ SyncUUID(bytes: $0) })
    else { return nil }
    self.state = state
    self.uuid = uuid
    cookie = sequence.octets(0x04).map { Array($0) }
    guard sequence.passOver() else { return nil }
  }
}

/// The value of the Sync Done Control (RFC 4533 §2.4).
struct SyncDoneValue: Equatable {
  var cookie: [UInt8]?
  var refreshDeletes: Bool

  init?(ber bytes: [UInt8]) {
    // SEQUENCE { cookie OCTET STRING OPTIONAL, refreshDeletes BOOLEAN DEFAULT FALSE }
    var outer = BERReader(bytes[...])
    guard var sequence = outer.constructed(0x30), outer.isAtEnd else { return nil }
    cookie = sequence.octets(0x04).map { Array($0) }
    guard let flag = sequence.boolean(orAbsent: false), sequence.passOver() else { return nil }
    refreshDeletes = flag
  }
}

extension SyncMessage {
  /// The value of a Sync Info Message (RFC 4533 §2.5).
  init?(info bytes: [UInt8]) {
    var outer = BERReader(bytes[...])
    switch outer.tag {
    case 0x80:
      guard let cookie = outer.octets(0x80) else { return nil }
      self = .cookie(Array(cookie))
    case 0xA1, 0xA2:
      // SEQUENCE { cookie OCTET STRING OPTIONAL, refreshDone BOOLEAN DEFAULT TRUE }
      let phase: SyncPhase = outer.tag == 0xA1 ? .delete : .present
      guard var sequence = outer.constructed(phase == .delete ? 0xA1 : 0xA2) else { return nil }
      let cookie = sequence.octets(0x04).map { Array($0) }
      guard let isDone = sequence.boolean(orAbsent: true), sequence.passOver() else { return nil }
      self = .phaseEnded(phase, refreshDone: isDone, cookie: cookie)
    case 0xA3:
      // SEQUENCE { cookie OCTET STRING OPTIONAL, refreshDeletes BOOLEAN DEFAULT FALSE, syncUUIDs SET OF OCTET STRING }
      guard var sequence = outer.constructed(0xA3) else { return nil }
      let cookie = sequence.octets(0x04).map { Array($0) }
      guard let areDeleted = sequence.boolean(orAbsent: false), var set = sequence.constructed(0x31) else { return nil }
      var ids: [SyncUUID] = []
      while let bytes = set.octets(0x04) {
        guard let id = SyncUUID(bytes: bytes) else { return nil }
        ids.append(id)
      }
      guard set.isAtEnd, sequence.passOver() else { return nil }
      self = .ids(ids, areDeleted: areDeleted, cookie: cookie)
    default: return nil
    }
    guard outer.isAtEnd else { return nil }
  }

  /// Whether this Sync Info Message ends the refresh stage; a set of ids isn't looked through for that.
  static func endsRefresh(_ bytes: [UInt8]) -> Bool {
    guard bytes.first == 0xA1 || bytes.first == 0xA2, case .phaseEnded(_, true, _)? = SyncMessage(info: bytes) else {
      return false
    }
    return true
  }
}

extension BERReader {
  /// The next element where it is a BOOLEAN, else `absent`; nil for a BOOLEAN that isn't one.
  fileprivate mutating func boolean(orAbsent absent: Bool) -> Bool? {
    guard tag == 0x01 else { return absent }
    guard let bytes = octets(0x01), bytes.count == 1 else { return nil }
    return bytes.first != 0
  }

  /// Passes over what a later version of a SEQUENCE may have added at its end (RFC 4511 §4); false where that isn't BER.
  fileprivate mutating func passOver() -> Bool {
    while let tag { guard octets(tag) != nil else { return false } }
    return true
  }
}
