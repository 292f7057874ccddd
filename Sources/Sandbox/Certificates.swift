/// A throw-away authority and a certificate of it for 127.0.0.1 and localhost, by openssl(1): P-256, good for ten years.
///
///     tls/ca.pem  tls/ca.key  tls/server.pem  tls/server.key
func makeCertificates(_ home: Home) throws(SandboxError) {
  let openssl = try Program.path("openssl", package: "openssl")
  let folder = home.file("tls")
  try makeFolder(folder, mode: 0o700)
  func run(_ arguments: [String]) throws(SandboxError) {
    let result = try Program.run(openssl, arguments)
    guard result.status == 0 else {
      throw SandboxError(.directory, "openssl \(arguments[0]): \(result.text)", remedy: "check the installed openssl")
    }
  }
  let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "3650"]
  try run(
    ["req", "-x509", "-subj", "/CN=Sandbox authority", "-keyout", "\(folder)/ca.key", "-out", "\(folder)/ca.pem"] + key
      + ["-addext", "keyUsage=critical,keyCertSign,cRLSign"])
  try run(
    ["req", "-x509", "-subj", "/CN=127.0.0.1", "-keyout", "\(folder)/server.key", "-out", "\(folder)/server.pem"] + key
      + ["-CA", "\(folder)/ca.pem", "-CAkey", "\(folder)/ca.key"]
      + ["-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"]
      + ["-addext", "basicConstraints=critical,CA:FALSE", "-addext", "extendedKeyUsage=serverAuth"])
}
