/// A result code, and what the agent must make of it for each kind of operation.
///
/// | fate | who has to do something | what the agent does |
/// |---|---|---|
/// | `fails` | who submitted: the directory says no to this one entry | the change fails with the code; the next one is done |
/// | `waits` | the sysadmin, or time: it is no fault of the change | the queue waits and says why; nothing fails |
/// | `guarded` | nobody yet: it is what a guard of the agent's own answers | reads the stamp, plans again a few times, then it fails |
struct Code: Sendable {
  enum Fate: Sendable { case fails, waits, guarded }

  var number: Int
  var name: String
  var add: Fate
  var modify: Fate
  var delete: Fate

  init(_ number: Int, _ name: String, _ fate: Fate) { self.init(number, name, add: fate, others: fate) }

  init(_ number: Int, _ name: String, add: Fate, others: Fate) {
    (self.number, self.name, self.add, modify, delete) = (number, name, add, others, others)
  }

  /// As the agent tells it: `53 unwillingToPerform`, `code 70`.
  var told: String { name.isEmpty ? "code \(number)" : "\(number) \(name)" }

  func fate(_ kind: Proxy.Kind) -> Fate { kind == .add ? add : kind == .modify ? modify : delete }

  /// Every code of RFC 4511 §4.1.9 and of its neighbours that can stand in an answer, with what no standard knows.
  static let all: [Code] = [
    // The directory, or our standing there.
    Code(1, "operationsError", .waits), Code(2, "protocolError", .waits), Code(3, "timeLimitExceeded", .waits),
    Code(4, "sizeLimitExceeded", .waits), Code(7, "authMethodNotSupported", .waits),
    Code(8, "strongerAuthRequired", .waits), Code(10, "referral", .waits), Code(11, "adminLimitExceeded", .waits),
    Code(12, "unavailableCriticalExtension", .waits), Code(13, "confidentialityRequired", .waits),
    // It believes that our bind isn't over yet.
    Code(14, "saslBindInProgress", .waits), Code(17, "undefinedAttributeType", .waits),
    Code(48, "inappropriateAuthentication", .waits), Code(49, "invalidCredentials", .waits),
    Code(50, "insufficientAccessRights", .waits), Code(51, "busy", .waits), Code(52, "unavailable", .waits),
    Code(53, "unwillingToPerform", .waits), Code(54, "loopDetect", .waits), Code(80, "other", .waits),
    // slapd adds nothing below an alias: so the container is one.
    Code(33, "aliasProblem", add: .waits, others: .fails),
    // Never an answer, but for one that a proxy hands on: its own library's word that it can't reach its server.
    Code(81, "", .waits), Code(82, "", .waits), Code(85, "", .waits), Code(90, "", .waits), Code(91, "", .waits),
    // Not carried out (RFC 3909); a proxy that may not speak for us (RFC 4370).
    Code(118, "canceled", .waits), Code(123, "authorizationDenied", .waits),
    // What guards answer.
    Code(16, "noSuchAttribute", .guarded), Code(19, "constraintViolation", .guarded),
    Code(20, "attributeOrValueExists", .guarded), Code(32, "noSuchObject", add: .waits, others: .guarded),
    Code(68, "entryAlreadyExists", .guarded),
    // Of an entry that is as it was read: the agent may not see what it asserts.
    Code(122, "assertionFailed", add: .guarded, others: .waits),
    // The entry.
    Code(18, "inappropriateMatching", .fails), Code(21, "invalidAttributeSyntax", .fails),
    Code(34, "invalidDNSyntax", .fails), Code(36, "aliasDereferencingProblem", .fails),
    Code(64, "namingViolation", .fails), Code(65, "objectClassViolation", .fails),
    Code(66, "notAllowedOnNonLeaf", .fails), Code(67, "notAllowedOnRDN", .fails),
    Code(69, "objectClassModsProhibited", .fails), Code(71, "affectsMultipleDSAs", .fails),
    // No answer to an operation of ours: it can only be told.
    Code(5, "compareFalse", .fails), Code(6, "compareTrue", .fails), Code(9, "", .fails), Code(15, "", .fails),
    Code(22, "", .fails), Code(31, "", .fails), Code(35, "", .fails), Code(70, "", .fails), Code(72, "", .fails),
    Code(73, "", .fails), Code(74, "", .fails), Code(75, "", .fails), Code(76, "", .fails), Code(77, "", .fails),
    Code(78, "", .fails), Code(79, "", .fails), Code(100, "", .fails), Code(113, "", .fails), Code(114, "", .fails),
    Code(119, "noSuchOperation", .fails), Code(120, "tooLate", .fails), Code(121, "cannotCancel", .fails),
    Code(255, "", .fails), Code(4096, "syncRefreshRequired", .fails), Code(16_654, "noOperation", .fails),
    Code(65_535, "", .fails), Code(2_147_483_647, "", .fails),
  ]

  /// Some of the codes with a fate, drawn by the seed, or all.
  static func drawn(_ share: Int, _ salt: UInt64 = 0, where isWanted: (Code) -> Bool = { _ in true }) -> [Code] {
    DirectoryFaultTests.drawn(all.filter(isWanted), share, salt)
  }
}
