import Sandbox

/// One table of one run: all contenders with the same entries, round by round.
struct Comparison {
  private let arguments: Arguments

  init(_ arguments: Arguments) { self.arguments = arguments }

  func run() throws {
    let programs = try Programs()
    let place = try Place(below: arguments.place)
    defer { place.remove() }
    let course = Course(programs: programs, place: place, count: arguments.forms)
    say("\(arguments.forms) creates, \(arguments.rounds) rounds; each measurement on an empty, durable directory")
    say(try machine(place))
    // Also warms up what is read from the disk.
    try place.withSandbox { sandbox in
      _ = try course.agent(bulk: false, sandbox)
      let count = try Entries.write(to: course.entries, from: sandbox, by: programs)
      guard count == course.count else { throw Failure(message: "\(count) entries of \(course.count) were dumped") }
    }
    var rounds: [[Contender: Measurement]] = []
    for number in 0..<arguments.rounds {
      var round: [Contender: Measurement] = [:]
      let all = Contender.allCases
      // Each round begins with another contender, so that none always follows the same one.
      for index in all.indices {
        let contender = all[(index + number) % all.count]
        let measurement = try course.run(contender)
        round[contender] = measurement
        let (wall, cpu) = (fixed(measurement.wall, 2), fixed(measurement.cpu, 2))
        progress("round \(number + 1): \(contender.name): \(wall) s, CPU \(cpu) s")
      }
      rounds.append(round)
    }
    say(table(rounds))
    say(
      """
      wall: median (smallest–largest); ratios: median of the rounds' own; CPU: of the contender's process alone
      buzon: from forms in the spool to durable records and the account list, start and end of the process included
      ldapadd: the process; C loader: from the first add to the last answer
      """)
  }

  private func table(_ rounds: [[Contender: Measurement]]) -> String {
    let count = Double(arguments.forms)
    var table = Table([
      "contender", "wall s", "adds/s", "CPU s", "µs CPU/form", "peak MiB", "slapd CPU s", "wall ÷ ldapadd",
      "wall ÷ C 64",
    ])
    for contender in Contender.allCases {
      let all = rounds.compactMap { $0[contender] }
      func ratio(to other: Contender) -> String {
        let ratios = rounds.compactMap { round in
          round[contender].flatMap { mine in round[other].map { mine.wall / $0.wall } }
        }
        return fixed(ratios.median, 2)
      }
      let walls = all.map(\.wall)
      let cpu = all.map(\.cpu).median
      let peak = fixed(all.map { Double($0.peak) }.median / 1_048_576, 0)
      table.add([
        contender.name,
        "\(fixed(walls.median, 2)) (\(fixed(walls.min() ?? .nan, 2))–\(fixed(walls.max() ?? .nan, 2)))",
        fixed(count / walls.median, 0), fixed(cpu, 2), fixed(cpu / count * 1e6, 0),
        all.contains(where: \.isPeakFloor) ? "≤ \(peak)" : peak, fixed(all.map(\.server).median, 2),
        ratio(to: .ldapadd), ratio(to: .loader64),
      ])
    }
    return table.text
  }
}
