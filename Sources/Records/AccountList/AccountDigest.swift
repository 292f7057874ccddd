internal import Crypto
public import Files
internal import Text

/// What a file of the account list is known by in the ledger.
public enum AccountDigest {
  /// SHA-256 of a file, 64 hexadecimal digits; `nil`: it isn't there. In bounded memory.
  public static func file(_ name: FileName, in folder: Directory) throws -> String? {
    var hash = SHA256()
    guard try folder.read(name, { hash.update(bufferPointer: $0) }) else { return nil }
    return hexadecimal(Array(hash.finalize()))
  }
}
