import Foundation
import Support
import Testing
import Text

@testable import Forms

@Suite("Values")
struct ValueTests {
  @Test(
    "sizes read and print",
    arguments: [
      ("5 GiB", 5 << 30, "5 GiB"), ("500MiB", 500 << 20, "500 MiB"), ("1536 MiB", 1536 << 20, "1536 MiB"),
      ("1024 MiB", 1 << 30, "1 GiB"), ("1 B", 1, "1 B"), ("1000 KiB", 1_024_000, "1000 KiB"),
      ("007 TiB", 7 << 40, "7 TiB"),
    ] as [(String, UInt64, String)])
  func sizes(text: String, bytes: UInt64, printed: String) throws {
    let size = try #require(ByteCount(parsing: text))
    #expect(size.bytes == bytes && size.description == printed)
    #expect(ByteCount(parsing: size.description) == size)
  }

  @Test("an address has a local part and a domain, in lower case")
  func addresses() throws {
    let address = try #require(Address("Ana.Rosero@Example.ORG"))
    #expect(
      address.text == "ana.rosero@example.org" && address.local == "ana.rosero" && address.domain == "example.org")
    #expect(ExternalAddress(address) == ExternalAddress("ANA.rosero@example.org"))
    #expect(ExternalAddress(address).domain == "example.org")
    // FACTS 15: escapes and comparisons are of bytes.
    #expect(Address("*\u{301}@example.org") == nil && Address("a@example.org\r\n") == nil)
    #expect(try #require(Address("a@example.org")) < #require(Address("b@example.org")))
  }
}
