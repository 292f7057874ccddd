public import LDAP
internal import Text

// Commands that ask the configured directory, as remedies name them: with its own URI, so that they work as they stand.

extension Configuration.Directory {
  /// `ldapsearch` that asks whether a server answers, whoever asks.
  public func searchCommand(at url: LDAPURL? = nil) -> String { command("ldapsearch -x", at: url) + " -s base -b ''" }

  /// `ldapwhoami` that binds as the agent does; a password is asked for.
  public func bindCommand(at url: LDAPURL? = nil) -> String {
    switch bind {
    case .external: command("ldapwhoami -Q -Y EXTERNAL", at: url)
    case .simple(let dn, _): command("ldapwhoami -x -W", at: url) + " -D \(dn.string.shellWord)"
    case .scram(let mechanism, let user, _):
      command("ldapwhoami -Y \(mechanism.rawValue)", at: url) + " -U \(user.shellWord)"
    case .gssapi: command("ldapwhoami -Y GSSAPI", at: url)
    }
  }

  /// `openssl` that judges the certificate of a server as the agent does; `nil`: none of the servers uses TLS.
  public func certificateCommand(at url: LDAPURL? = nil) -> String? {
    let all = url.map { [$0] } ?? uris
    for url in all {
      let (host, port): (String, UInt16)
      switch url.place {
      case .tls(let name, let number): (host, port) = (name, number)
      case .tcp(let name, let number) where tls.mode == .starttls: (host, port) = (name, number)
      default: continue
      }
      let isLater = if case .tcp = url.place { true } else { false }
      let address = host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
      return "openssl s_client -connect \(address.shellWord)" + (isLater ? " -starttls ldap" : "")
        + (tls.caFile.map { " -CAfile \($0.shellWord)" } ?? "")
        + (tls.certificateFile.map { " -cert \($0.shellWord)" } ?? "")
        + (tls.keyFile.map { " -key \($0.shellWord)" } ?? "") + " -verify_hostname \(host.shellWord) </dev/null"
    }
    return nil
  }

  private func command(_ program: String, at url: LDAPURL?) -> String {
    guard let url = url ?? uris.first else { return program }
    var isEncrypted = false
    var option = ""
    switch url.place {
    case .tls: isEncrypted = true
    case .tcp where tls.mode == .starttls: (isEncrypted, option) = (true, " -ZZ")
    default: break
    }
    let files = [("LDAPTLS_CACERT", tls.caFile), ("LDAPTLS_CERT", tls.certificateFile), ("LDAPTLS_KEY", tls.keyFile)]
    let settings =
      isEncrypted ? files.compactMap { name, file in file.map { "\(name)=\($0.shellWord) " } }.joined() : ""
    return "\(settings)\(program)\(option) -H \(url.description.shellWord)"
  }
}
