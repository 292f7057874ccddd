import Glibc
import LDAP
import Testing

/// A server that sends what RFC 4533 forbids, and one whose reader is slow.
@Suite struct SyncHostileTests {
  private static let id: [UInt8] = Array(0x10...0x1F)

  private static func element(_ tag: UInt8, _ parts: [UInt8]...) -> [UInt8] {
    let contents = parts.flatMap { $0 }
    let length: [UInt8] =
      contents.count < 0x80
      ? [UInt8(contents.count)] : [0x83] + [16, 8, 0].map { UInt8(truncatingIfNeeded: contents.count >> $0) }
    return [tag] + length + contents
  }

  private static func text(_ text: String) -> [UInt8] { element(0x04, Array(text.utf8)) }

  /// A message that answers the first request of a connection.
  private static func message(_ answer: [UInt8], _ controls: [UInt8] = []) -> [UInt8] {
    element(0x30, [0x02, 1, 1], answer, controls)
  }

  private static func control(_ oid: String, _ value: [UInt8]?) -> [UInt8] {
    element(0xA0, element(0x30, text(oid), value.map { element(0x04, $0) } ?? []))
  }

  private static func entry(_ controls: [UInt8] = []) -> [UInt8] {
    message(
      element(0x64, text("uid=s1"), element(0x30, element(0x30, text("uid"), element(0x31, text("s1"))))), controls)
  }

  private static func state(_ value: [UInt8]?) -> [UInt8] { control("1.3.6.1.4.1.4203.1.9.1.2", value) }

  private static func done(_ controls: [UInt8] = [], code: [UInt8] = [0x0A, 1, 0]) -> [UInt8] {
    message(element(0x65, code, [0x04, 0, 0x04, 0]), controls)
  }

  private static func doneControl(_ value: [UInt8]?) -> [UInt8] { control("1.3.6.1.4.1.4203.1.9.1.3", value) }

  private static func info(_ value: [UInt8]) -> [UInt8] {
    message(element(0x79, element(0x80, Array("1.3.6.1.4.1.4203.1.9.1.4".utf8)), element(0x81, value)))
  }

  /// What a consumer gets from a server that answers with these bytes, and how it ends.
  private func synchronize(
    with bytes: [UInt8], _ mode: SyncMode
  ) async throws -> (messages: [SyncMessage], error: LDAPError?) {
    let peer = SilentPeer(answer: bytes)
    let connection = try await Connection.open(
      LDAPURL("ldap://127.0.0.1:\(peer.port)"), credentials: .anonymous,
      options: Connection.Options(operation: .seconds(1)))
    var messages: [SyncMessage] = []
    let error = await ldapErrorOrNil { () async throws(LDAPError) in
      for try await message in try await connection.sync(base: Slapd.people, mode: mode) { messages.append(message) }
    }
    return (messages, error)
  }

  @Test func whatIsNoSynchronizationEndsInAClearError() async throws {
    let good = Self.element(0x30, [0x0A, 1, 1], Self.element(0x04, Self.id))
    let short = Self.element(0x30, [0x0A, 1, 1], Self.element(0x04, Array(Self.id.dropLast())))
    let strange = Self.element(0x30, [0x0A, 1, 7], Self.element(0x04, Self.id))
    let nested = (0..<1000).reduce(into: [UInt8]()) { bytes, _ in bytes = Self.element(0x30, bytes) }
    let rows: [(String, [UInt8], SyncMode, String)] = [
      ("an entry without the control", Self.entry(), .refreshOnly, "Sync State Control"),
      ("another control", Self.entry(Self.control("1.2.3", good)), .refreshOnly, "Sync State Control"),
      ("a control without a value", Self.entry(Self.state(nil)), .refreshOnly, "Sync State Control"),
      ("a UUID of 15 bytes", Self.entry(Self.state(short)), .refreshOnly, "Sync State Control"),
      ("a strange state", Self.entry(Self.state(strange)), .refreshOnly, "Sync State Control"),
      ("nested BER", Self.entry(Self.state(nested)), .refreshOnly, "Sync State Control"),
      ("a control that is no control", Self.entry([0xA0, 3, 0x30, 1, 0]), .refreshOnly, ""),
      ("a Sync Info Message of rubbish", Self.info([1, 2, 3]), .refreshAndPersist, "Sync Info Message"),
      ("nested BER in it", Self.info(Self.element(0xA3, nested)), .refreshAndPersist, "Sync Info Message"),
      ("an end without the control", Self.done(), .refreshOnly, "Sync Done Control"),
      ("an end with an empty one", Self.done(Self.doneControl([])), .refreshOnly, "Sync Done Control"),
      ("an end before the refresh is over", Self.done(), .refreshAndPersist, "Sync Done Control"),
      (
        "the same with the control", Self.done(Self.doneControl([0x30, 0])), .refreshAndPersist, "middle of the refresh"
      ),
      ("no LDAP at all", Array("220 mail.example.org ESMTP\r\n".utf8), .refreshOnly, ""),
      ("silence after the first entry", Self.entry(Self.state(good)), .refreshAndPersist, "in time"),
    ]
    for (name, bytes, mode, word) in rows {
      let (messages, error) = try await synchronize(with: bytes, mode)
      guard case .unavailable(let reason)? = error else {
        Issue.record("\(name): \(String(describing: error))")
        continue
      }
      #expect(reason.contains(word), "\(name): \(reason)")
      #expect(messages.count == (word == "in time" ? 1 : 0), "\(name)")
    }
  }

  @Test func whatTheRFCAllowsIsTaken() async throws {
    let good = Self.element(0x30, [0x0A, 1, 1], Self.element(0x04, Self.id))
    let ids = (0..<100_000).reduce(into: [UInt8]()) { bytes, number in
      bytes += [0x04, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
      bytes += [16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
    }
    let rows: [(String, [UInt8], SyncMode, Int, ResultCode?)] = [
      (
        "an entry and the end", Self.entry(Self.state(good)) + Self.done(Self.doneControl([0x30, 0])), .refreshOnly, 2,
        nil
      ),
      (
        "the server has had enough", Self.info([0xA1, 0]) + Self.done(Self.doneControl([0x30, 3, 0x04, 1, 5])),
        .refreshAndPersist, 2, nil
      ),
      ("the same without a word", Self.info([0xA2, 0]) + Self.done(), .refreshAndPersist, 1, nil),
      (
        "100,000 ids in a message",
        Self.info(Self.element(0xA3, Self.element(0x31, ids))) + Self.done(Self.doneControl([0x30, 0])),
        .refreshOnly, 2, nil
      ),
      (
        "another intermediate message and a reference",
        Self.message(Self.element(0x79, Self.element(0x80, Array("1.2.3".utf8))))
          + Self.message(Self.element(0x73, Self.text("ldap://other.example.org/")))
          + Self.done(Self.doneControl([0x30, 0])),
        .refreshOnly, 1, nil
      ),
      ("start again", Self.done(code: [0x0A, 2, 0x10, 0]), .refreshOnly, 0, .syncRefreshRequired),
      (
        "start again, while it persists", Self.info([0xA1, 0]) + Self.done(code: [0x0A, 2, 0x10, 0]),
        .refreshAndPersist, 1,
        .syncRefreshRequired
      ),
    ]
    for (name, bytes, mode, count, code) in rows {
      let (messages, error) = try await synchronize(with: bytes, mode)
      #expect(messages.count == count, "\(name)")
      #expect(error?.code == code, "\(name): \(String(describing: error))")
      if case .ids(let ids, _, _)? = messages.first { #expect(ids.count == 100_000) }
    }
  }

  /// In a process of its own, so that no other test's memory is counted. The deadline is shorter than the reader's pause.
  @Test func aSlowReaderOfAFirstRefreshSlowsTheServerDownAndFillsNoMemory() async throws {
    let slapd = try SyncTests.provider("")
    slapd.stop(SIGTERM)
    var text = ""
    for number in 0..<20_000 {
      text +=
        "dn: uid=s\(number),ou=people,dc=example,dc=org\nobjectClass: inetOrgPerson\nuid: s\(number)\ncn: M\nsn: L\n"
      text += "description: \(String(repeating: "x", count: 1000))\n\n"
    }
    try Command.write(text, to: "\(slapd.folder)/many.ldif")
    try Command.run(
      ["slapadd", "-q", "-n", "1", "-F", "\(slapd.folder)/slapd.d", "-l", "\(slapd.folder)/many.ldif"],
      log: "\(slapd.folder)/slapadd.log")
    try slapd.start()
    let ldapi = slapd.ldapi.description
    await #expect(processExitsWith: .success) {
      [ldapi = ldapi as String] in
      let connection = try await Connection.open(
        LDAPURL(ldapi), credentials: .external,
        options: Connection.Options(operation: .seconds(5), searchBuffer: 100))
      let messages = try await connection.sync(
        base: Slapd.people, filter: SyncTests.filter, mode: .refreshAndPersist)
      let before = residentMemory()
      var (seen, peak, isOver) = (0, before, false)
      while !isOver {
        let batch = try await messages.nextBatch()
        if batch.isEmpty { fail("it ended") }
        if seen == 0 { try await Task.sleep(for: .seconds(7)) }
        for message in batch {
          if case .phaseEnded(_, true, _) = message { isOver = true } else { seen += 1 }
        }
        peak = max(peak, residentMemory())
      }
      let line = "sync of 20,000: resident memory \(before) KiB, at most \(peak) KiB"
      say(line)
      if seen != 20_000 { fail("\(seen) entries") }
      if peak - before > 8_000, memoryCanBeMeasured() { fail("memory grew: \(line)") }
    }
    _ = slapd
  }
}
