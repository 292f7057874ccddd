/// A time zone of the tz database, e.g. `America/Bogota`: what YEAR and printed dates follow.
///
/// Made once from its TZif file (RFC 9636), then a lookup among its transitions, safe on any thread; localtime_r(3) knows
/// only the process's one zone, and ICU's copy of the database is not the one that Debian keeps up to date.
public struct Zone: Sendable {
  /// The name in the tz database.
  public let name: String
  private let transitions: Transitions

  /// - Parameter tzif: what the zone's file holds.
  /// - Throws: ``TZifError``.
  public init(_ name: String, tzif: [UInt8]) throws(TZifError) {
    self.name = name
    transitions = try Transitions(tzif: tzif)
  }

  /// Coordinated Universal Time.
  public static let utc = Zone.fixed("UTC", offset: 0)

  private init(_ name: String, _ transitions: Transitions) {
    self.name = name
    self.transitions = transitions
  }

  /// One that has had the same offset at all times.
  ///
  /// - Parameter offset: seconds east of UTC.
  public static func fixed(_ name: String, offset: Int32) -> Zone {
    Zone(name, Transitions(times: [], offsets: [], first: offset, rule: nil))
  }

  /// Seconds east of UTC at a moment: -18000 in Bogotá.
  public func offset(at time: Timestamp) -> Int { transitions.offset(at: time.seconds) }

  /// The day on the calendar there at a moment; beyond the years 1 to 9999 the first or the last.
  public func day(at time: Timestamp) -> Day { local(time).day }

  /// The year on the calendar there at a moment: YEAR in the folders of the records.
  public func year(at time: Timestamp) -> Int { local(time).day.year }

  /// The last second of a day there, seconds since 1970 UTC; the offset is the one in force then.
  public func end(of day: Day) -> Int64 {
    let end = Int64(day.daysSince1970) * 86_400 + 86_399
    return end - Int64(offset(at: Timestamp(seconds: end)))
  }

  /// The first moment of a day there.
  public func beginning(of day: Day) -> Timestamp {
    let midnight = Int64(day.daysSince1970) * 86_400
    // The offset that is in force then: once more, for the first guess may lie on the other side of a change.
    let guess = midnight - Int64(offset(at: Timestamp(seconds: midnight)))
    return Timestamp(seconds: midnight - Int64(offset(at: Timestamp(seconds: guess))))
  }

  /// Date and time of day there, e.g. `2026-11-22 06:05`.
  public func dateAndTime(at time: Timestamp) -> String {
    let (day, second) = local(time)
    var bytes: [UInt8] = []
    bytes.append(day)
    bytes.append(UInt8(ascii: " "))
    bytes.appendTime(second)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Date and time of day there with the offset, e.g. `2026-11-22 06:05 UTC-05:00`; in UTC `2026-11-22 11:05 UTC`.
  public func timeAndOffset(at time: Timestamp) -> String {
    let offset = offset(at: time)
    if offset == 0 { return dateAndTime(at: time) + " UTC" }
    var bytes: [UInt8] = []
    bytes.appendTime(abs(offset))
    return dateAndTime(at: time) + " UTC\(offset < 0 ? "-" : "+")\(String(decoding: bytes, as: UTF8.self))"
  }

  /// Date and time of day there with the zone, e.g. `2026-11-22 06:05 (America/Bogota, UTC-05:00)`; in UTC
  /// `2026-11-22 11:05 UTC`.
  public func timeAndZone(at time: Timestamp) -> String {
    if name == "UTC" { return dateAndTime(at: time) + " UTC" }
    let offset = offset(at: time)
    var bytes: [UInt8] = []
    bytes.appendTime(abs(offset))
    let shift = String(decoding: bytes, as: UTF8.self)
    return dateAndTime(at: time) + " (\(name), UTC\(offset < 0 ? "-" : "+")\(shift))"
  }

  private func local(_ time: Timestamp) -> (day: Day, second: Int) {
    let (day, second) = (Int(time.seconds) + offset(at: time)).flooredDivided(by: 86_400)
    return (Day(nearest: day), second)
  }
}
