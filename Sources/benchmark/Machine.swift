import Glibc
import Sandbox

/// What the figures depend on, in one line; nothing that names the machine.
func machine(_ place: Place) throws -> String {
  var system = utsname()
  uname(&system)
  let release = withUnsafeBytes(of: &system.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  let processor = withUnsafeBytes(of: &system.machine) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  let load = (try? readText("/proc/loadavg"))?.split(separator: " ").first ?? "?"
  return """
    \(sysconf(Int32(_SC_NPROCESSORS_ONLN))) cores \(processor), load \(load) at the start, Linux \(release), \
    \(place.fileSystem), slapd \(try version("slapd")), libldap \(try version("libldap-2.5-0"))
    """
}

/// The version of an installed package of Debian.
private func version(_ package: String) throws -> String {
  guard let query = try? Program.path("dpkg-query", package: "dpkg") else { return "?" }
  let answer = try Program.run(query, ["-W", "-f", "${Version}", package])
  return answer.status == 0 ? answer.text : "?"
}
