import Forms

/// `policy`
extension ConfigurationWalk {
  private static let keys = Keys(
    "policy", ["quota", "retention", "address_memory", "archive", "clock_jump", "local_part", "password", "limits"])
  private static let limitKeys = Keys("policy.limits", ["deletes", "suspensions", "resets"])

  mutating func policy(_ section: Field?) -> Configuration.Policy? {
    judgeKeys(section, Self.keys)
    let quota = field(section, "quota").map { walk.size($0) } ?? ByteCount(bytes: 5 << 30)
    let retention =
      field(section, "retention").map { walk.duration($0, .days(1)...(.days(3650)), daysOnly: true) } ?? .days(180)
    let memory =
      field(section, "address_memory").map { walk.duration($0, .zero...(.days(36_500)), daysOnly: true) } ?? .days(365)
    let archive =
      field(section, "archive").map { walk.duration($0, .zero...(.days(36_500)), daysOnly: true) } ?? .days(1826)
    let clockJump =
      field(section, "clock_jump").map { walk.duration($0, .seconds(3_600)...(.days(3650))) } ?? .seconds(26 * 3_600)
    let localPart = field(section, "local_part").map { self.localPart($0) } ?? LocalPart()
    let password = nested(section, "password") { $0.password($1) }
    let limits = nested(section, "limits") { $0.limits($1) }
    guard let quota, let retention, let memory, let archive, let clockJump, let localPart, let password, let limits
    else { return nil }
    return Configuration.Policy(
      quota: quota, retention: retention, addressMemory: memory, archive: archive, clockJump: clockJump,
      localPart: localPart, password: password, deletes: limits[0], suspensions: limits[1], resets: limits[2])
  }

  /// A section within a section that may not be there itself.
  private mutating func nested<Value>(
    _ section: Field?, _ key: StaticString, _ read: (inout ConfigurationWalk, Field?) -> Value?
  ) -> Value? {
    guard let section, walk.document.kind(section.node) == .mapping else { return read(&self, nil) }
    return self.section(section, key, read)
  }

  /// The characters besides letters and digits; quotes and nothing between them for none.
  private func localPart(_ field: Field) -> LocalPart? {
    let remedy = "write the characters in quotes, each of .!#$%&'*+-/=?^_`{|}~"
    guard walk.isScalar(field, remedy) else { return nil }
    if let localPart = LocalPart(extra: walk.document.text(field.node)) { return localPart }
    walk.report(field, "\(walk.quoted(field)) has a character that no address can have so", remedy)
    return nil
  }

  private mutating func password(_ section: Field?) -> Configuration.Password? {
    judgeKeys(section, Keys("policy.password", ["length", "life", "hash"]))
    let length = field(section, "length").map { walk.number($0, 16...64) } ?? 20
    let life = field(section, "life").map { walk.duration($0, .seconds(3600)...(.days(365))) } ?? .days(30)
    let hash: Configuration.PasswordHash? = field(section, "hash").map { walk.word($0) } ?? .directory
    guard let length, let life, let hash else { return nil }
    return Configuration.Password(length: length, life: life, hash: hash)
  }

  private mutating func limits(_ section: Field?) -> [Configuration.Allowance?]? {
    judgeKeys(section, Self.limitKeys)
    var allowances: [Configuration.Allowance?] = []
    for key in Self.limitKeys.names {
      allowances.append(nested(section, key) { $0.allowance($1) })
    }
    return allowances
  }

  private mutating func allowance(_ section: Field?) -> Configuration.Allowance? {
    guard let section else { return nil }
    judgeKeys(section, Keys("a limit", ["per_form", "per_day"]))
    let perForm = field(section, "per_form").flatMap { bound($0) }
    let perDay = field(section, "per_day").flatMap { bound($0) }
    return Configuration.Allowance(perForm: perForm, perDay: perDay)
  }

  /// `50` or `5%`
  private mutating func bound(_ field: Field) -> Configuration.Bound? {
    let remedy = "write a whole number from 0 to 1000000, or a share of all accounts from 0% to 100%"
    guard walk.isScalar(field, remedy) else { return nil }
    let text = walk.document.text(field.node)
    guard text.utf8.last == UInt8(ascii: "%") else { return walk.number(field, 0...1_000_000).map { .count($0) } }
    let digits = text.dropLast()
    if !digits.isEmpty, digits.utf8.count <= 3, digits.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }),
      let percent = Int(digits), percent <= 100
    {
      return .share(percent: percent)
    }
    walk.report(field, "\(walk.quoted(field)) is not a share", remedy)
    return nil
  }
}
