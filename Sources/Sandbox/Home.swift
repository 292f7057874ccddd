import Glibc

/// The folder of a sandbox: what is where in it.
///
///     slapd.d/ data/ accesslog/ tls/   slapd's, made anew where a first start was cut short; of two in 1/ and 2/
///     slapd.pid slapd.log ldapi        while it runs; the socket stands elsewhere where this path is too long for one
///     slapd.lock                       held by slapd as long as it lives: whether it runs is never guessed from a pid
///     sandbox.lock                     held by the start or stop that is at work
///     sandbox.state                    what it was made with; written last, so it says that the first start was done
///     sandbox.unfinished               a first start began and has not ended
///     admin.password mail.password     mode 0600
///     approver allowed_signers         the approver's key pair, and the file that allows it
///     buzon.yaml spool/ state/ records/   the agent's
struct Home {
  /// Absolute, without symbolic links.
  var path: String

  /// Opens a sandbox's folder, which need not be a sandbox yet.
  ///
  /// - Parameter create: make the folder where it is missing.
  init(_ given: String, create: Bool) throws(SandboxError) {
    guard !given.isEmpty, !given.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) else {
      throw SandboxError(.usage, "the folder's name is empty or has control characters", remedy: "choose another")
    }
    if create { try makeFolder(given, mode: 0o755) }
    guard let resolved = realpath(given, nil) else {
      throw SandboxError(
        errno == ENOENT ? .usage : .file, "\(given): \(systemError())", remedy: "give the folder that start was given")
    }
    defer { free(resolved) }
    guard let path = String(validatingCString: resolved), !path.utf8.contains(where: { $0 == 0x22 || $0 == 0x5c })
    else {
      throw SandboxError(
        .usage, "the folder's full name has a double quote or a backslash, or is not UTF-8; slapd can't use it",
        remedy: "choose another")
    }
    self.path = path
  }

  /// The folder of one of two slapds.
  func provider(_ number: Int) -> Home {
    var home = self
    home.path = file("\(number)")
    return home
  }

  func file(_ name: String) -> String { path == "/" ? "/\(name)" : "\(path)/\(name)" }

  var slapdConfig: String { file("slapd.d") }
  var passwordFile: String { file("admin.password") }
  var mailPasswordFile: String { file("mail.password") }
  var unfinished: String { file("sandbox.unfinished") }

  /// Where slapd listens: `sockaddr_un` has room for 107 bytes, so a deep folder's socket needs a short name elsewhere.
  ///
  /// - Throws: `SandboxError` (`file`) where no private folder can be made in `/tmp`.
  func chooseSocket() throws(SandboxError) -> String {
    let here = file("ldapi")
    if here.utf8.count <= 107 { return here }
    var template = Array("/tmp/buzon-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw SandboxError(
        .file, "the folder's name is too long for a socket, and /tmp can't hold it either: \(systemError())",
        remedy: "choose a folder whose full name has at most 101 bytes")
    }
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self) + "/ldapi"
  }

  /// Makes the folder of a socket outside the sandbox again, where `/tmp` was cleaned, and checks that it is ours.
  func prepareSocketFolder(_ socket: String) throws(SandboxError) {
    guard let folder = foreignFolder(of: socket) else { return }
    if mkdir(folder, 0o700) == 0 { return }
    var status = stat()
    guard errno == EEXIST, lstat(folder, &status) == 0, status.st_mode & S_IFMT == S_IFDIR,
      status.st_uid == geteuid(), status.st_mode & 0o022 == 0
    else {
      throw SandboxError(
        .file, "\(folder), the folder of the sandbox's socket, is not ours",
        remedy: "remove it, or make another sandbox")
    }
  }

  /// Removes the folder of a socket outside the sandbox.
  func removeSocketFolder(_ socket: String) {
    guard let folder = foreignFolder(of: socket) else { return }
    unlink(socket)
    rmdir(folder)
  }

  private func foreignFolder(of socket: String) -> String? {
    guard !socket.utf8.starts(with: file("").utf8), let slash = socket.utf8.lastIndex(of: UInt8(ascii: "/")) else {
      return nil
    }
    return String(socket[..<slash])
  }
}
