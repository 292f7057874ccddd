internal import CSystem
internal import Glibc
package import LDAP

/// yescrypt by libxcrypt (crypt(5)), at Debian's own cost: 17 ms and 16 MiB each.
package enum Yescrypt {
  /// The hash as OpenLDAP's `userPassword` has it: `{CRYPT}$y$…`. The same password and salt give the same hash.
  ///
  /// - Parameter salt: 16 bytes.
  /// - Throws: ``LDAPError/unavailable(_:)`` where memory is short, or this host's libcrypt doesn't know it.
  package static func hash(_ password: Value, salt: [UInt8]) throws(LDAPError) -> Value {
    var phrase = password.bytes + [0]
    var hash = [UInt8](repeating: 0, count: 384)
    let code = phrase.withUnsafeBufferPointer { phrase in
      hash.withUnsafeMutableBufferPointer { hash in
        buzon_yescrypt(phrase.baseAddress, salt, salt.count, hash.baseAddress, hash.count)
      }
    }
    let reason = errno
    phrase.withUnsafeMutableBytes { bytes in
      if let start = bytes.baseAddress { explicit_bzero(start, bytes.count) }
    }
    guard code == 0 else {
      throw .unavailable("libcrypt made no yescrypt hash: \(String(cString: strerror(reason)))")
    }
    return Value(bytes: Array("{CRYPT}".utf8) + hash.prefix { $0 != 0 })
  }
}
