/// Forms of many changes, made of something else than YAML and judged by the same rules.
///
/// What is wrong with a key of the header has no place, and the path of that key (`requester.name`).
public enum BulkForm {
  /// A form with one `adopt` for each address, in the order given.
  public static func adopts(of addresses: [Address], header: FormHeader, rules: Rules) -> FormReader.Outcome {
    let findings = Findings()
    let place = Place(line: 1, column: 1)
    var builder = DocumentBuilder()
    builder.beginMapping(at: place)
    header.write(to: &builder, findings)
    builder.key("changes", at: place)
    builder.beginList(at: place)
    for address in addresses {
      builder.beginMapping(at: place)
      builder.key("adopt", at: place)
      builder.beginMapping(at: place)
      builder.key("address", at: place)
      builder.text(address.text.utf8, at: place)
      builder.end()
      builder.end()
    }
    builder.end()
    builder.end()
    var (request, told) = judge(builder.document, rules)
    for index in told.indices { told[index].place = nil }
    told = findings.all + told
    guard let request, told.isEmpty else { return .invalid(told) }
    return .request(request)
  }

  static func judge(_ document: Document, _ rules: Rules) -> (Request?, [Finding]) {
    var walk = FormWalk(walk: Walk(document, Findings()), rules: rules)
    let request = walk.request()
    return (request, walk.walk.findings.all)
  }
}
