import Glibc
import Sandbox

/// A sandbox in a folder of its own, for one test; both go with the test.
final class Fixture {
  let sandbox: Sandbox.Description
  let folder: String

  /// - Parameter name: a folder below the temporary one, where the folder's name is what is tested.
  init(_ options: Sandbox.Options = Sandbox.Options(durable: false), name: String = "home") throws {
    folder = try temporaryFolder()
    sandbox = try Sandbox.start(home: "\(folder)/\(name)", options: options)
  }

  deinit {
    try? Sandbox.stop(home: sandbox.home)
    _ = try? Program.run("/bin/rm", ["-rf", folder])
  }

  func directory(as identity: Directory.Identity) -> Directory { Directory(uri: sandbox.uri, identity: identity) }
  var admin: Directory { directory(as: .simple(sandbox.admin, passwordFile: sandbox.passwordFile)) }
  var agent: Directory { directory(as: .external) }
  var mailService: Directory { directory(as: .simple(sandbox.mailService, passwordFile: sandbox.mailPasswordFile)) }
  var anonymous: Directory { directory(as: .anonymous) }

  /// Somebody who logs in with a password, right or wrong.
  func user(_ uid: String, _ password: String) -> Directory {
    directory(as: .password(account(uid), password))
  }

  func account(_ uid: String) -> String { "uid=\(uid),ou=people,\(sandbox.base)" }
}

func temporaryFolder() throws -> String {
  var template = Array("/tmp/buzon-test-XXXXXX".utf8CString)
  guard mkdtemp(&template) != nil else { throw TestFailure("mkdtemp: \(String(cString: strerror(errno)))") }
  return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

struct TestFailure: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}

/// The top folder of the project.
let project: String = {
  // .../Tests/SandboxTests/Fixture.swift
  var parts = #filePath.utf8.split(separator: UInt8(ascii: "/"))
  parts.removeLast(3)
  return parts.map { "/" + String(decoding: $0, as: UTF8.self) }.joined()
}()
