internal import Forms
internal import Installation
internal import LDAP
internal import Records
internal import Register
internal import Translations

/// What `--version` prints: the version by itself on the first line, for programs; then what a report of a fault needs.
enum VersionText {
  /// For ``CommandConfiguration``, which every command reads: libraries are asked only where somebody wants to know.
  static var forThisCall: String { CommandLine.arguments.contains("--version") ? whole : buzonVersion }

  static var whole: String {
    """
    \(buzonVersion)
    commit \(buzonCommit ?? translated("unknown"))
    \(translated("with")) libldap \(LibraryVersions.ldap), libsasl2 \(LibraryVersions.sasl), \
    SQLite \(Register.libraryVersion), libyaml \(yamlLibraryVersion), libxlsxwriter \(xlsxLibraryVersion)
    """
  }
}
