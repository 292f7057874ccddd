internal import CLDAP

/// The C libraries that are really loaded, which need not be those of the build.
public enum LibraryVersions {
  /// Of libldap, e.g. `2.5.13`.
  public static var ldap: String { text(Int(Handle.libraryVersion)) }
  /// Of libsasl2, e.g. `2.1.28`.
  public static var sasl: String { text(Int(cldap_sasl_version())) }

  /// - Parameter number: two digits each for minor version and patch: 20513.
  private static func text(_ number: Int) -> String {
    "\(number / 10_000).\(number / 100 % 100).\(number % 100)"
  }
}
