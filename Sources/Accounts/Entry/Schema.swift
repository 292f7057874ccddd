internal import LDAP

/// The attributes that an account's entry is made of, quoted from `schema/buzon.schema` and RFC 2798.
///
///     buzonAccount AUXILIARY
///       MUST ( mail $ mailLocalAddress $ buzonKind $ buzonStatus )
///       MAY  ( buzonQuota $ buzonForward $ buzonKeepCopy $ buzonOwner $ buzonList $ buzonMember
///            $ buzonExpires $ buzonRetainedSince $ buzonRequest )
///
/// | the form says | the entry holds |
/// |---|---|
/// | `address` | `mail` (one), and among `mailLocalAddress` |
/// | `aliases` | the other values of `mailLocalAddress` |
/// | `name` | `givenName`, `sn`, `cn`, `displayName` (functional, list: `sn`, `cn`, `displayName`) |
/// | `document` | `employeeNumber`, readable by the agent alone |
/// | `position`, `department`, `phone` | `title`, `ou`, `telephoneNumber` |
/// | `owner`, `lists`, `members` | `buzonOwner`, `buzonList`, `buzonMember` |
/// | `forward`, `keep_copy` | `buzonForward`, `buzonKeepCopy` |
/// | `quota`, `expires` | `buzonQuota` (bytes), `buzonExpires` (the end of that day, UTC) |
/// | `status` | `buzonStatus`, with `pwdAccountLockedTime` where it isn't `active` |
public enum Schema {
  static let objectClass = "objectClass"
  static let uid = "uid"
  static let commonName = "cn"
  static let surname = "sn"
  static let givenName = "givenName"
  static let displayName = "displayName"
  /// What a person is called.
  public static let namesOfPersons: Set<String> = [commonName, surname, givenName, displayName]
  public static let mail = "mail"
  public static let localAddress = "mailLocalAddress"
  public static let document = "employeeNumber"
  static let position = "title"
  static let department = "ou"
  static let phone = "telephoneNumber"
  static let kind = "buzonKind"
  static let status = "buzonStatus"
  static let quota = "buzonQuota"
  static let forward = "buzonForward"
  static let keepCopy = "buzonKeepCopy"
  static let owner = "buzonOwner"
  static let list = "buzonList"
  static let member = "buzonMember"
  static let expires = "buzonExpires"
  static let retainedSince = "buzonRetainedSince"
  public static let stamp = "buzonRequest"
  static let password = "userPassword"
  static let passwordReset = "pwdReset"
  static let passwordEnd = "pwdEndTime"
  static let lockedTime = "pwdAccountLockedTime"
  public static let entryUUID = "entryUUID"
  public static let entryCSN = "entryCSN"
  /// Of the suffix: how far the server has heard each server that writes (slapo-syncprov(5)).
  public static let contextCSN = "contextCSN"
  static let entryDN = "entryDN"
  static let createTimestamp = "createTimestamp"
  static let modifyTimestamp = "modifyTimestamp"
  static let modifiersName = "modifiersName"
  static let creatorsName = "creatorsName"
  static let passwordChanged = "pwdChangedTime"
  static let passwordFailure = "pwdFailureTime"

  static let accountClass: Value = "buzonAccount"
  static let personClass: Value = "inetOrgPerson"
  static let classes: [Value] = [personClass, "inetLocalMailRecipient", accountClass]

  /// Blocks binds until it is removed (slapo-ppolicy(5): the account can be unlocked by an administrator only).
  static let lockedForGood: Value = "000001010000Z"

  /// What a form can change, in the order in which a modification names it.
  static let managed = [
    uid, commonName, surname, givenName, displayName, mail, localAddress, document, position, department, phone, kind,
    status, quota, forward, keepCopy, owner, list, member, expires, retainedSince,
  ]

  /// What an edit may write besides the lock and the stamp, in the order in which a modification names it.
  static let modifiable = [objectClass] + managed + [password, passwordReset, passwordEnd]

  /// What a plan reads of an entry: all that a form can change, and what guards the change. Passwords are never read.
  public static let read =
    managed + [
      objectClass, stamp, passwordReset, passwordEnd, lockedTime, entryUUID, entryCSN, createTimestamp, modifyTimestamp,
    ]

  /// What the directory itself writes into an entry that is added.
  static let ownToDirectory = [entryUUID, entryCSN, createTimestamp, modifyTimestamp, passwordChanged]

  /// What the answer to an operation brings back for the mirror. The identity number is there for the ``ManagedImage``
  /// alone.
  public static let mirrored = read + [passwordChanged]

  /// What the directory reports of an account while it is listened to (RFC 4533).
  public static let synced = mirrored + [modifiersName, creatorsName, passwordFailure]
}
