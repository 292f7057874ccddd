internal import ArgumentParser
internal import Configuration
internal import Desk
internal import Files
internal import Records
internal import Register
internal import Text
internal import Translations

struct VerifyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check that ledger, register, records, list and directory say the same.",
    discussion: """
      The ledger has a line for each thing that happened: each acceptance, operation,
      outcome, hand-over, and each decision of a person. Each line holds the SHA-256
      of the line before, so nothing can be changed, taken out or put in later
      without a trace. This command reads everything and changes nothing:

        chain      the ledger's lines, one after the other
        files      records/ledger/YEAR.jsonl with the register
        requests   the register's requests with the ledger, forms with their digests
        records    archived forms and delivery records with the register
        lists      the account list with the register and the ledger
        directory  the accounts in the directory with the register

      Of each it prints the first thing that does not fit, and what that means. The
      last lines are the ledger's head: write it down, or print it. Later,
      --since HASH shows that the ledger still holds that line. A ledger that was
      replaced by an older copy does not.

      Somebody who may change the register and the files can write a whole new ledger
      that fits. Only a hash that is kept elsewhere shows that.

      EXIT CODES
        0 all fits, 1 something differs, 69 the directory could not be read,
        66 no line of the ledger has that hash, 75 something could not be told yet

      EXAMPLE
        buzon verify
        buzon verify --since 5f3c...
      """)

  @OptionGroup var common: CommonOptions
  @Option(help: ArgumentHelp("A hash of the ledger that was written down.", valueName: "hash"))
  var since: String?
  @Flag(help: "Print as JSON.")
  var json = false

  func validate() throws {
    guard let since else { return }
    guard since.utf8.count == 64, since.utf8.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit }) else {
      throw ValidationError("--since takes the 64 hexadecimal digits of a hash")
    }
  }

  func run() async throws {
    let configuration = try common.configuration()
    let register = try common.register(configuration)
    let progress = Progress()
    let found: Verification
    do {
      found = try await Verifier(configuration, register).run(since: since?.lowercased()) { check, count in
        progress.show("Verifying \(check.rawValue) \(count)")
      }
    } catch is Verifier.UnknownHash {
      throw Failure(
        "no line of the ledger has that hash: the register was replaced by another or an older one, or the hash is mistyped",
        .noInput)
    }
    if json { try Console.output(Self.json(found)) } else { try print(found, configuration.zone()) }
    if found.differs { throw ExitCode.someFailed }
    if found.isUnread {
      let isDirectory = found.results.contains {
        if case .unread = $0.result { $0.check == .directory } else { false }
      }
      throw isDirectory ? ExitCode.unavailable : .tryAgain
    }
  }

  /// Where the results begin: Spanish names are longer.
  private static let column = MessageLanguage.ofProcess == .english ? 11 : 13

  private func print(_ found: Verification, _ zone: Zone) throws {
    for (check, result) in found.results {
      let name = Cells.padded(translated(check.rawValue, of: "check"), to: Self.column)
      switch result {
      case .fits(let count, let pending):
        let rest = pending > 0 ? ", " + translated("and \(pending) not written yet") : ""
        try Console.print(name + translated("fits: \(count)") + rest)
      case .differs(let what, let meaning):
        try Console.print("\(name)\(translated("DIFFERS:")) \(displayed(translated(what).utf8))")
        try Console.print(Cells.padded("", to: Self.column) + displayed(translated(meaning).utf8))
      case .unread(let why): try Console.print("\(name)\(translated("not told:")) \(displayed(translated(why).utf8))")
      }
    }
    if let since = found.since {
      try Console.say("that hash is line \(since.sequence), of \(zone.dateAndTime(at: since.at))")
    }
    if let head = found.head { try Console.print("\(translated("head: line \(head.sequence)"))\n\(head.hash)") }
  }

  private static func json(_ found: Verification) -> [UInt8] {
    JSONWriter.document { json in
      json.field("checks", objects: found.results) { json, result in
        json.field("check", result.check.rawValue)
        switch result.result {
        case .fits(let count, let pending):
          json.field("result", "fits")
          json.field("count", count)
          json.field("pending", pending)
        case .differs(let what, let meaning):
          json.field("result", "differs")
          json.field("what", what)
          json.field("meaning", meaning)
        case .unread(let why):
          json.field("result", "unread")
          json.field("why", why)
        }
      }
      json.key("head")
      json.object { json in
        json.field("sequence", found.head?.sequence)
        json.field("hash", found.head?.hash)
      }
      if let since = found.since {
        json.key("since")
        json.object { json in
          json.field("sequence", since.sequence)
          json.field("at", since.at)
        }
      }
    }
  }
}
