internal import ArgumentParser
internal import Files
internal import Glibc
internal import Text

struct SignCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sign",
    abstract: "Sign a request form as its approver.",
    discussion: """
      Writes FILE.sig, as `ssh-keygen -Y sign -n buzon-request -f KEY FILE` does: a
      signature over the form exactly as it is. A form that is changed afterwards
      must be signed again. KEY is a private key, or a public one whose private key
      your ssh-agent has; ssh-keygen asks for a passphrase. `buzon submit FILE`
      takes FILE.sig along.

      EXAMPLE
        buzon sign form.yaml --key ~/.ssh/id_ed25519
        buzon submit form.yaml
      """)

  @Option(help: "The approver's key.", completion: .file())
  var key: String
  @Argument(help: "The form to sign.", completion: .forms)
  var file: String

  func run() throws {
    let bytes: [UInt8]
    do {
      bytes = try readFile(file, limit: 256 << 20)
    } catch {
      throw Failure("\(error)", .noInput)
    }
    let signature = try FormSignature.make(over: bytes, key: key)
    let path = Array(file.utf8)
    let cut = path.lastIndex(of: UInt8(ascii: "/"))
    guard let name = FileName(path[(cut.map { $0 + 1 } ?? 0)...])?.appending(".sig") else {
      throw Failure(
        "\(displayed(path)) leaves no room for .sig behind its name; give the form a shorter name", .dataError)
    }
    let folder = cut.map { $0 == 0 ? "/" : String(decoding: path[..<$0], as: UTF8.self) } ?? "."
    try Files.Directory(folder).writeDurably(signature, as: name, mode: 0o644)
  }
}
