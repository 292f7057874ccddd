extension Zone {
  /// Date and time of day there with the zone, e.g. `2026-11-22 06:05 (America/Bogota, UTC-05:00)`; in UTC
  /// `2026-11-22 11:05 UTC`.
  public func timeAndZone(at time: Timestamp) -> String {
    if name == "UTC" { return dateAndTime(at: time) + " UTC" }
    let minutes = offset(at: time) / 60
    var bytes: [UInt8] = Array(dateAndTime(at: time).utf8) + Array(" (\(name), UTC\(minutes < 0 ? "-" : "+")".utf8)
    bytes.appendDecimal(abs(minutes) / 60, digits: 2)
    bytes.append(UInt8(ascii: ":"))
    bytes.appendDecimal(abs(minutes) % 60, digits: 2)
    bytes.append(UInt8(ascii: ")"))
    return String(decoding: bytes, as: UTF8.self)
  }
}
