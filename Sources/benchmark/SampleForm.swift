import Glibc

/// A request form (FT-GTI-006) that creates one or many sample persons, as a sysadmin would write it.
struct SampleForm {
  var people: Range<Int>
  var domain: String

  /// A form for each of so many people, or one for them all.
  static func forms(_ count: Int, bulk: Bool, domain: String) -> [SampleForm] {
    bulk
      ? [SampleForm(people: 0..<count, domain: domain)]
      : (0..<count).map { SampleForm(people: $0..<$0 + 1, domain: domain) }
  }

  /// `B-000042`, or `BULK-5000` for many.
  var number: String {
    people.count == 1 ? "B-" + String(String(1_000_000 + people.lowerBound).dropFirst()) : "BULK-\(people.count)"
  }

  var text: String {
    var text = """
      form: FT-GTI-006
      number: \(number)
      department: Secretaría de Salud
      requester:
        name: Ana Lucía Rosero
        address: ana.rosero@\(domain)
      approval:
        by: jefe.sistemas
        date: \(Self.yesterday)
        reference: Memorando GTI-231
      changes:

      """
    text.reserveCapacity(400 * (people.count + 1))
    for number in people {
      let person = SamplePerson(number)
      text += """
          - create:
              address: \(person.local)@\(domain)
              name: {given: \(person.given), family: \(person.family)}
              document: "\(person.document)"
              position: \(person.position)
              department: \(person.department)
              phone: "\(person.phone)"
              aliases: [\(person.alias)@\(domain)]
              quota: 5 GiB

        """
    }
    return text
  }

  func write(in folder: String) throws(Failure) {
    try writeFile("\(folder)/\(number).yaml", text)
  }

  /// An approval's date: never in the future, wherever the agent's timezone puts midnight.
  private static let yesterday: String = {
    var now = time(nil) - 86_400
    var parts = tm()
    gmtime_r(&now, &parts)
    func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(parts.tm_year + 1_900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
  }()
}
