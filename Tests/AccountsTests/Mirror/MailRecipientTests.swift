import LDAP
import Testing

@testable import Accounts

@Suite struct MailRecipients {
  private static let ours: Set = ["a@example.org", "b@example.org"]

  @Test(
    arguments: [
      ("is new and has an address of ours", ["a@example.org"], nil, false, false, "a@example.org"),
      ("is new and has none", ["x@other.example"], nil, false, false, nil),
      ("was there at the first reading", ["a@example.org"], nil, true, false, nil),
      ("is as it was", ["a@example.org"], ["a@example.org"], false, false, nil),
      (
        "got another one of ours", ["a@example.org", "b@example.org"], ["a@example.org"], false, false, "b@example.org"
      ),
      ("got one that isn't ours", ["a@example.org", "x@other.example"], ["a@example.org"], false, false, nil),
      ("is an account, or was one", ["a@example.org"], nil, false, true, nil),
    ] as [(String, [String], [String]?, Bool, Bool, String?)])
  func isReportedWhereIt(
    what: String, addresses: [String], known: [String]?, isFirst: Bool, isAccount: Bool, news: String?
  ) {
    let recipient = MailRecipient(entryUUID: "u", addresses: addresses, image: .nothing)
    let reported = recipient.news(known: known, isFirst: isFirst, isAccount: isAccount) { Self.ours.contains($0) }
    #expect(reported == news)
  }
}
