public import Text

/// The policy that a form is judged by when it arrives. A form that was accepted is never judged again.
public struct Rules: Sendable, Hashable {
  /// The code that `form` must equal where a form states it; `nil`: any.
  public var formCode: String?
  /// Our domains, lower case.
  public var domains: [String]
  /// What a local part of ours may be made of.
  public var localPart: LocalPart
  /// Bytes that a form may have.
  public var formSize: Int
  /// The day it is in the organisation's zone.
  public var today: Day
  /// Date and time of day with the zone, for messages about the future: a clock that is behind explains them; `nil`: not said.
  public var hostTime: String?
  /// Days after which an approval is too old.
  public var approvalMaxAge: Int
  /// Who may approve for a department (`*`: for those that aren't named); empty: anybody for all.
  public var approvers: [String: [String]]
  /// Whether the official who asks may also be the approver.
  public var requesterMayApprove: Bool

  /// Rules with the defaults of the configuration.
  public init(
    formCode: String? = nil, domains: [String], localPart: LocalPart = LocalPart(), formSize: Int = 1 << 20, today: Day,
    approvalMaxAge: Int = 90, approvers: [String: [String]] = [:], requesterMayApprove: Bool = true
  ) {
    self.formCode = formCode
    self.domains = domains
    self.localPart = localPart
    self.formSize = formSize
    self.today = today
    self.approvalMaxAge = approvalMaxAge
    self.approvers = approvers
    self.requesterMayApprove = requesterMayApprove
  }
}

extension Rules {
  /// What judges the changes of a form whose header isn't known yet: any size, any approver.
  public var ofChangesAlone: Rules {
    var rules = self
    rules.formSize = FormReader.largestForm
    rules.approvers = [:]
    rules.requesterMayApprove = true
    return rules
  }
}

/// The characters that a local part of ours may be made of: letters, digits and some more.
public struct LocalPart: Sendable, Hashable {
  /// What is allowed besides letters and digits.
  public let extra: String
  private let allowed: ASCIISet

  /// Letters, digits, `.`, `_`, `-`.
  public init() {
    extra = "._-"
    allowed = ASCIISet.alphanumerics.union(ASCIISet("._-"))
  }

  /// `nil` for a character that RFC 5321's dot-string form doesn't allow.
  public init?(extra: String) {
    guard extra.utf8.allSatisfy({ ASCIISet.atext.contains($0) || $0 == UInt8(ascii: ".") }) else { return nil }
    self.extra = extra
    allowed = ASCIISet.alphanumerics.union(ASCIISet(extra))
  }

  /// Whether an address keeps to it.
  public func allows(_ address: Address) -> Bool {
    for byte in address.text.utf8 {
      if byte == UInt8(ascii: "@") { return true }
      if !allowed.contains(byte) { return false }
    }
    return true
  }
}

extension Mailbox {
  /// Whether the domain is one of a few.
  func isIn(_ domains: [String]) -> Bool {
    var text = text
    return text.withUTF8 { bytes in
      domains.contains { domain in
        let at = bytes.count - domain.utf8.count - 1
        guard at > 0, bytes[at] == UInt8(ascii: "@") else { return false }
        return bytes[(at + 1)...].elementsEqual(domain.utf8)
      }
    }
  }
}
