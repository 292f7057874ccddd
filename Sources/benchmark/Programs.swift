import Glibc
import Sandbox

/// The programs under test and those that look after them.
struct Programs {
  /// The agent, built beside this benchmark.
  var buzon: String
  /// The bare C loader, built beside this benchmark.
  var loader: String
  var ldapadd: String
  var ldapsearch: String

  init() throws {
    guard let path = realpath("/proc/self/exe", nil) else {
      throw Failure(message: "/proc/self/exe can't be read", code: 69)
    }
    defer { free(path) }
    let folder = String(cString: dirname(path))
    buzon = "\(folder)/buzon"
    loader = "\(folder)/CLoader"
    ldapadd = try Program.path("ldapadd", package: "ldap-utils")
    ldapsearch = try Program.path("ldapsearch", package: "ldap-utils")
    for (path, product) in [(buzon, "buzon"), (loader, "CLoader")] where access(path, X_OK) != 0 {
      throw Failure(message: "\(path) is missing; swift build -c release --product \(product)", code: 69)
    }
    #if DEBUG
      throw Failure(message: "a debug build says nothing; swift build -c release", code: 64)
    #endif
  }
}
