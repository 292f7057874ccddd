public import Forms

extension Configuration {
  /// What accounts get and what requests may ask.
  public struct Policy: Sendable, Hashable {
    /// Of an account whose form states none.
    public var quota: ByteCount
    /// How long a deleted account is kept before it is purged; whole days.
    public var retention: Duration
    /// How long a retired address isn't given to anybody else; whole days.
    public var addressMemory: Duration
    /// How long what is known of an account is kept after its entry has gone; whole days.
    public var archive: Duration
    /// How far the host's time may be ahead of the newest time known before what the clock does by itself is held.
    public var clockJump: Duration
    /// What a local part may be made of.
    public var localPart: LocalPart
    /// Temporary passwords.
    public var password: Password
    /// Deletes; `nil`: any number.
    public var deletes: Allowance?
    /// Suspensions; `nil`: any number.
    public var suspensions: Allowance?
    /// Resets of passwords; `nil`: any number.
    public var resets: Allowance?
  }

  /// Temporary passwords.
  public struct Password: Sendable, Hashable {
    /// Characters, 16 to 64; each is worth 5 bits.
    public var length: Int
    /// How long an unused one is good.
    public var life: Duration
    /// Who hashes them.
    public var hash: PasswordHash
  }

  /// Who hashes a temporary password.
  public enum PasswordHash: String, Sendable, Hashable, CaseIterable {
    /// The directory: it is sent as clear text, so that the directory's quality check can see it.
    case directory
    /// The agent, with libxcrypt's yescrypt (crypt(5)): it is never sent.
    case yescrypt
  }

  /// How much of something forms may ask for. The clock's own expiries don't count.
  public struct Allowance: Sendable, Hashable {
    /// In one form; `nil`: any number.
    public var perForm: Bound?
    /// In one day of `organization.timezone`; `nil`: any number.
    public var perDay: Bound?
  }

  /// A number, or a share of all accounts.
  public enum Bound: Sendable, Hashable {
    case count(Int)
    /// Percent of all accounts, rounded up: of a hundred accounts 1 % is one, of ten too.
    case share(percent: Int)

    /// How many that is.
    /// - Parameter accounts: how many accounts there are; asked only for a share.
    public func count(of accounts: () throws -> Int) rethrows -> Int {
      switch self {
      case .count(let count): count
      case .share(let percent): (try accounts() * percent + 99) / 100
      }
    }
  }
}
