import Files
import Glibc
import Support
import Testing
import Text

@Suite("Times and zones")
struct TimeTests {
  @Test(
    "RFC 3339 in UTC, rounded down to the second",
    arguments: [
      (0, "1970-01-01T00:00:00Z"), (1_795_345_523_999, "2026-11-22T11:05:23Z"), (-1, "1969-12-31T23:59:59Z"),
      (951_782_400_000, "2000-02-29T00:00:00Z"), (4_107_542_400_000, "2100-03-01T00:00:00Z"),
      (253_402_300_799_999, "9999-12-31T23:59:59Z"), (253_402_300_800_000, "9999-12-31T23:59:59Z"),
      (-62_167_219_200_000, "0001-01-01T00:00:00Z"), (Int64.min, "0001-01-01T00:00:00Z"),
      (Int64.max, "9999-12-31T23:59:59Z"),
    ] as [(Int64, String)])
  func rfc3339(milliseconds: Int64, expected: String) {
    #expect(Timestamp(milliseconds: milliseconds).rfc3339 == expected)
  }

  @Test("Days and dates agree with the C library, over 4,000 years")
  func civilDates() {
    for day in stride(from: -719_000, through: 900_000, by: 97) {
      var second = time_t(day) * 86_400
      var parts = tm()
      gmtime_r(&second, &parts)
      let date = Day(daysSince1970: day)
      #expect(date == Day(year: Int(parts.tm_year) + 1900, month: Int(parts.tm_mon) + 1, day: Int(parts.tm_mday)))
      #expect(date?.daysSince1970 == day)
    }
  }

  @Test("Seconds that milliseconds can't hold are the nearest", arguments: [Int64.min, Int64.max])
  func extremes(second: Int64) {
    #expect(Timestamp(seconds: second).rfc3339 == (second < 0 ? "0001-01-01T00:00:00Z" : "9999-12-31T23:59:59Z"))
    #expect(Zone.utc.year(at: Timestamp(seconds: second)) != 0)
  }

  @Test("The clock is the system's")
  func now() {
    #expect(abs(Timestamp.now().seconds - Int64(time(nil))) <= 1)
  }

  @Test(
    "The year follows the zone, not UTC",
    arguments: [
      ("America/Bogota", "2026-01-01T04:59:59Z", 1_767_243_599, 2025),
      ("America/Bogota", "2026-01-01T05:00:00Z", 1_767_243_600, 2026),
      ("UTC", "2025-12-31T23:59:59Z", 1_767_225_599, 2025),
      ("UTC", "2026-01-01T00:00:00Z", 1_767_225_600, 2026),
      ("Pacific/Kiritimati", "2025-12-31T10:00:00Z", 1_767_175_200, 2026),
    ] as [(String, String, Int64, Int)])
  func years(name: String, moment: String, second: Int64, year: Int) throws {
    #expect(Timestamp(seconds: second).rfc3339 == moment)
    #expect(try Zone(name).year(at: Timestamp(seconds: second)) == year)
  }

  @Test("Date and time of day are the zone's")
  func local() throws {
    let zone = try Zone("America/Bogota")
    #expect(zone.dateAndTime(at: Timestamp(seconds: 1_795_345_523)) == "2026-11-22 06:05")
    #expect(zone.timeAndOffset(at: Timestamp(seconds: 1_795_345_523)) == "2026-11-22 06:05 UTC-05:00")
    #expect(Zone.utc.timeAndOffset(at: Timestamp(seconds: 1_795_345_523)) == "2026-11-22 11:05 UTC")
    #expect(zone.day(at: Timestamp(seconds: 1_795_345_523)) == Day(year: 2026, month: 11, day: 22))
  }

  @Test(
    "A zone that isn't one is refused, and nothing outside the database is read",
    arguments: [
      "", "Nowhere/Town", "../../etc/passwd", "/etc/passwd", "America", "America/", "America//Bogota", "a\0b",
    ])
  func unknown(name: String) {
    let failure = #expect(throws: Zone.Failure.self) { try Zone(name) }
    #expect(failure?.description.contains("time zone") == true)
  }

  @Test("A file that is no time zone is refused with the reason", arguments: damagedFiles)
  func damaged(name: String, bytes: [UInt8]) throws {
    let scratch = try Scratch()
    try scratch.write(bytes, to: "Zone")
    let failure = #expect(throws: Zone.Failure.self) { try Zone("Zone", database: scratch.path) }
    guard case .damaged = failure else {
      Issue.record("\(String(describing: failure))")
      return
    }
  }

  static let damagedFiles: [(String, [UInt8])] = [
    ("empty", []),
    ("other", Array("root:x:0:0".utf8)),
    ("version 1", tzif(version: 0)),
    ("cut short", Array(tzif().dropLast(8))),
    ("leap seconds", tzif(leaps: 1)),
    ("no offset", tzif(types: 0)),
    ("enormous count", tzif(times: 0xFFFF_FFFF)),
    ("no footer", Array(tzif(rule: "").dropLast(2))),
    ("daylight saving time without a rule", tzif(rule: "EST5EDT")),
    ("rule of nonsense", tzif(rule: "EST5EDT,M13.1.0,M11.1.0")),
  ]

  @Test(
    "The rule behind the last transition is followed, in every form that POSIX knows",
    arguments: [
      ("fixed", "<-05>5", 0, -18_000), ("east", "<+0530>-5:30", 0, 19_800), ("seconds", "LMT4:56:16", 0, -17_776),
      // 2026-03-08T07:00:00Z and 2026-11-01T06:00:00Z
      ("before spring", "EST5EDT,M3.2.0,M11.1.0", 1_772_953_199, -18_000),
      ("spring", "EST5EDT,M3.2.0,M11.1.0", 1_772_953_200, -14_400),
      ("before autumn", "EST5EDT,M3.2.0,M11.1.0", 1_793_512_799, -14_400),
      ("autumn", "EST5EDT,M3.2.0,M11.1.0", 1_793_512_800, -18_000),
      // Daylight saving time over the turn of the year: 2026-01-01.
      ("southern summer", "NZST-12NZDT,M9.5.0,M4.1.0/3", 1_767_225_600, 46_800),
      // 2026-07-01
      ("southern winter", "NZST-12NZDT,M9.5.0,M4.1.0/3", 1_782_864_000, 43_200),
      ("half an hour", "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", 1_767_225_600, 39_600),
      // Dublin: winter time is the one that is counted as saving.
      ("negative saving", "IST-1GMT0,M10.5.0,M3.5.0/1", 1_767_225_600, 0),
      ("negative saving, summer", "IST-1GMT0,M10.5.0,M3.5.0/1", 1_782_864_000, 3600),
      // 2024 is a leap year: J60 is 1 March, day 59 from 0 is 29 February.
      ("Julian, before", "AAA0BBB,J60/0,J300/0", 1_709_251_199, 0),
      ("Julian", "AAA0BBB,J60/0,J300/0", 1_709_251_200, 3600),
      ("counted from 0, before", "AAA0BBB,59/0,300/0", 1_709_164_799, 0),
      ("counted from 0", "AAA0BBB,59/0,300/0", 1_709_164_800, 3600),
      ("always", "XXX3EDT4,0/0,J365/23", 1_782_864_000, -14_400),
      ("negative hour, before", "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", 1_774_745_999, -7200),
      ("negative hour", "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", 1_774_746_000, -3600),
    ] as [(String, String, Int64, Int)])
  func rules(name: String, rule: String, second: Int64, offset: Int) throws {
    let scratch = try Scratch()
    try scratch.write(Self.tzif(rule: rule), to: "Zone")
    #expect(try Zone("Zone", database: scratch.path).offset(at: Timestamp(seconds: second)) == offset)
  }

  /// A file without transitions.
  static func tzif(
    version: UInt8 = 0x32, times: UInt32 = 0, leaps: UInt32 = 0, types: UInt32 = 1, rule: String = "UTC0"
  ) -> [UInt8] {
    func header(_ times: UInt32, _ leaps: UInt32, _ types: UInt32) -> [UInt8] {
      var bytes = Array("TZif".utf8) + [version] + [UInt8](repeating: 0, count: 15)
      for count in [0, 0, leaps, times, types, types == 0 ? 0 : 4] {
        bytes += withUnsafeBytes(of: count.bigEndian) { Array($0) }
      }
      return bytes
    }
    let type: [UInt8] = types == 0 ? [] : [0, 0, 0, 0, 0, 0] + Array("LMT\0".utf8)
    return header(0, 0, 1) + [0, 0, 0, 0, 0, 0] + Array("LMT\0".utf8) + header(times, leaps, types) + type
      + [UInt8](repeating: 0, count: Int(leaps) * 12) + Array("\n\(rule)\n".utf8)
  }

  @Test("All zones of the database agree with Python, from 1900 to 2200", .enabled(if: Python.isThere))
  func python() throws {
    let scratch = try Scratch()
    let database = "/usr/share/zoneinfo"
    var lines = ""
    var count = 0
    var random = RandomText(seed: 99)
    let table = try Directory(database).read("tzdata.zi", limit: 1 << 20)
    for line in table.split(separator: 0x0A) {
      let words = line.split(separator: 0x20).map { String(decoding: $0, as: UTF8.self) }
      let name = words[0] == "Z" ? words[1] : words[0] == "L" ? words[2] : nil
      guard let name, let zone = try? Zone(name) else { continue }
      count += 1
      for _ in 0..<200 {
        let second = Int64(random.number(9_467_000)) * 1000 - 2_208_988_800 + Int64(random.number(1000))
        lines += "\(name) \(second) \(zone.offset(at: Timestamp(seconds: second)))\n"
      }
    }
    #expect(count > 400)
    try scratch.write(Array(lines.utf8), to: "offsets")
    let script = """
      import datetime, zoneinfo
      zoneinfo.reset_tzpath(["\(database)"])
      epoch = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
      for line in open("offsets"):
        name, second, offset = line.split()
        moment = (epoch + datetime.timedelta(seconds=int(second))).astimezone(zoneinfo.ZoneInfo(name))
        assert moment.utcoffset().total_seconds() == int(offset), line
      """
    #expect(try Python.run(script, in: scratch) == 0)
  }
}
