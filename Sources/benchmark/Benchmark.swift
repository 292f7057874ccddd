import Glibc

/// Measures the agent against what the directory gives to others: `ldapadd` and a bare C loader.
///
/// Every measurement has a directory of its own that begins empty; the contenders of a round run one after the other,
/// and only figures of one round are compared, for the absolute ones drift by a factor of two between runs.
@main
enum Benchmark {
  static func main() {
    Interruption.watch()
    do {
      let arguments = try Arguments(CommandLine.arguments.dropFirst())
      switch arguments.command {
      case .compare: try Comparison(arguments).run()
      case .volume: try Volume(arguments).run()
      case .forms:
        let folder = arguments.out
        try makeFolder(folder)
        for form in SampleForm.forms(arguments.forms, bulk: arguments.bulk, domain: arguments.domain) {
          try form.write(in: folder)
        }
      case .help: say(Arguments.usage)
      }
    } catch let failure as Failure {
      complain(failure.message)
      exit(failure.code)
    } catch {
      complain("\(error)")
      exit(1)
    }
  }
}

/// What ends the benchmark.
struct Failure: Error {
  var message: String
  /// As sysexits(3) has it.
  var code: Int32 = 1
}
