internal import Foundation

/// A throw-away authority of certificates and what it signs, by openssl(1): P-256. Its folder is the caller's.
public struct Authority: Sendable {
  /// A certificate and its key, in PEM.
  public struct Pair: Sendable {
    public let certificate: String
    public let key: String
  }

  private let folder: String
  /// The authority's own.
  public let own: Pair

  /// - Parameter folder: made here.
  public init(_ folder: String, name: String = "Test authority") throws {
    self.folder = folder
    own = Pair(certificate: folder + "/ca.pem", key: folder + "/ca.key")
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try Self.openssl(
      ["req", "-x509", "-subj", "/CN=\(name)", "-days", "30", "-out", own.certificate, "-keyout", own.key] + Self.newKey
        + ["-addext", "keyUsage=critical,keyCertSign,cRLSign"])
    for (file, text) in [
      ("index.txt", ""), ("index.txt.attr", "unique_subject = no\n"),
      (
        "ca.cnf",
        """
        [ca]
        default_ca = one
        [one]
        database = \(folder)/index.txt
        rand_serial = yes
        new_certs_dir = \(folder)
        default_md = sha256
        policy = names
        [names]
        commonName = supplied

        """
      ),
    ] {
      try text.write(toFile: "\(folder)/\(file)", atomically: false, encoding: .utf8)
    }
  }

  private static let newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]

  /// Signs a certificate.
  ///
  /// - Parameters:
  ///   - names: of its subjectAltName, as openssl writes them: `IP:127.0.0.1`.
  ///   - days: from when to when it is valid, in days from now.
  public func sign(_ name: String, for names: [String] = [], days: ClosedRange<Int> = -1...30) throws -> Pair {
    let stem = "\(folder)/\(name)"
    try Self.openssl(
      ["req", "-new", "-subj", "/CN=\(name)", "-keyout", stem + ".key", "-out", stem + ".csr"] + Self.newKey)
    let extensions =
      "basicConstraints=critical,CA:FALSE\n"
      + (names.isEmpty ? "" : "subjectAltName=\(names.joined(separator: ","))\n")
    try extensions.write(toFile: stem + ".ext", atomically: false, encoding: .utf8)
    try Self.openssl([
      "ca", "-batch", "-notext", "-config", folder + "/ca.cnf", "-cert", own.certificate, "-keyfile", own.key, "-in",
      stem + ".csr", "-out", stem + ".pem", "-extfile", stem + ".ext", "-startdate", Self.time(days.lowerBound),
      "-enddate", Self.time(days.upperBound),
    ])
    return Pair(certificate: stem + ".pem", key: stem + ".key")
  }

  /// A certificate that signs itself.
  public static func selfSigned(_ stem: String, for names: [String]) throws -> Pair {
    try openssl(
      ["req", "-x509", "-subj", "/CN=self", "-days", "30", "-out", stem + ".pem", "-keyout", stem + ".key"] + newKey
        + ["-addext", "subjectAltName=\(names.joined(separator: ","))"])
    return Pair(certificate: stem + ".pem", key: stem + ".key")
  }

  private static func time(_ days: Int) -> String {
    let format = DateFormatter()
    format.locale = Locale(identifier: "en_US_POSIX")
    format.timeZone = TimeZone(secondsFromGMT: 0)
    format.dateFormat = "yyyyMMddHHmmss'Z'"
    return format.string(from: Date(timeIntervalSinceNow: Double(days) * 86_400))
  }

  private static func openssl(_ arguments: [String]) throws {
    let outcome = Outcome(of: try Program("/usr/bin/openssl", arguments))
    guard outcome.status == 0 else { throw SiteError("openssl \(arguments[0]): \(outcome)") }
  }
}
