public import Configuration
internal import Files
internal import Forms
internal import Installation
internal import Records
internal import Text

/// The files below the records and in the spool that are about a person, and copies of the register that Buzón made.
public struct PersonFiles: Sendable {
  /// A rejected file may have so many bytes, and no more of it is read.
  private static let longest = 256 << 20

  /// The archived form, its signature, the record and its page, as far as they are there.
  public private(set) var records: [String] = []
  /// Files in the spool's `rejected/` that hold the address or the number.
  public private(set) var rejected: [String] = []
  /// Registers that a restore set aside: they hold what the register held then.
  public private(set) var copies: [String] = []
  /// What could not be read, a line each.
  public private(set) var unread: [String] = []

  /// Looks for the files of requests, and for texts in rejected files.
  ///
  /// - Parameter texts: in whatever letter case.
  public init(_ configuration: Configuration, requests: [(number: String, received: Int64)], texts: [String]) throws {
    let zone = try RecordStyle(configuration).zone
    for request in requests {
      find(request.number, year: zone.year(at: Timestamp(milliseconds: request.received)), in: configuration.records)
    }
    search(configuration.spool + "/rejected", for: texts.map { Array($0.lowercased().utf8) })
    findCopies(in: configuration.state)
  }

  private mutating func find(_ number: String, year: Int, in root: String) {
    guard let names = RecordNames(number: number) else { return }
    for (folder, name) in [
      ("forms", names.form), ("forms", names.signature), ("deliveries", names.delivery), ("deliveries", names.page),
    ] {
      for other in year - 1...year + 1 {
        let path = "\(root)/\(folder)/\(other)"
        do {
          if try Directory(path).stat(name) != nil { records.append("\(path)/\(name)") }
        } catch let error where error.isOfName {
          continue
        } catch {
          unread.append("\(error)")
        }
      }
    }
  }

  private mutating func search(_ path: String, for texts: [[UInt8]]) {
    do {
      let folder = try Directory(path)
      for name in try folder.names() {
        guard try folder.stat(name)?.kind == .regular else { continue }
        do {
          let bytes = try folder.read(name, limit: Self.longest).map { 0x41...0x5A ~= $0 ? $0 | 0x20 : $0 }
          if texts.contains(where: { bytes.firstRange(of: $0) != nil }) { rejected.append("\(path)/\(name)") }
        } catch {
          unread.append("\(error)")
        }
      }
    } catch {
      unread.append("\(error)")
    }
  }

  private mutating func findCopies(in state: String) {
    do {
      copies = try Directory(state).names().filter { $0.bytes.starts(with: Self.aside) }.map { "\(state)/\($0)" }
        .sorted()
    } catch {
      unread.append("\(error)")
    }
  }

  private static let aside = Array("register.sqlite.before-restore-".utf8)
}
