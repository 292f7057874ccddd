import Glibc

/// The name of a user (getpwuid_r(3)); `nil` where the number has none. May block as long as the host's name service does
/// (nsswitch.conf(5)).
///
/// - Throws: where nobody could be asked just now: EMFILE, ENFILE, ENOMEM, EIO. All other errors mean that there is no such
///   user, as the manual page lists them.
public func userName(_ user: UInt32) throws(FileError) -> String? {
  // Entries of a directory may be long; what needs more than this is no user of ours.
  var size = 1_024
  while size <= 1 << 20 {
    var entry = passwd()
    var found: UnsafeMutablePointer<passwd>?
    var room = [CChar](repeating: 0, count: size)
    let (code, name) = room.withUnsafeMutableBufferPointer { room -> (Int32, String?) in
      guard let start = room.baseAddress else { return (ENOMEM, nil) }
      let code = retryingCode { getpwuid_r(user, &entry, start, room.count, &found) }
      return (code, code == 0 && found != nil ? entry.pw_name.map { String(cString: $0) } : nil)
    }
    if code == ERANGE {
      size *= 4
      continue
    }
    if [EMFILE, ENFILE, ENOMEM, EIO].contains(code) {
      throw FileError(call: "getpwuid_r", path: "user \(user)", code: code)
    }
    return name.flatMap { $0.isEmpty ? nil : $0 }
  }
  return nil
}

/// Whether the host has a group of this name (getgrnam_r(3)). Where nobody could be asked it counts as not there.
public func hasGroup(_ name: String) -> Bool {
  var size = 1_024
  while size <= 1 << 20 {
    var entry = group()
    var found: UnsafeMutablePointer<group>?
    var room = [CChar](repeating: 0, count: size)
    let code = room.withUnsafeMutableBufferPointer { room in
      guard let start = room.baseAddress else { return ENOMEM }
      return retryingCode { getgrnam_r(name, &entry, start, room.count, &found) }
    }
    if code != ERANGE { return code == 0 && found != nil }
    size *= 4
  }
  return false
}

/// Calls again what a signal interrupted. For functions that return the code instead of setting `errno`.
private func retryingCode(_ body: () -> Int32) -> Int32 {
  while true {
    let code = body()
    if code != EINTR { return code }
  }
}
