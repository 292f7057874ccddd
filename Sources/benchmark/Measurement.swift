/// What one contender needed in one round.
struct Measurement {
  /// Seconds.
  var wall: Double
  /// Seconds of the contender's own process, user and system.
  var cpu: Double
  /// Largest resident set, bytes.
  var peak: Int
  /// Whether the contender may have been smaller than `peak` says.
  var isPeakFloor: Bool
  /// Seconds of slapd, user and system.
  var server: Double
}

extension [Double] {
  /// The middle one, or the mean of the two in the middle.
  var median: Double {
    let sorted = sorted()
    guard !sorted.isEmpty else { return .nan }
    let middle = sorted.count / 2
    return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
  }
}

/// A number with so many digits behind the point.
func fixed(_ number: Double, _ digits: Int) -> String {
  guard number.isFinite else { return "–" }
  var scale = 1.0
  for _ in 0..<digits { scale *= 10 }
  let scaled = Int64((abs(number) * scale).rounded())
  let sign = number < 0 && scaled > 0 ? "-" : ""
  let whole = "\(sign)\(scaled / Int64(scale))"
  if digits == 0 { return whole }
  let fraction = String(scaled % Int64(scale))
  return "\(whole).\(String(repeating: "0", count: digits - fraction.utf8.count))\(fraction)"
}
