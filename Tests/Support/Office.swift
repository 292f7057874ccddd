public import Foundation

/// What an agent works on: a configuration, and the folders that it names. Tests look at these, and at the directory, as
/// anybody could.
public protocol Office: Sendable {
  /// `buzon.yaml`.
  var config: String { get }
  /// The spool: `incoming/`, `taken/`, `rejected/`.
  var spool: String { get }
  /// The register's folder.
  var state: String { get }
  /// Delivery records, archived forms, lists.
  var records: String { get }
}

extension Office {
  // MARK: Spool

  /// Drops a form as a careful submitter does: written beside, moved in.
  ///
  /// - Parameter modified: the file's modification time, by which waiting forms are taken; default now.
  public func drop(_ form: String, as name: String, modified: Date? = nil) throws {
    try drop(Data(form.utf8), as: name, modified: modified)
  }

  /// Drops a file with these bytes.
  public func drop(_ bytes: Data, as name: String, modified: Date? = nil) throws {
    let passing = spool + "/incoming/.\(UUID().uuidString).tmp"
    try bytes.write(to: URL(fileURLWithPath: passing))
    if let modified {
      try FileManager.default.setAttributes([.modificationDate: modified], ofItemAtPath: passing)
    }
    try moveIn(passing, as: name)
  }

  /// Moves what was made elsewhere on the same file system into the spool.
  public func moveIn(_ path: String, as name: String) throws {
    guard rename(path, spool + "/incoming/" + name) == 0 else { throw SiteError("rename \(path)") }
  }

  /// The names in a folder, sorted; empty where it isn't there.
  public func names(in folder: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
  }

  // MARK: Records

  /// Every delivery record, by number.
  public func records() throws -> [String: [String: Any]] {
    var records: [String: [String: Any]] = [:]
    for (number, path) in paths(below: "deliveries", suffix: ".json") {
      records[number] = try json(Data(contentsOf: URL(fileURLWithPath: path)))
    }
    return records
  }

  /// The delivery record of a request; `nil` where there is none (yet).
  public func record(_ number: String) throws -> JSON? {
    try paths(below: "deliveries", suffix: ".json")[number].map { try JSON(Data(contentsOf: URL(fileURLWithPath: $0))) }
  }

  /// The archived form of a request; `nil` where there is none (yet).
  public func archivedForm(_ number: String) throws -> Data? {
    try paths(below: "forms", suffix: ".yaml")[number].map { try Data(contentsOf: URL(fileURLWithPath: $0)) }
  }

  /// The files of all years in a folder of the records, by name without the suffix.
  public func paths(below folder: String, suffix: String) -> [String: String] {
    var paths: [String: String] = [:]
    let root = records + "/" + folder
    for year in names(in: root) {
      for name in names(in: root + "/" + year) where name.hasSuffix(suffix) {
        paths[String(name.dropLast(suffix.count))] = "\(root)/\(year)/\(name)"
      }
    }
    return paths
  }

  /// The corporate account list, by address; empty where there is none yet, for the directory was not read.
  public func accounts() throws -> [String: [String: Any]] {
    let path = records + "/accounts/accounts.json"
    guard FileManager.default.fileExists(atPath: path) else { return [:] }
    let list = try json(Data(contentsOf: URL(fileURLWithPath: path)))
    var accounts: [String: [String: Any]] = [:]
    for account in list["accounts"] as? [[String: Any]] ?? [] {
      accounts[account["address"] as? String ?? ""] = account
    }
    return accounts
  }

  /// The list's row of an address; `nil` where it has none (yet).
  public func listed(_ address: String) throws -> JSON? {
    let path = records + "/accounts/accounts.json"
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    return try JSON(Data(contentsOf: URL(fileURLWithPath: path)))["accounts"].array
      .first { $0["address"].text == address }
  }

  // MARK: Programs

  /// Runs `buzon` with this configuration to its end, blocking.
  @discardableResult
  public func buzon(_ arguments: String..., environment: [String: String] = [:]) throws -> Outcome {
    try Outcome(of: start(arguments, environment: environment))
  }

  /// Starts `buzon` with this configuration.
  public func start(_ arguments: [String], environment: [String: String] = [:]) throws -> Program {
    var environment = environment
    environment["BUZON_CONFIG"] = config
    return try Program(Program.built("buzon"), arguments, environment: environment)
  }

  /// Runs `buzon` with this configuration to its end, letting other tests go on meanwhile.
  public func run(
    _ arguments: String..., environment: [String: String] = [:], atMost bound: Duration = .seconds(300)
  ) async throws -> Outcome {
    try await start(arguments, environment: environment).outcome(atMost: bound)
  }

  /// What a command prints with `--json`.
  public func answer(_ arguments: String...) async throws -> JSON {
    try await JSON(start(arguments + ["--json"]).outcome().output)
  }
}
