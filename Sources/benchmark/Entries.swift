import Glibc
import Sandbox

/// The entries that the agent makes of the sample forms, as LDIF, for those who only load entries.
///
/// The agent makes them once, on a directory that is thrown away. What the server adds by itself is left out, and instead
/// of the hash there is a temporary password in clear text of the length that the agent's have, so the server has the
/// same work: the same overlays, checks and hashing.
enum Entries {
  /// 20 symbols in groups of five, as the agent spells them.
  private static let password = "userPassword: abcde-fghjk-mnpqr-stuvw"

  /// - Returns: how many entries are in the file.
  static func write(to path: String, from sandbox: Sandbox.Description, by programs: Programs) throws(Failure) -> Int {
    let dump = path + ".dump"
    try ChildProcess.run(
      [
        programs.ldapsearch, "-Q", "-Y", "EXTERNAL", "-H", sandbox.uri, "-LLL", "-o", "ldif-wrap=no", "-z", "none",
        "-b", "ou=people,\(sandbox.base)", "(objectClass=buzonAccount)", "*", "pwdReset", "pwdEndTime",
      ], output: dump, errors: path + ".errors")
    guard let file = fopen(path, "we") else { throw Failure(message: "\(path) can't be written", code: 73) }
    var count = 0
    var passwords = 0
    try forEachLine(of: dump) { line in
      if line.starts(with: "userPassword:".utf8) {
        passwords += 1
        fputs(password, file)
      } else {
        if line.starts(with: "dn:".utf8) { count += 1 }
        fwrite(line.baseAddress, 1, line.count, file)
      }
      fputc(Int32(UInt8(ascii: "\n")), file)
    }
    unlink(dump)
    guard fclose(file) == 0, count == passwords else {
      throw Failure(message: "\(count) entries with \(passwords) passwords were dumped to \(path)")
    }
    return count
  }

  /// How many accounts the directory has.
  static func count(in sandbox: Sandbox.Description, by programs: Programs, scratch: String) throws(Failure) -> Int {
    try ChildProcess.run(
      [
        programs.ldapsearch, "-Q", "-Y", "EXTERNAL", "-H", sandbox.uri, "-LLL", "-z", "none",
        "-b", "ou=people,\(sandbox.base)", "(objectClass=buzonAccount)", "1.1",
      ], output: scratch, errors: scratch + ".errors")
    var count = 0
    try forEachLine(of: scratch) { line in if line.starts(with: "dn:".utf8) { count += 1 } }
    return count
  }
}
