internal import ArgumentParser
internal import Files
internal import Foundation
internal import Glibc
internal import Installation
internal import Text

/// A form's signature at the command line: made by ssh-keygen(1) at this terminal, so that keys of an agent and
/// passphrases work, and checked against the form's bytes before it goes into the spool.
enum FormSignature {
  /// Signs bytes with a key.
  ///
  /// - Parameters:
  ///   - bytes: the form exactly as it is submitted.
  ///   - key: a private key, or a public one whose private key the caller's ssh-agent has.
  /// - Throws: ``Failure`` where ssh-keygen doesn't sign; it has said why.
  static func make(over bytes: [UInt8], key: String) throws -> [UInt8] {
    let path = try program()
    guard access(key, R_OK) == 0 else {
      throw Failure(
        "\(displayed(key.utf8)): \(reason(errno)); name the key to sign with (--sign KEY, --key KEY)", .noInput)
    }
    // A folder of our own: ssh-keygen writes the signature beside what it signs.
    var template = Array("\(temporaryFolder())/buzon-sign-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw Failure("\(temporaryFolder()): \(reason(errno)); make room there, or set TMPDIR", .cannotCreate)
    }
    let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let form = folder + "/form"
    defer {
      unlink(form)
      unlink(form + ".sig")
      rmdir(folder)
    }
    let directory = try Files.Directory(folder)
    _ = try directory.writeDurably(bytes, as: "form", mode: 0o600, replacing: .nothing)
    let status = try run(path, ["-q", "-Y", "sign", "-n", KeygenAnswer.namespace, "-f", key, form])
    guard status == 0, let signature = try? directory.read("form.sig", limit: KeygenAnswer.longest) else {
      throw Failure("ssh-keygen did not sign; see what it says", .noPermission)
    }
    return signature
  }

  /// The signature that lies beside a form (`FILE.sig`); `nil` where none does.
  ///
  /// - Throws: ``Failure`` where it can't be read, or is not of these bytes.
  static func beside(_ file: String, _ bytes: [UInt8]) throws -> [UInt8]? {
    let path = file + ".sig"
    guard file != "-", access(path, F_OK) == 0 else { return nil }
    let signature = try readFile(path, limit: KeygenAnswer.longest)
    // Who has no ssh-keygen submits it unchecked; the agent checks it.
    guard let keygen = Keygen() else { return signature }
    let result = keygen.run([.integrity(of: signature, over: bytes)])[0]
    guard case .exited(let code) = result.end, code != 0 else { return signature }
    throw Failure(
      "\(displayed(path.utf8)) is not a signature of \(displayed(file.utf8)) as it is now; sign it again (buzon sign), or "
        + "remove it", .dataError)
  }

  private static func program() throws -> String {
    guard let keygen = Keygen() else {
      throw Failure("ssh-keygen is not installed; apt-get install openssh-client", .unavailable)
    }
    return keygen.path
  }

  private static func temporaryFolder() -> String {
    getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
  }

  private static func reason(_ code: Int32) -> String { String(cString: strerror(code)).lowercased() }

  /// Runs a program at this terminal, with our environment, and waits for its end.
  private static func run(_ path: String, _ arguments: [String]) throws -> Int32 {
    let environment = ProcessInfo.processInfo.environment.map { "\($0)=\($1)" }
    let process: pid_t
    do throws(FileError) {
      // What it prints is for people; standard output is for data.
      process = try Spawn.start(path, arguments, environment: environment, descriptors: [0, 2, 2])
    } catch {
      throw Failure("\(error); check that it is executable", .unavailable)
    }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    return status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + (status & 0x7F)
  }
}
