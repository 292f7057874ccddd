internal import ArgumentParser

/// How long to wait, as an argument: `10min`, `90s`, `500 ms`; the units are the configuration's.
struct WaitTime: ExpressibleByArgument {
  private static let units: [(name: String, length: Duration)] = [
    ("ms", .milliseconds(1)), ("s", .seconds(1)), ("min", .seconds(60)), ("h", .seconds(3_600)),
    ("d", .seconds(86_400)),
  ]

  let duration: Duration
  private let text: String

  init?(argument: String) {
    let digits = argument.utf8.prefix { (0x30...0x39).contains($0) }
    let rest = argument.utf8[digits.endIndex...].drop { $0 == 0x20 }
    guard (1...9).contains(digits.count), let number = Int(Substring(digits)),
      let unit = Self.units.first(where: { $0.name.utf8.elementsEqual(rest) })
    else { return nil }
    duration = unit.length * number
    text = argument
  }

  var defaultValueDescription: String { text }
}
