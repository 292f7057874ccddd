import LDAP
import Testing

/// A consumer as RFC 4533 describes one: what it holds, by UUID.
struct SyncMirror: Equatable {
  var entries: [SyncUUID: Entry] = [:]
  var cookie: [UInt8]?
  /// How often each kind of message came.
  var counts: [String: Int] = [:]
  private var mentioned: Set<SyncUUID> = []

  /// Whether two mirrors hold the same entries, whatever the order of attributes and values.
  static func == (a: SyncMirror, b: SyncMirror) -> Bool {
    a.entries.mapValues(content) == b.entries.mapValues(content)
  }

  static func content(_ entry: Entry) -> Set<String> {
    var lines: Set<String> = ["dn: \(entry.dn)"]
    for attribute in entry.attributes {
      for value in attribute.values { lines.insert("\(attribute.name): \(value.bytes)") }
    }
    return lines
  }

  /// What the directory holds now.
  init(_ found: [Entry]) throws {
    for entry in found {
      let uuid = try #require(entry.text("entryUUID").flatMap { SyncUUID($0) })
      entries[uuid] = entry
    }
  }

  init() {}

  /// Forgets the cookie of the last synchronization and what was mentioned in it: before each new one.
  mutating func begin() {
    counts = [:]
    mentioned = []
  }

  /// Takes a message in; true when the refresh stage ends with it.
  mutating func take(_ message: SyncMessage) -> Bool {
    if let cookie = message.cookie { self.cookie = cookie }
    switch message {
    case .entry(let state, let uuid, let entry, _):
      counts["\(state)", default: 0] += 1
      mentioned.insert(uuid)
      switch state {
      case .present: break
      case .add, .modify: entries[uuid] = entry
      case .delete: entries[uuid] = nil
      }
    case .ids(let uuids, let areDeleted, _):
      counts[areDeleted ? "deleted id" : "present id", default: 0] += uuids.count
      for uuid in uuids {
        if areDeleted { entries[uuid] = nil } else { mentioned.insert(uuid) }
      }
    case .cookie: counts["cookie", default: 0] += 1
    case .phaseEnded(let phase, let refreshDone, _):
      counts["end of \(phase)", default: 0] += 1
      if phase == .present { forgetUnmentioned() }
      return refreshDone
    case .done(_, let refreshDeletes):
      counts[refreshDeletes ? "done, deletes" : "done, presents", default: 0] += 1
      if !refreshDeletes { forgetUnmentioned() }
      return true
    }
    return false
  }

  private mutating func forgetUnmentioned() {
    entries = entries.filter { mentioned.contains($0.key) }
  }
}
