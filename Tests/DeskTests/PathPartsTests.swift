import Testing

@testable import Desk

@Suite("A path's parts")
struct PathPartsTests {
  @Test(
    "are the folder and the name; without a folder it is the working one",
    arguments: [
      ("/etc/buzon/buzon.yaml", "/etc/buzon", "buzon.yaml"), ("/buzon.yaml", "/", "buzon.yaml"),
      ("buzon.yaml", ".", "buzon.yaml"), ("a/b", "a", "b"), ("", nil, nil), ("/etc/", nil, nil), ("a/..", nil, nil),
    ] as [(String, String?, String?)])
  func parts(path: String, folder: String?, name: String?) {
    let parts = PathParts(path)
    #expect(parts?.folder == folder && parts.map { "\($0.name)" } == name)
  }
}
