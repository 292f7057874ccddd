internal import Accounts
internal import Installation
internal import LDAP
internal import Providers
internal import Register

/// Proves that the directory hashes passwords, for one connection. The first password is sent alone, and its entry is read
/// back.
///
/// | finding | a batch with passwords |
/// |---|---|
/// | none yet | one password is sent alone, and its entry is read back |
/// | in progress | waits |
/// | hashed | is sent |
/// | clear text | is not sent: the whole queue waits, as for any trouble of the directory |
/// | unknown: the entry could not be read | is not sent; a ``Rehearsal`` finds out |
/// | unreadable: the agent may not read passwords | is sent, with one warning a run |
///
/// A change whose password is stored as clear text is not settled. It stays in doubt, with its intent in the register, and
/// is sent again by this run or the next. Its guard refuses it, its stamp shows that it was applied, and its password is
/// written again. It is settled when the password is stored as a hash.
actor PasswordProof {
  enum Turn: Sendable {
    /// Passwords may be sent.
    case go
    /// One may be sent, and ``end(_:)`` must follow.
    case first
    case stop(Trouble)
  }

  /// What became of the one that went ahead.
  enum Finding: Sendable {
    case hashed
    case clearText(Trouble)
    /// The agent may not read passwords: nothing can be found out.
    case unreadable
    /// It was stored, and reading it back was refused.
    case unknown(Trouble)
    /// It was not stored, or is not there any more: the next one shall tell.
    case nothing
  }

  private var finding: Finding = .nothing
  private var isBeingTried = false
  private var waiters: [CheckedContinuation<Void, Never>] = []

  /// Whether to go on without proof.
  var isUnreadable: Bool { if case .unreadable = finding { true } else { false } }

  func turn() async -> Turn {
    while isBeingTried { await withCheckedContinuation { waiters.append($0) } }
    switch finding {
    case .hashed, .unreadable: return .go
    case .clearText(let trouble), .unknown(let trouble): return .stop(trouble)
    case .nothing:
      isBeingTried = true
      return .first
    }
  }

  func end(_ finding: Finding) {
    self.finding = finding
    isBeingTried = false
    for waiter in waiters { waiter.resume() }
    waiters = []
  }
}

extension Applier {
  /// Sends a batch and judges the answers; while it isn't known how passwords come to rest, one goes ahead alone.
  func sentAndJudged(_ items: [PendingChange], over connection: Connection) async -> [(PendingChange, Ending)] {
    var rest = items
    var judged: [(PendingChange, Ending)] = []
    judged.reserveCapacity(items.count)
    ahead: while let first = rest.firstIndex(where: { $0.stored?.intent.grantsPassword == true }) {
      switch await proof.turn() {
      case .go: break ahead
      case .stop(let trouble):
        return judged + rest.map { ($0, .refused(trouble, .directory)) }
      case .first:
        let item = rest.remove(at: first)
        var finding = PasswordProof.Finding.nothing
        for (item, answer) in await sent([item], over: connection) {
          var (item, ending) = await self.judged(item, answer, over: connection)
          (ending, finding) = await atRest(&item, ending, over: connection)
          judged.append((item, ending))
        }
        await proof.end(finding)
      }
    }
    for (sent, answer) in await sent(rest, over: connection) {
      var (item, ending) = await self.judged(sent, answer, over: connection)
      // What was sent before may have come to rest before passwords were hashed.
      if sent.isInDoubt { ending = await atRest(&item, ending, over: connection).0 }
      judged.append((item, ending))
    }
    return judged
  }

  /// How the password of a change that was applied came to rest. What was sent before and rests as clear text is written
  /// once more. Until that is known it is in doubt again: it was applied.
  private func atRest(_ item: inout PendingChange, _ ending: Ending, over connection: Connection) async
    -> (Ending, PasswordProof.Finding)
  {
    guard case .settled(let settled) = ending, let (result, mirror) = settled.first, result.outcome == .applied,
      let stored = item.stored, let salt = stored.salt
    else { return (ending, .nothing) }
    let wasSentBefore = item.isInDoubt
    item.isInDoubt = true
    let dn = stored.intent.operation.dn
    do throws(LDAPError) {
      guard var entry = try await connection.entry(dn, attributes: RestingPassword.attributes) else {
        return (ending, .nothing)
      }
      let password = password.password(salt: salt)
      var rest = RestingPassword(entry, of: password)
      var hindrance: LDAPError?
      var ending = ending
      if rest == .clearText, wasSentBefore {
        let (operation, controls) = RestingPassword.again(entry, password: try await self.password.sent(salt: salt))
        do throws(LDAPError) {
          try await connection.perform(operation, controls: controls)
        } catch {
          if error.code == nil { throw error }
          hindrance = error
        }
        entry = try await connection.entry(dn, attributes: RestingPassword.attributes) ?? entry
        rest = RestingPassword(entry, of: password)
        // The mirror shall know this writing for ours.
        if let entry = try await connection.entry(dn, attributes: Schema.mirrored), let now = EntrySnapshot(entry),
          case .put(_, let claims, let effect) = mirror
        {
          ending = .settled(result, .put(now, claims: claims, effect: effect))
        }
      }
      switch rest {
      case .hashed: return (ending, .hashed)
      case .unreadable: return (ending, .unreadable)
      case .anothers: return (ending, .nothing)
      case .clearText:
        let trouble = Self.clearText(dn, hindrance)
        return (.unhashed(trouble), .clearText(trouble))
      }
    } catch {
      // It may not be read, or not seen. Whatever else is said will pass, and it is read again.
      let isHidden = [.insufficientAccessRights, .noSuchObject, .inappropriateAuthentication].contains(error.code)
      if isHidden { return (ending, .unreadable) }
      let trouble = Trouble(
        what: "reading back a password: \(error)",
        remedy: "check that the directory runs; the queue continues by itself")
      return error.code == nil
        ? (.lost(trouble), .nothing) : (.refused(trouble, .directory), .unknown(trouble))
    }
  }

  static func clearText(_ dn: DN, _ hindrance: LDAPError? = nil) -> Trouble {
    Trouble(
      what: "the directory stored a password as clear text, on \(dn)"
        + (hindrance.map { ", and refuses it a second time: \($0)" } ?? ""),
      remedy: "set olcPPolicyHashCleartext: TRUE on the overlay ppolicy (buzon init --yes), and an "
        + "olcPasswordHash that is a hash; the agent then writes it again, and the queue continues by itself")
  }
}
