import Sandbox

/// Many forms dropped at once, and one form of many changes: both finish, and twice the work takes twice the CPU.
struct Volume {
  private let arguments: Arguments

  init(_ arguments: Arguments) { self.arguments = arguments }

  func run() throws {
    let programs = try Programs()
    let place = try Place(below: arguments.place)
    defer { place.remove() }
    say("\(arguments.forms) creates at once, and parts of it; each measurement on an empty, durable directory")
    say(try machine(place))
    var table = Table(["changes", "as", "seconds", "µs/change", "CPU s", "µs CPU/change", "peak MiB", "slapd CPU s"])
    var growths: [String] = []
    var isQuadratic = false
    for isBulk in [false, true] {
      var costs: [Double] = []
      for count in [arguments.forms / 4, arguments.forms / 2, arguments.forms] {
        let course = Course(programs: programs, place: place, count: count)
        let measurement = try course.run(isBulk ? .agentBulk : .agent)
        let changes = Double(count)
        costs.append(measurement.cpu / changes)
        let peak = fixed(Double(measurement.peak) / 1_048_576, 0)
        table.add([
          String(count), isBulk ? "one bulk form" : "a form each", fixed(measurement.wall, 2),
          fixed(measurement.wall / changes * 1e6, 0), fixed(measurement.cpu, 2),
          fixed(measurement.cpu / changes * 1e6, 0), measurement.isPeakFloor ? "≤ \(peak)" : peak,
          fixed(measurement.server, 2),
        ])
        progress("\(count) \(isBulk ? "in one form" : "forms"): \(fixed(measurement.wall, 2)) s")
      }
      // A quadratic step would come to four times as much. CPU and not wall, for the disk's pace changes in between.
      let growth = costs[2] / costs[0]
      if growth > 2 { isQuadratic = true }
      growths.append("\(isBulk ? "one bulk form" : "a form each") ×\(fixed(growth, 2))")
    }
    say(table.text)
    say("CPU a change, four times as many changes: \(growths.joined(separator: ", ")) (quadratic would be ×4)")
    if isQuadratic { throw Failure(message: "the CPU time of a change grows with their number") }
  }
}
