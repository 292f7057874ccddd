internal import Accounts
internal import LDAP
internal import Register

extension Mirror {
  /// What was reported, until it is stored.
  struct Refresh {
    var batch: MirrorUpdate
    /// What the agent itself makes for a moment, which is nobody's account.
    let passing: Set<DN>
    let container: DN
    /// Who was mentioned, while others may turn out to have gone: about 32 bytes an account.
    var seen: Set<SyncUUID> = []
    var cookie: [UInt8]?
    /// Accounts that can't be read as what they are.
    var unreadable = 0
    /// Entries that aren't what was asked for.
    var strange = 0
    var ended: SyncPhase?
    var isDone = false

    var isLive: Bool { batch.isLive }

    mutating func take(_ message: SyncMessage) {
      if let cookie = message.cookie { self.cookie = cookie }
      switch message {
      case .entry(.delete, let uuid, _, let cookie):
        batch.items.append(.gone(entryUUID: uuid.description, csn: cookie.flatMap(Register.lastCSN)))
      case .entry(.present, let uuid, _, _): mention(uuid)
      case .entry(_, _, let entry, _) where passing.contains(entry.dn): break
      case .entry(_, let uuid, let entry, _):
        mention(uuid)
        // Below the container, and by the name that it came under.
        let told = entry.text(Schema.entryUUID)
        guard entry.dn.isDescendant(of: container), told == nil || told.flatMap(SyncUUID.init) == uuid else {
          strange += 1
          return
        }
        if let sighting = EntrySnapshot(entry) {
          batch.items.append(.seen(sighting))
        } else {
          // It is there, for the filter lets it pass.
          unreadable += 1
        }
      case .ids(let uuids, areDeleted: true, _):
        batch.items += uuids.map { .gone(entryUUID: $0.description) }
      case .ids(let uuids, areDeleted: false, _): uuids.forEach { mention($0) }
      case .cookie: break
      case .phaseEnded(let phase, let refreshDone, _):
        ended = phase
        isDone = refreshDone
      case .done(_, let refreshDeletes):
        ended = refreshDeletes ? .delete : .present
        isDone = true
      }
    }

    private mutating func mention(_ uuid: SyncUUID) {
      if !isLive { seen.insert(uuid) }
    }
  }
}
