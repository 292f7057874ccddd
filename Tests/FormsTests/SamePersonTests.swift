import Testing

@testable import Forms

@Suite("A principal and a name of the same person")
struct SamePersonTests {
  @Test(arguments: [
    ("jefe.sistemas", "jefe.sistemas", true), ("Jefe.Sistemas", "jefe.sistemas", true),
    ("jefe.sistemas", "jefe.sistemas@example.org", true), ("jefe@example.org", "jefe", true),
    ("jefe@example.org", "jefe@example.org", true), ("jefe@example.org", "JEFE@example.org", true),
    ("jefe@example.org", "jefe@example.com", false), ("jefe", "jefa", false), ("jefe", "", false),
    ("Ana Lucía Rosero", "ana lucía rosero", true), ("@", "@", true), ("", "x@example.org", false),
  ]) func names(_ principal: String, _ name: String, _ same: Bool) {
    #expect(SamePerson.areSame(principal, name) == same)
    #expect(SamePerson.areSame(name, principal) == same)
  }
}
