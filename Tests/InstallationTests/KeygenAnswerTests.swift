import Register
import Testing

@testable import Installation

@Suite("What ssh-keygen says of a signature")
struct KeygenAnswerTests {
  private typealias Answer = KeygenAnswer.Verification

  private func answer(_ end: Keygen.Result.End, _ output: String = "", _ errors: String = "") -> Answer {
    KeygenAnswer.verification(.init(end, output: output, errors: errors), signers: "/s")
  }

  @Test(
    "The fingerprint ends the line, whatever the principal is",
    arguments: [
      "Good \"buzon-request\" signature for jefe with ED25519 key SHA256:aB+/=\n",
      "Good \"buzon-request\" signature for a\nb with ED25519-CERT key SHA256:aB+/=\n",
      "Good \"buzon-request\" signature for x with RSA key SHA256:forged with ED25519 key SHA256:aB+/=\n",
    ]) func good(_ output: String)
  {
    #expect(answer(.exited(0), output) == .verified(key: "SHA256:aB+/="))
  }

  @Test func successWithoutAFingerprintIsNone() {
    for output in ["", "Good\n", "Good x key MD5:00\n", "x SHA256:aa\n", "Good SHA256:a b\n"] {
      guard case .unknown = answer(.exited(0), output) else {
        Issue.record("\(output)")
        continue
      }
    }
  }

  @Test func aKeyThatDoesNotCountIsNoFaultOfTheSignature() {
    #expect(answer(.exited(255), "Could not verify signature.\n") == .keyRefused(nil))
    #expect(
      answer(.exited(255), "", "/s:12: key has expired: verify time 2026 > valid-before 2020\n")
        == .keyRefused("line 12: key has expired: verify time 2026 > valid-before 2020"))
  }

  @Test(arguments: [
    ("Signature verification failed: incorrect signature\n", "not of these bytes"),
    ("Couldn't verify signature: namespace does not match\n", "another purpose"),
    ("Couldn't parse signature: missing header\n", "not a signature"),
    ("Couldn't verify signature: invalid format\n", "not a signature"),
  ]) func aWrongSignatureIsRefused(_ errors: String, _ problem: String) {
    guard case .refused(let found, let remedy) = answer(.exited(255), "", errors) else {
      Issue.record("\(errors)")
      return
    }
    #expect(found.contains(problem) && !remedy.isEmpty)
  }

  @Test(arguments: [Keygen.Result.End.killed(31), .overdue, .notStarted(2)])
  func aCallThatDidNotEndByItselfSaysNothing(_ end: Keygen.Result.End) {
    guard case .unknown(let trouble) = answer(end, "Good \"buzon-request\" signature for a with X key SHA256:a\n")
    else {
      Issue.record("\(end)")
      return
    }
    #expect(!trouble.remedy.isEmpty)
  }

  @Test func mistakesAreTheLinesOfTheFile() {
    let errors =
      "/s:3: missing key\nNo principal matched.\n/sx:4: other\n/s:x\n/s:10: bad options: unknown key option\n"
    #expect(
      KeygenAnswer.mistakes(.init(.exited(255), errors: errors), signers: "/s")
        == ["3: missing key", "10: bad options: unknown key option"])
  }

  @Test func callsRunTogetherWithTheirOwnInputs() throws {
    let keygen = try #require(Keygen())
    let results = keygen.run(
      (0..<20).map { _ in
        Keygen.Call(["-l", "-f", Keygen.Call.file(0)], files: [Array("ssh-ed25519 \(Self.key) probe\n".utf8)])
      } + [Keygen.Call(["-Y", "nothing"])])
    #expect(results.dropLast().allSatisfy { $0.end == .exited(0) && $0.output.contains("SHA256:") }, "\(results)")
    #expect(results.last?.end != .exited(0))
  }

  private static let key = "AAAAC3NzaC1lZDI1NTE5AAAAIO35Fnz+BzLcSjvkQurQrUWcxw5tbdKsZv6OY/FHM9zN"
}
