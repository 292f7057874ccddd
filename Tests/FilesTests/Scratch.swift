import Files
import Support

extension Scratch {
  /// A new folder in it.
  func folder(_ name: String, mode: UInt32 = 0o700) throws -> Directory {
    try Directory("\(path)/\(name)", creating: mode)
  }
}

extension Directory {
  /// The names in it as text.
  func list() throws -> [String] { try names().map(\.description) }
}
