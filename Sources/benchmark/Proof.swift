import Sandbox

/// That a run did what it is measured for: otherwise its figures are worth nothing, and the benchmark fails.
struct Proof {
  var programs: Programs
  /// A file to write to.
  var scratch: String

  /// The directory has this many accounts.
  func entries(_ expected: Int, in sandbox: Sandbox.Description) throws(Failure) {
    try require(try Entries.count(in: sandbox, by: programs, scratch: scratch), expected, "entries in the directory")
  }

  /// Every form has its delivery record, of which every change is applied, and the account list is whole.
  func agent(forms: Int, changes: Int, in sandbox: Sandbox.Description) throws(Failure) {
    try entries(changes, in: sandbox)
    var records = 0
    var applied = 0
    var outcomes = 0
    var bytes: [UInt8] = []
    let deliveries = sandbox.records + "/deliveries"
    for year in names(in: deliveries) {
      for name in names(in: "\(deliveries)/\(year)") where name.utf8.suffix(5).elementsEqual(".json".utf8) {
        records += 1
        try readFile("\(deliveries)/\(year)/\(name)", into: &bytes)
        outcomes += occurrences(of: "\"outcome\":", in: bytes)
        applied += occurrences(of: "\"outcome\":\"applied\"", in: bytes)
      }
    }
    try require(records, forms, "delivery records")
    // The form's own, and one a change.
    try require(outcomes, forms + changes, "outcomes in the delivery records")
    try require(applied, outcomes, "outcomes `applied`")
    var archived = 0
    let archive = sandbox.records + "/forms"
    for year in names(in: archive) { archived += names(in: "\(archive)/\(year)").count }
    try require(archived, forms, "archived forms")
    var rows = -1
    try forEachLine(of: sandbox.records + "/accounts/accounts.csv") { _ in rows += 1 }
    try require(rows, changes, "rows of accounts.csv")
    for folder in ["incoming", "taken", "rejected"] {
      try require(names(in: "\(sandbox.spool)/\(folder)").count, 0, "files left in \(folder)")
    }
  }

  private func require(_ found: Int, _ expected: Int, _ what: String) throws(Failure) {
    guard found == expected else {
      throw Failure(message: "\(what): \(found), not \(expected): the run proves nothing")
    }
  }

  private func occurrences(of text: StaticString, in bytes: [UInt8]) -> Int {
    let length = text.utf8CodeUnitCount
    guard bytes.count >= length else { return 0 }
    return text.withUTF8Buffer { pattern in
      bytes.withUnsafeBufferPointer { bytes in
        var count = 0
        for start in 0...bytes.count - length where bytes[start] == pattern[0] {
          if UnsafeBufferPointer(rebasing: bytes[start..<start + length]).elementsEqual(pattern) { count += 1 }
        }
        return count
      }
    }
  }
}
