import Files
import Records
import Support
import Testing

@Suite("Where records stand")
struct RecordFoldersTests {
  @Test("Forms and deliveries stand by year, the lists in accounts, with their modes")
  func places() throws {
    let scratch = try Scratch()
    var folders = try RecordFolders("\(scratch.path)/records")
    let names = try #require(RecordNames(number: "2026-0142"))
    var batch = DurableBatch(folders.temporary)
    for year in [2025, 2026, 2025] {
      try batch.add([0x61], as: names.form, in: try folders.forms(year: year), mode: RecordFolders.fileMode)
      try batch.add([0x62], as: names.delivery, in: try folders.deliveries(year: year), mode: RecordFolders.fileMode)
    }
    try batch.commit()
    for year in [2025, 2026] {
      #expect(try scratch.read("records/forms/\(year)/\(names.form)") == [0x61])
      #expect(try scratch.read("records/deliveries/\(year)/\(names.delivery)") == [0x62])
      #expect(scratch.mode("records/forms/\(year)/2026-0142.yaml") == 0o640)
      #expect(scratch.mode("records/deliveries/\(year)/2026-0142.json") == 0o640)
      #expect(scratch.mode("records/forms/\(year)") == 0o750)
    }
    for (folder, mode) in [("records", 0o750), ("records/forms", 0o750), ("records/.tmp", 0o700)] as [(String, UInt32)]
    {
      #expect(scratch.mode(folder) == mode)
    }
  }

  @Test("A request's files are called after its number")
  func names() throws {
    let names = try #require(RecordNames(number: "A.b_c-1"))
    #expect(names.form == "A.b_c-1.yaml")
    #expect(names.signature == "A.b_c-1.yaml.sig")
    #expect(names.delivery == "A.b_c-1.json")
    #expect(names.page == "A.b_c-1.html")
    #expect(RecordNames(number: "../x") == nil)
    #expect(RecordNames(number: String(repeating: "9", count: 64)) != nil)
  }

  @Test("Both lists appear together when they are finished, and not before")
  func lists() throws {
    let scratch = try Scratch()
    var folders = try RecordFolders("\(scratch.path)/records")
    var lists = try AccountLists(in: &folders)
    for index in 0..<3000 {
      try lists.append(
        AccountRow(address: "a\(index)@example.org", kind: "person", name: "Ana", status: "active", aliases: ["=x"]))
    }
    #expect(try folders.accounts().names() == [])
    try lists.finish()
    #expect(try folders.accounts().names() == [RecordNames.accountsCSV, RecordNames.accountsJSON])
    #expect(scratch.mode("records/accounts/accounts.csv") == 0o640)
    let csv = String(decoding: try scratch.read("records/accounts/accounts.csv"), as: UTF8.self)
    #expect(csv.utf8.split(separator: 0x0A).count == 3001)
    #expect(csv.utf8.starts(with: "address,kind,name,".utf8))
    let json = try scratch.read("records/accounts/accounts.json")
    #expect(json.split(separator: 0x0A).count == 3002)
    #expect(try folders.temporary.directory.names() == [])
  }

  @Test("Lists that are given up leave the old ones as they were")
  func givenUp() throws {
    let scratch = try Scratch()
    var folders = try RecordFolders("\(scratch.path)/records")
    try AccountLists(in: &folders).finish()
    let before = try scratch.read("records/accounts/accounts.json")
    do {
      var lists = try AccountLists(in: &folders)
      try lists.append(AccountRow(address: "a@example.org", kind: "person", name: "Ana", status: "active"))
    }
    #expect(try scratch.read("records/accounts/accounts.json") == before)
    #expect(try folders.temporary.directory.names() == [])
  }
}
