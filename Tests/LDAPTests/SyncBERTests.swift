import Testing

@testable import LDAP

/// The values of RFC 4533 §2, byte by byte; what a hostile server may send is nil, and never a crash.
@Suite struct SyncBERTests {
  static let id: [UInt8] = Array(0x10...0x1F)
  static let uuid = SyncUUID(bytes: id)

  @Test func aUUIDIsWrittenAsEntryUUIDShowsIt() throws {
    let uuid = try #require(Self.uuid)
    #expect(uuid.description == "10111213-1415-1617-1819-1a1b1c1d1e1f")
    #expect(uuid.bytes == Self.id)
    #expect(SyncUUID("10111213-1415-1617-1819-1A1B1C1D1E1F") == uuid)
    for text in [
      "", "10111213141516171819-1a1b1c1d1e1f", "10111213-1415-1617-1819-1a1b1c1d1e1",
      "10111213-1415-1617-1819-1a1b1c1d1e1g",
      "101112131-415-1617-1819-1a1b1c1d1e1f", "+0111213-1415-1617-1819-1a1b1c1d1e1f",
      "10111213-1415-1617-1819-1a1b1c1d1e1ff",
      "10111213-1415-1617-1819-1a1b1c1d1e1\u{e9}",
    ] {
      #expect(SyncUUID(text) == nil, "\(text)")
    }
    for count in [0, 1, 15, 17, 32] { #expect(SyncUUID(bytes: [UInt8](repeating: 0, count: count)) == nil, "\(count)") }
  }

  @Test func theRequestIsEncodedAsTheRFCSays() {
    let rows: [(SyncMode, [UInt8]?, Bool, [UInt8])] = [
      (.refreshOnly, nil, false, [0x30, 3, 0x0A, 1, 1]),
      (.refreshAndPersist, [7, 8], false, [0x30, 7, 0x0A, 1, 3, 0x04, 2, 7, 8]),
      (.refreshOnly, [], true, [0x30, 8, 0x0A, 1, 1, 0x04, 0, 0x01, 1, 0xFF]),
    ]
    for (mode, cookie, reloadHint, bytes) in rows {
      let control = Control.syncRequest(mode, cookie: cookie, reloadHint: reloadHint)
      #expect(control.value == bytes)
      #expect(control.isCritical)
    }
  }

  @Test func theStateControlIsReadOrRefused() {
    let octets: [UInt8] = [0x04, 16] + Self.id
    func sequence(_ contents: [UInt8]) -> [UInt8] { [0x30, UInt8(contents.count)] + contents }
    let good: [(String, [UInt8], SyncState, [UInt8]?)] = [
      ("present", sequence([0x0A, 1, 0] + octets), .present, nil),
      ("add with a cookie", sequence([0x0A, 1, 1] + octets + [0x04, 1, 9]), .add, [9]),
      ("modify with an empty cookie", sequence([0x0A, 1, 2] + octets + [0x04, 0]), .modify, []),
      ("delete in a long length", [0x30, 0x82, 0, 21, 0x0A, 1, 3] + octets, .delete, nil),
      ("an extension behind", sequence([0x0A, 1, 1] + octets + [0x04, 1, 9, 0x85, 2, 1, 1]), .add, [9]),
    ]
    for (name, bytes, state, cookie) in good {
      let value = SyncStateValue(ber: bytes)
      #expect(value?.state == state, "\(name)")
      #expect(value?.uuid == Self.uuid, "\(name)")
      #expect(value?.cookie == cookie, "\(name)")
    }
    let bad: [(String, [UInt8])] = [
      ("nothing", []),
      ("an empty sequence", [0x30, 0]),
      ("no UUID", sequence([0x0A, 1, 1])),
      ("state 4", sequence([0x0A, 1, 4] + octets)),
      ("state -1", sequence([0x0A, 1, 0xFF] + octets)),
      ("an empty state", sequence([0x0A, 0] + octets)),
      ("a state of nine bytes", sequence([0x0A, 9, 0, 0, 0, 0, 0, 0, 0, 0, 1] + octets)),
      ("the state as INTEGER", sequence([0x02, 1, 1] + octets)),
      ("15 bytes of UUID", sequence([0x0A, 1, 1, 0x04, 15] + Self.id.dropLast())),
      ("17 bytes of UUID", sequence([0x0A, 1, 1, 0x04, 17] + Self.id + [0])),
      ("no bytes of UUID", sequence([0x0A, 1, 1, 0x04, 0])),
      ("a cookie that is cut off", sequence([0x0A, 1, 1] + octets + [0x04, 5, 9])),
      ("bytes behind the sequence", sequence([0x0A, 1, 1] + octets) + [0]),
      ("a sequence that is cut off", [0x30, 40, 0x0A, 1, 1] + octets),
      ("a length of 2^32-1", [0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF, 0x0A, 1, 1] + octets),
      ("a length of nine bytes", [0x30, 0x89, 1, 0, 0, 0, 0, 0, 0, 0, 0]),
      ("an indefinite length", [0x30, 0x80, 0x0A, 1, 1] + octets + [0, 0]),
    ]
    for (name, bytes) in bad { #expect(SyncStateValue(ber: bytes) == nil, "\(name)") }
  }

  @Test func theDoneControlIsReadOrRefused() {
    let good: [(String, [UInt8], [UInt8]?, Bool)] = [
      ("empty", [0x30, 0], nil, false),
      ("a cookie", [0x30, 3, 0x04, 1, 5], [5], false),
      ("deletes", [0x30, 3, 0x01, 1, 0xFF], nil, true),
      ("both", [0x30, 6, 0x04, 1, 5, 0x01, 1, 1], [5], true),
      ("FALSE said", [0x30, 3, 0x01, 1, 0], nil, false),
    ]
    for (name, bytes, cookie, refreshDeletes) in good {
      let value = SyncDoneValue(ber: bytes)
      #expect(value?.cookie == cookie && value?.refreshDeletes == refreshDeletes, "\(name)")
    }
    let bad: [(String, [UInt8])] = [
      ("nothing", []), ("not a sequence", [0x31, 0]), ("a BOOLEAN of two bytes", [0x30, 4, 0x01, 2, 0, 0]),
      ("a BOOLEAN of none", [0x30, 2, 0x01, 0]), ("cut off", [0x30, 2, 0x04, 9]), ("more behind", [0x30, 0, 0x30, 0]),
    ]
    for (name, bytes) in bad { #expect(SyncDoneValue(ber: bytes) == nil, "\(name)") }
  }

  @Test func theInfoMessageIsReadOrRefused() throws {
    let uuid = try #require(Self.uuid)
    let octets: [UInt8] = [0x04, 16] + Self.id
    let good: [(String, [UInt8], SyncMessage)] = [
      ("new cookie", [0x80, 2, 1, 2], .cookie([1, 2])),
      ("the delete phase is over", [0xA1, 0], .phaseEnded(.delete, refreshDone: true, cookie: nil)),
      (
        "the present phase, with a cookie", [0xA2, 3, 0x04, 1, 7], .phaseEnded(.present, refreshDone: true, cookie: [7])
      ),
      ("another follows", [0xA2, 3, 0x01, 1, 0], .phaseEnded(.present, refreshDone: false, cookie: nil)),
      ("an empty set", [0xA3, 2, 0x31, 0], .ids([], areDeleted: false, cookie: nil)),
      ("present ids", [0xA3, 38, 0x31, 36] + octets + octets, .ids([uuid, uuid], areDeleted: false, cookie: nil)),
      (
        "deleted ids and a cookie", [0xA3, 26, 0x04, 1, 3, 0x01, 1, 0xFF, 0x31, 18] + octets,
        .ids([uuid], areDeleted: true, cookie: [3])
      ),
    ]
    for (name, bytes, message) in good {
      #expect(SyncMessage(info: bytes) == message, "\(name)")
      if case .phaseEnded(_, let refreshDone, _) = message {
        #expect(SyncMessage.endsRefresh(bytes) == refreshDone, "\(name)")
      } else {
        #expect(!SyncMessage.endsRefresh(bytes), "\(name)")
      }
    }
    let bad: [(String, [UInt8])] = [
      ("nothing", []), ("an unknown choice", [0xA4, 0]), ("a cookie that is cut off", [0x80, 5, 1]),
      ("a bad BOOLEAN", [0xA1, 2, 0x01, 0]), ("no set", [0xA3, 0]), ("more behind", [0xA1, 0, 0]),
      ("a UUID of 15 bytes in the set", [0xA3, 19, 0x31, 17, 0x04, 15] + Self.id.dropLast()),
      ("a set in the set", [0xA3, 4, 0x31, 2, 0x31, 0]), ("a set that is cut off", [0xA3, 2, 0x31, 18]),
      ("a set longer than what holds it", [0xA3, 2, 0x31, 18] + octets),
    ]
    for (name, bytes) in bad {
      #expect(SyncMessage(info: bytes) == nil, "\(name)")
      #expect(!SyncMessage.endsRefresh(bytes), "\(name)")
    }
  }

  /// Every prefix of a good value, and the value with any one byte changed, is read or refused.
  @Test func damagedBytesNeverCrash() {
    let octets: [UInt8] = [0x04, 16] + Self.id
    let info: [UInt8] = [0xA3, 44, 0x04, 1, 3, 0x01, 1, 0xFF, 0x31, 36] + octets + octets
    let state: [UInt8] = [0x30, 24, 0x0A, 1, 1] + octets + [0x04, 1, 9]
    #expect(SyncMessage(info: info) != nil)
    #expect(SyncStateValue(ber: state) != nil)
    var refused = 0
    func read(_ bytes: [UInt8]) {
      if SyncMessage(info: bytes) == nil { refused += 1 }
      if SyncStateValue(ber: bytes) == nil { refused += 1 }
      if SyncDoneValue(ber: bytes) == nil { refused += 1 }
    }
    for value in [info, state] {
      for count in 0..<value.count { read(Array(value[..<count])) }
      for index in value.indices {
        for byte in UInt8.min...UInt8.max {
          var damaged = value
          damaged[index] = byte
          read(damaged)
        }
      }
    }
    // 10,000 sequences one in the other, with lengths that are right, where one is expected: read no deeper than a value goes.
    var deep: [UInt8] = []
    for depth in 1...10_000 {
      let length = (10_000 - depth) * 6
      deep += [0x30, 0x84, 0, UInt8(length >> 16), UInt8(length >> 8 & 0xFF), UInt8(length & 0xFF)]
    }
    read(deep)
    read([0xA3] + deep.dropFirst())
    #expect(refused > 10_000)
  }
}
