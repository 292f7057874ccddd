/// The command line.
struct Arguments {
  enum Command: String {
    case compare
    case volume
    case forms
    case help
  }

  static let usage = """
    usage: benchmark [compare] [--forms N] [--rounds N] [--dir DIR] [--quick]
             one table: the agent against ldapadd and a bare C loader, N forms of one create each (5000), N rounds (3)
           benchmark volume [--forms N] [--dir DIR] [--quick]
             a quarter, a half and all of N forms (10000) at once, and as one bulk form: no step may be quadratic
           benchmark forms --count N --out DIR [--bulk] [--domain DOMAIN]
             writes sample forms, or one bulk form of N changes
    DIR is where the directories under test are made: on a real disk (default /var/tmp).
    """

  var command = Command.compare
  /// Forms of one create each.
  var forms = 0
  var rounds = 3
  /// Where the directories under test are made.
  var place = "/var/tmp"
  /// Where sample forms go.
  var out = ""
  var domain = "example.org"
  var bulk = false

  init(_ arguments: some Sequence<String>) throws(Failure) {
    var rest = Array(arguments)
    if let first = rest.first, let command = Command(rawValue: first) {
      self.command = command
      rest.removeFirst()
    }
    var isQuick = false
    var options = rest.makeIterator()
    while let option = options.next() {
      switch option {
      case "--forms", "--count": forms = try Self.number(option, options.next())
      case "--rounds": rounds = try Self.number(option, options.next())
      case "--dir": place = try Self.text(option, options.next())
      case "--out": out = try Self.text(option, options.next())
      case "--domain": domain = try Self.text(option, options.next())
      case "--bulk": bulk = true
      case "--quick": isQuick = true
      case "-h", "--help": command = .help
      default: throw Failure(message: "unknown argument \(option)\n\(Self.usage)", code: 64)
      }
    }
    if isQuick { rounds = 1 }
    if forms == 0 {
      switch command {
      case .compare: forms = isQuick ? 500 : 5_000
      case .volume: forms = isQuick ? 1_000 : 10_000
      case .forms: throw Failure(message: "forms needs --count\n\(Self.usage)", code: 64)
      case .help: break
      }
    }
    if command == .forms, out.isEmpty { throw Failure(message: "forms needs --out\n\(Self.usage)", code: 64) }
  }

  private static func number(_ option: String, _ value: String?) throws(Failure) -> Int {
    guard let value, let number = Int(value), 1...1_000_000 ~= number else {
      throw Failure(message: "\(option) needs a number from 1 to 1000000\n\(usage)", code: 64)
    }
    return number
  }

  private static func text(_ option: String, _ value: String?) throws(Failure) -> String {
    guard let value, !value.isEmpty else { throw Failure(message: "\(option) needs a value\n\(usage)", code: 64) }
    return value
  }
}
