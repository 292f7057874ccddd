public import Files
import Glibc

/// A time zone of the tz database, e.g. `America/Bogota`: what YEAR and printed dates follow.
///
/// Read once from its TZif file (RFC 9636), then a lookup among its transitions, safe on any thread; localtime_r(3)
/// knows only the process's one zone.
public struct Zone: Sendable {
  /// Why a zone can't be used.
  public enum Failure: Error, Sendable, Hashable, CustomStringConvertible {
    /// There is no such zone, or it can't be read.
    case unknown(name: String, cause: FileError?)
    /// It could not be read just now, or the caller may not read it.
    case unreadable(name: String, cause: FileError)
    /// Its file isn't what it should be.
    case damaged(name: String, reason: String)

    /// One line.
    public var description: String {
      switch self {
      case .unknown(let name, let cause):
        "time zone \(displayed(name.utf8)) is not known" + (cause.map { ": \($0)" } ?? "")
      case .unreadable(let name, let cause): "time zone \(displayed(name.utf8)) can't be read: \(cause)"
      case .damaged(let name, let reason): "time zone \(displayed(name.utf8)): \(reason)"
      }
    }

    /// What a person can do about it.
    public var remedy: String {
      if case .unreadable(_, let cause) = self { return cause.remedy ?? "see the error" }
      return "use a name from /usr/share/zoneinfo (package tzdata), e.g. America/Bogota"
    }
  }

  /// The name in the tz database.
  public let name: String
  private let transitions: Transitions

  /// Reads a zone. `UTC` needs no file.
  ///
  /// - Throws: ``Failure``.
  public init(_ name: String, database: String = "/usr/share/zoneinfo") throws(Failure) {
    self.name = name
    guard name != "UTC" else {
      transitions = .utc
      return
    }
    let bytes = try Self.read(name, database: database)
    do throws(TZifError) {
      transitions = try Transitions(tzif: bytes)
    } catch {
      throw .damaged(name: name, reason: error.reason)
    }
  }

  /// Coordinated Universal Time.
  public static let utc = Zone()

  private init() {
    name = "UTC"
    transitions = .utc
  }

  /// Seconds east of UTC at a moment: -18000 in Bogotá.
  public func offset(at time: Timestamp) -> Int { transitions.offset(at: time.seconds) }

  /// The date on the calendar there at a moment.
  public func date(at time: Timestamp) -> CivilDate { local(time).date }

  /// The year on the calendar there at a moment: YEAR in the folders of the records.
  public func year(at time: Timestamp) -> Int { local(time).date.year }

  /// Date and time of day there, e.g. `2026-11-22 06:05`.
  public func dateAndTime(at time: Timestamp) -> String {
    let (date, second) = local(time)
    var bytes: [UInt8] = []
    bytes.appendDecimal(date.year, digits: 4)
    bytes.append(UInt8(ascii: "-"))
    bytes.appendDecimal(date.month, digits: 2)
    bytes.append(UInt8(ascii: "-"))
    bytes.appendDecimal(date.day, digits: 2)
    bytes.append(UInt8(ascii: " "))
    bytes.appendDecimal(second / 3600, digits: 2)
    bytes.append(UInt8(ascii: ":"))
    bytes.appendDecimal(second / 60 % 60, digits: 2)
    return String(decoding: bytes, as: UTF8.self)
  }

  private func local(_ time: Timestamp) -> (date: CivilDate, second: Int) {
    let (day, second) = (Int(time.seconds) + offset(at: time)).flooredDivided(by: 86_400)
    return (CivilDate(daysSince1970: day), second)
  }

  private static func read(_ name: String, database: String) throws(Failure) -> [UInt8] {
    // Only names within the database: each part is a plain file name.
    let parts = name.split(separator: "/", omittingEmptySubsequences: false).compactMap { FileName($0) }
    guard let last = parts.last, name.utf8.count == parts.reduce(parts.count - 1, { $0 + $1.count }) else {
      throw .unknown(name: name, cause: nil)
    }
    do throws(FileError) {
      var folder = try Directory(database)
      for part in parts.dropLast() {
        guard let next = try folder.folder(part) else {
          throw FileError(call: "open", path: folder.shown(part), code: ENOENT)
        }
        folder = next
      }
      return try folder.read(last, limit: 1 << 20)
    } catch {
      throw error.isOfName ? .unknown(name: name, cause: error) : .unreadable(name: name, cause: error)
    }
  }
}
