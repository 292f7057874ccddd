import Glibc

extension TLSFailure {
  /// The failure of a handshake by the certificate that the server shows, which was refused. Pure.
  ///
  /// | what shows | the reason |
  /// |---|---|
  /// | it is believed for a name of its own | another host |
  /// | the end lies before now, or the beginning behind it | expired, or not valid yet |
  /// | it names itself as its issuer | self-signed |
  /// | nothing of these | no authority that is trusted |
  ///
  /// - Parameters:
  ///   - isBelieved: whether libldap believes it for one of the hosts that it names.
  ///   - now: `YYYYMMDDhhmmssZ`.
  func explained(by certificate: Certificate, isBelieved: Bool, now: String) -> TLSFailure {
    if isBelieved { return with(.otherHost(certificate.names)) }
    if certificate.end < now { return with(.expired(Self.day(certificate.end))) }
    if certificate.begin > now { return with(.notYetValid(Self.day(certificate.begin))) }
    return with(certificate.isSelfIssued ? .selfSigned : .unknownAuthority(certificate.issuer))
  }

  /// `YYYY-MM-DD` of a GeneralizedTime.
  private static func day(_ time: String) -> String {
    let digits = Array(time.utf8.prefix(8))
    guard digits.count == 8 else { return time }
    func part(_ range: Range<Int>) -> String { String(decoding: digits[range], as: UTF8.self) }
    return "\(part(0..<4))-\(part(4..<6))-\(part(6..<8))"
  }

  /// The time, `YYYYMMDDhhmmssZ`.
  static func now() -> String {
    var seconds = time(nil)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    func digits(_ number: Int32, _ count: Int) -> String {
      let text = String(number)
      return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
    }
    return digits(parts.tm_year + 1900, 4) + digits(parts.tm_mon + 1, 2) + digits(parts.tm_mday, 2)
      + digits(parts.tm_hour, 2) + digits(parts.tm_min, 2) + digits(parts.tm_sec, 2) + "Z"
  }
}
