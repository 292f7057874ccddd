/// A request form from its bytes: FT-GTI-006 as YAML or JSON.
///
/// Two steps in one pass. *Shape*: the keys, their types and what they say of each other; it depends on the bytes alone,
/// so a form that had it has it for ever. *Judgement*: what the policy of the day says (`Rules`).
///
/// What the kinds of account may have:
///
/// | key | person | functional | list |
/// |---|---|---|---|
/// | `name` | `given`, `family` | `display` | `display` |
/// | `owner` | may | must | must |
/// | `document` | may | – | – |
/// | `position`, `phone` | may | may | – |
/// | `department`, `aliases`, `lists`, `expires` | may | may | may |
/// | `forward`, `keep_copy`, `quota` | may | may | – |
/// | `members` | – | – | may |
///
/// A text has one line, no space at its ends and at most 128 Unicode scalars (`reference` and `reason` 256, `phone` 64,
/// `document` 32 of letters, digits, space, `.`, `-`); an address is ASCII and read into lower case.
public enum FormReader {
  /// What a form turned out to be.
  public enum Outcome: Sendable, Hashable {
    /// A good form.
    case request(Request)
    /// All that is wrong with it, in the order of its text; never empty. More than a hundred are counted.
    case invalid([Finding])
  }

  /// An accepted form that can't be read any more: it was damaged, or written by a later version.
  public struct Unreadable: Error, Hashable {
    /// All that is wrong with it.
    public var findings: [Finding]

    /// An unreadable form.
    public init(findings: [Finding]) { self.findings = findings }
  }

  /// The most that any form may have, whatever `limits.form_size` says: 256 MiB.
  public static let largestForm = 256 << 20

  /// Reads and judges a form that has arrived.
  public static func read(_ bytes: [UInt8], rules: Rules) -> Outcome {
    read(bytes, limit: min(rules.formSize, largestForm), rules: rules)
  }

  /// Reads a form that was accepted earlier: by its shape alone, for the policy may have changed since.
  public static func reread(_ bytes: [UInt8]) throws(Unreadable) -> Request {
    switch read(bytes, limit: largestForm, rules: nil) {
    case .request(let request): return request
    case .invalid(let findings): throw Unreadable(findings: findings)
    }
  }

  private static func read(_ bytes: [UInt8], limit: Int, rules: Rules?) -> Outcome {
    let findings = Findings()
    guard let document = Document.read(bytes, limit: limit, findings: findings) else { return .invalid(findings.all) }
    var walk = FormWalk(walk: Walk(document, findings), rules: rules)
    let request = walk.request()
    if let request, walk.walk.findings.isEmpty { return .request(request) }
    return .invalid(walk.walk.findings.all)
  }
}
