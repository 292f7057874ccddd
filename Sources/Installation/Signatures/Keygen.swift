/// ssh-keygen(1), which knows OpenSSH's signatures, certificates and allowed signers.
package typealias Keygen = OtherProgram

extension OtherProgram {
  /// - Returns: `nil` where no folder of `PATH` has ssh-keygen.
  package init?() { self.init("ssh-keygen") }
}

extension OtherProgram.Call {
  /// Whether a signature is one over these bytes, whoever's; it prints the key's fingerprint.
  package static func integrity(of signature: [UInt8], over bytes: [UInt8]) -> OtherProgram.Call {
    OtherProgram.Call(
      ["-Y", "check-novalidate", "-n", KeygenAnswer.namespace, "-s", file(0)], input: bytes, files: [signature])
  }
}
