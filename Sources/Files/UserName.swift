import Glibc

/// The name of a user of this host (getpwuid_r(3)); `nil` where nobody has the id, or the user database can't be read.
public func userName(of id: UInt32) -> String? {
  var entry = passwd()
  var found: UnsafeMutablePointer<passwd>?
  return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16_384) { buffer in
    guard let start = buffer.baseAddress, getpwuid_r(id, &entry, start, buffer.count, &found) == 0, found != nil,
      let name = entry.pw_name
    else { return nil }
    let text = String(cString: name)
    return text.unicodeScalars.contains(where: \.isUnsafeToPrint) ? nil : text
  }
}
