internal import Crypto
internal import Forms
internal import Records
internal import Register
internal import Text

/// What the clock asks for: accounts whose last day is over are suspended, retained ones are purged after the retention,
/// temporary passwords that nobody used are scrambled, and the end of those that were changed is cleared.
///
/// It is a form like any other, under a number that no form from outside can have, and goes the same way: accepted,
/// carried out, recorded. Its changes apply only while they are due (``Plan``).
struct ClockRequest {
  let request: Request
  let form: ReceivedForm
  /// Accounts whose address no form could name.
  let stuck: [DueAccount]

  /// - Parameter now: milliseconds since 1970 UTC.
  init(_ due: [DueAccount], now: Int64, today: Day) {
    var changes: [Change] = []
    var accounts: [DueAccount] = []
    var stuck: [DueAccount] = []
    var followers: Set<String> = []
    for account in due {
      guard let address = Address(account.address) else {
        stuck.append(account)
        continue
      }
      if case .reference(let from, _) = account.reason, Address(from) == nil {
        stuck.append(account)
        continue
      }
      accounts.append(account)
      switch account.reason {
      case .expired:
        var fields = Change.Fields()
        fields.status = .suspended
        changes.append(.modify(.init(address: address, fields: fields)))
      case .retainedLongEnough:
        changes.append(.delete(.init(address: address, reason: "policy.retention", immediately: true)))
      case .passwordUnused: changes.append(.modify(.init(address: address, reset: .expired)))
      case .passwordChanged: changes.append(.modify(.init(address: address, reset: .settled)))
      case .reference(let from, let becomes):
        // One change corrects all that an account names.
        guard let from = Address(from), followers.insert(account.entryUUID).inserted else { continue }
        let follow = Change.Follow(from: from, to: becomes.flatMap(Address.init))
        changes.append(.modify(.init(address: address, follow: follow)))
      }
    }
    self.stuck = stuck
    let number =
      "@" + Timestamp(milliseconds: now).rfc3339.filter { $0 != "-" && $0 != ":" }
      + ".\(String(1_000 + now % 1_000).dropFirst())"
    request = Request(
      number: number, department: "Buzón", requester: .init(name: "Buzón"), approval: .init(by: "policy", date: today),
      changes: changes)
    let bytes = FormWriter.write(request)
    var form = ReceivedForm(
      request, bytes: bytes, digest: Array(SHA256.hash(data: bytes)), file: "-", received: now)
    form.clock = accounts
    self.form = form
  }
}
