import Accounts
import LDAP

/// A mirror in memory, which does what a judgement says: what `Register` does in SQL.
struct MirrorModel: MirrorMemory {
  var accounts: [String: KnownAccount] = [:]
  var tombstones: [String: String] = [:]
  var vanished: [String: ManagedImage] = [:]
  var drifts: [String: [String]] = [:]
  /// What is told of the stamps.
  var origins: [String: StampOrigin] = [:]
  var deleting: Set<String> = []
  var handedOver: Set<String> = []
  var retired: [String: RetiredAddress] = [:]
  var takenBack: Set<String> = []
  var news: [MirrorNews] = []

  func account(_ entryUUID: String) -> KnownAccount? { accounts[entryUUID] }
  func holders(of address: String) -> [String] {
    accounts.values.filter { $0.address == address }.map(\.entryUUID).sorted()
  }
  func tombstone(_ entryUUID: String) -> String? { tombstones[entryUUID] }
  func vanished(_ entryUUID: String) -> ManagedImage? { vanished[entryUUID] }
  func drift(_ entryUUID: String) -> [String] { drifts[entryUUID] ?? [] }
  func origin(of stamp: String?, on entryUUID: String) -> StampOrigin { stamp.flatMap { origins[$0] } ?? .unknown }
  func wasHandedOver(_ entryUUID: String) -> Bool { handedOver.contains(entryUUID) }
  func isBeingDeleted(_ entryUUID: String) -> Bool { deleting.contains(entryUUID) }
  func isTakenBack(_ stamp: String?) -> Bool { stamp.map(takenBack.contains) ?? false }

  mutating func apply(_ effects: [MirrorEffect], to uuid: String) {
    for effect in effects {
      switch effect {
      case .write(let snapshot, let expected, _, _):
        let (account, image) = (snapshot.account, snapshot.image.encoded)
        accounts[uuid] = KnownAccount(
          entryUUID: uuid, csn: account.entryCSN, dn: account.dn,
          addresses: [account.address] + account.aliases, image: image,
          expected: expected == image ? nil : expected, mustChange: snapshot.mustChange,
          passwordChanged: snapshot.passwordChanged, openHandover: accounts[uuid]?.openHandover,
          lockedSince: account.lockedSince)
      case .expect(let expected):
        let isAsSeen = expected == accounts[uuid]?.image
        accounts[uuid]?.expected = isAsSeen ? nil : expected
      case .remove(let uuid, let csn):
        accounts[uuid] = nil
        drifts[uuid] = nil
        if let csn { tombstones[uuid] = max(csn, tombstones[uuid] ?? "") }
      case .retire(let addresses, let holder, let until):
        for address in addresses { retired[address] = RetiredAddress(until: until, holder: holder) }
      case .noteDrift(let attribute, _, _, _, let gone):
        if !drifts[uuid, default: []].contains(attribute) { drifts[uuid, default: []].append(attribute) }
        vanished[uuid] = gone.flatMap(ManagedImage.init(encoded:)) ?? vanished[uuid]
      case .endDrift(let attribute):
        drifts[uuid]?.removeAll { $0 == attribute }
        if drifts[uuid]?.isEmpty == true { drifts[uuid] = nil }
        if attribute == ManagedImage.wholeEntry { vanished[uuid] = nil }
      case .forgetVanished: break
      case .openHandover: accounts[uuid]?.openHandover = "granted"
      case .endHandover: accounts[uuid]?.openHandover = nil
      case .detach, .attach, .releaseHandover, .postpone, .showHandover, .endClock, .retryClock: break
      case .report(let one): news.append(one)
      }
    }
  }
}
