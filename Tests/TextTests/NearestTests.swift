import Testing
import Text

@Suite("The nearest word")
struct NearestTests {
  @Test(
    "the word that was meant is the nearest",
    arguments: [
      ("adress", "address"), ("Kind", "kind"), ("keep-copy", "keep_copy"), ("qouta", "quota"), ("alias", "aliases"),
      ("phonee", "phone"), ("zzz", nil), ("", nil), (String(repeating: "a", count: 1000), nil),
    ] as [(String, String?)])
  func nearest(key: String, meant: String?) {
    #expect(Text.nearest(to: key, among: ["address", "aliases", "kind", "keep_copy", "phone", "quota"]) == meant)
  }
}
