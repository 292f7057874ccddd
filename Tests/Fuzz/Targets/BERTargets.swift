@testable import LDAP

/// What a directory, or who stands in its place, may send in controls (RFC 4533, RFC 4527, ppolicy): it is taken whole
/// or not at all.
enum BERTargets {
  /// A certificate, whose author may be anybody: what is said of it is one line of a bounded length.
  @Sendable static func certificate(_ input: [UInt8]) throws {
    if let first = Certificate(pem: input) { try judge(first) }
    if let certificate = Certificate(input) { try judge(certificate) }
  }

  private static func judge(_ certificate: Certificate) throws {
    let failure = TLSFailure(server: "ldaps://a", host: "a", authorities: "/x", reason: .handshake("x"))
    for isBelieved in [true, false] {
      let words = "\(LDAPError.tls(failure.explained(by: certificate, isBelieved: isBelieved, now: "20261130000000Z")))"
      try promise(words.isOneLine, "no line: \(words.debugDescription)")
      try promise(words.unicodeScalars.count < 12_000, "\(words.unicodeScalars.count) characters")
    }
  }

  @Sendable static func sync(_ input: [UInt8]) throws {
    if let value = SyncStateValue(ber: input) {
      var writer = BERWriter()
      if let cookie = value.cookie { writer.octets(cookie) }
      writer.octets(value.uuid.bytes)
      writer.integer(value.state.rawValue, tag: 0x0A)
      writer.close(0x30, since: 0)
      try promise(SyncStateValue(ber: writer.bytes) == value, "\(value) is another one when it is written")
      try isWhole(input) { SyncStateValue(ber: $0) != nil }
    }
    if let value = SyncDoneValue(ber: input) {
      var writer = BERWriter()
      if value.refreshDeletes { writer.boolean(true) }
      if let cookie = value.cookie { writer.octets(cookie) }
      writer.close(0x30, since: 0)
      try promise(SyncDoneValue(ber: writer.bytes) == value, "\(value) is another one when it is written")
      try isWhole(input) { SyncDoneValue(ber: $0) != nil }
    }
    let message = SyncMessage(info: input)
    if let message {
      try promise(SyncMessage(info: bytes(of: message)) == message, "\(message) is another one when it is written")
      try isWhole(input) { SyncMessage(info: $0) != nil }
    }
    if SyncMessage.endsRefresh(input) {
      guard case .phaseEnded(_, true, _)? = message else {
        throw Broken(description: "the refresh ends with \(String(describing: message))")
      }
    }
    if let entry = Entry(ber: input) {
      try promise(
        entry.attributes.reduce(0) { $0 + $1.values.reduce(0) { $0 + $1.bytes.count } } <= input.count,
        "an entry of more bytes than came")
      try isWhole(input) { Entry(ber: $0) != nil }
    }
  }

  @Sendable static func passwordPolicy(_ input: [UInt8]) throws {
    guard let response = PasswordPolicyResponse(ber: input) else { return }
    try promise(PasswordPolicyResponse(ber: input.dropLast(max(1, trailing(input)))) == nil, "a part of it was taken")
    if let error = response.error {
      try promise(input.contains(UInt8(error.rawValue)), "\(error) is not in the answer")
    }
  }

  /// Bytes behind the first element, by a reading of our own.
  private static func trailing(_ input: [UInt8]) -> Int {
    guard input.count >= 2 else { return 0 }
    if input[1] < 0x80 { return input.count - 2 - Int(input[1]) + 1 }
    let count = Int(input[1] & 0x7F)
    let length = input.dropFirst(2).prefix(count).reduce(0) { $0 << 8 | Int($1) }
    return input.count - 2 - count - length + 1
  }

  /// No part of it, and nothing behind it, is taken for a whole one.
  private static func isWhole(_ input: [UInt8], _ isTaken: ([UInt8]) -> Bool) throws {
    try promise(!isTaken(input + [0]), "what stands behind it was passed over")
    for count in Set([0, 1, 2, input.count / 2, input.count - 1]) where count < input.count {
      try promise(!isTaken(Array(input.prefix(count))), "\(count) of \(input.count) bytes were taken for all")
    }
  }

  private static func bytes(of message: SyncMessage) -> [UInt8] {
    var writer = BERWriter()
    switch message {
    case .cookie(let cookie): writer.octets(cookie, tag: 0x80)
    case .phaseEnded(let phase, let isDone, let cookie):
      writer.boolean(isDone)
      if let cookie { writer.octets(cookie) }
      writer.close(phase == .delete ? 0xA1 : 0xA2, since: 0)
    case .ids(let ids, let areDeleted, let cookie):
      for id in ids.reversed() { writer.octets(id.bytes) }
      writer.close(0x31, since: 0)
      writer.boolean(areDeleted)
      if let cookie { writer.octets(cookie) }
      writer.close(0xA3, since: 0)
    case .entry, .done: break
    }
    return writer.bytes
  }
}
