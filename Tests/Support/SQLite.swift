public import Foundation

/// Looks into the register by the system's own SQLite, not by the product's code.
public struct SQLite {
  public enum Value: Sendable, Hashable {
    case null
    case integer(Int64)
    case text(String)
    case blob(Data)

    public var text: String? { if case .text(let text) = self { text } else { nil } }
    public var blob: Data? { if case .blob(let data) = self { data } else { nil } }
    public var integer: Int64? { if case .integer(let number) = self { number } else { nil } }
  }

  /// The rows of a query, by column.
  public static func rows(_ path: String, _ query: String) throws -> [[String: Value]] {
    let library = try Library()
    var database: OpaquePointer?
    let readOnly: Int32 = 1
    defer { _ = library.close(database) }
    guard library.open(path, &database, readOnly, nil) == 0 else { throw SiteError("\(path) can't be opened") }
    _ = library.busyTimeout(database, 10_000)
    var statement: OpaquePointer?
    defer { _ = library.finalize(statement) }
    guard library.prepare(database, query, -1, &statement, nil) == 0 else { throw SiteError("can't prepare \(query)") }
    var rows: [[String: Value]] = []
    while true {
      switch library.step(statement) {
      case 100:
        var row: [String: Value] = [:]
        for column in 0..<library.columnCount(statement) {
          let name = library.columnName(statement, column).map { String(cString: $0) } ?? ""
          row[name] = library.value(statement, column)
        }
        rows.append(row)
      case 101: return rows
      case let code: throw SiteError("SQLite \(code): \(query)")
      }
    }
  }

  /// libsqlite3, found at run time: the tests need no target of their own for it.
  private struct Library {
    typealias Handle = OpaquePointer?
    let open: @convention(c) (UnsafePointer<CChar>, UnsafeMutablePointer<Handle>, Int32, UnsafePointer<CChar>?) -> Int32
    let close: @convention(c) (Handle) -> Int32
    let busyTimeout: @convention(c) (Handle, Int32) -> Int32
    let prepare:
      @convention(c) (
        Handle, UnsafePointer<CChar>, Int32, UnsafeMutablePointer<Handle>, UnsafeMutablePointer<UnsafePointer<CChar>?>?
      ) -> Int32
    let step: @convention(c) (Handle) -> Int32
    let finalize: @convention(c) (Handle) -> Int32
    let columnCount: @convention(c) (Handle) -> Int32
    let columnName: @convention(c) (Handle, Int32) -> UnsafePointer<CChar>?
    let columnType: @convention(c) (Handle, Int32) -> Int32
    let columnInteger: @convention(c) (Handle, Int32) -> Int64
    let columnBlob: @convention(c) (Handle, Int32) -> UnsafeRawPointer?
    let columnBytes: @convention(c) (Handle, Int32) -> Int32

    init() throws {
      guard let library = dlopen("libsqlite3.so.0", RTLD_NOW) else { throw SiteError("no libsqlite3") }
      func find<Function>(_ name: String) throws -> Function {
        guard let symbol = dlsym(library, "sqlite3_" + name) else { throw SiteError("no sqlite3_\(name)") }
        // The types above are those of sqlite3.h.
        return unsafeBitCast(symbol, to: Function.self)
      }
      open = try find("open_v2")
      close = try find("close_v2")
      busyTimeout = try find("busy_timeout")
      prepare = try find("prepare_v2")
      step = try find("step")
      finalize = try find("finalize")
      columnCount = try find("column_count")
      columnName = try find("column_name")
      columnType = try find("column_type")
      columnInteger = try find("column_int64")
      columnBlob = try find("column_blob")
      columnBytes = try find("column_bytes")
    }

    func value(_ statement: OpaquePointer?, _ column: Int32) -> Value {
      var bytes: Data {
        guard let start = columnBlob(statement, column) else { return Data() }
        return Data(bytes: start, count: Int(columnBytes(statement, column)))
      }
      return switch columnType(statement, column) {
      case 1: .integer(columnInteger(statement, column))
      case 3: .text(String(decoding: bytes, as: UTF8.self))
      case 4: .blob(bytes)
      default: .null
      }
    }
  }
}
