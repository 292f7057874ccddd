internal import Text

extension Timestamp {
  /// How long it was from here to a later moment, by its two largest units, e.g. `3 d 4 h`, `35 min`, `12 s`; a moment
  /// before counts as none. The units are those of the configuration, the same in each language.
  func age(until later: Timestamp) -> String {
    let seconds = max(0, later.seconds - seconds)
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60)
    func two(_ large: String, _ small: Int64, _ unit: String) -> String {
      small == 0 ? large : "\(large) \(small) \(unit)"
    }
    if days > 0 { return two("\(days) d", hours, "h") }
    if hours > 0 { return two("\(hours) h", minutes, "min") }
    return minutes > 0 ? "\(minutes) min" : "\(seconds) s"
  }
}
