/// A template that is cut in two at `{{{accounts}}}` or `{{{departments}}}`, where rows come that no memory has to hold.
struct SplitTemplate: Sendable {
  let head: PageTemplate
  let foot: PageTemplate

  init(_ text: String, at marker: String) throws(PageTemplate.Failure) {
    let parts = try cut(text, at: ["{{{\(marker)}}}"], what: "where the rows come")
    (head, foot) = (parts[0], parts[1])
  }

  private init(head: PageTemplate, foot: PageTemplate) {
    self.head = head
    self.foot = foot
  }

  func filled(_ constants: [String: PageText]) -> SplitTemplate {
    SplitTemplate(head: head.filled(constants), foot: foot.filled(constants))
  }
}

/// A template that is cut in three: what stands before a section, the section, which is rendered for one thing after
/// the other so that no memory has to hold them all, and what stands behind it.
struct RepeatedTemplate: Sendable {
  let head: PageTemplate
  let body: PageTemplate
  let foot: PageTemplate

  init(_ text: String, section: String) throws(PageTemplate.Failure) {
    let parts = try cut(text, at: ["{{#\(section)}}", "{{/\(section)}}"], what: "which bounds what is repeated")
    (head, body, foot) = (parts[0], parts[1], parts[2])
  }

  private init(head: PageTemplate, body: PageTemplate, foot: PageTemplate) {
    self.head = head
    self.body = body
    self.foot = foot
  }

  func filled(_ constants: [String: PageText]) -> RepeatedTemplate {
    RepeatedTemplate(head: head.filled(constants), body: body.filled(constants), foot: foot.filled(constants))
  }
}

/// The templates before, between and behind tags that each stand in a text once.
private func cut(_ text: String, at tags: [String], what: String) throws(PageTemplate.Failure) -> [PageTemplate] {
  let bytes = Array(text.utf8)
  var parts: [PageTemplate] = []
  var start = 0
  func part(_ end: Int) throws(PageTemplate.Failure) -> PageTemplate {
    let line = 1 + bytes[..<start].count { $0 == UInt8(ascii: "\n") }
    return try PageTemplate(String(decoding: bytes[start..<end], as: UTF8.self), line: line)
  }
  for tag in tags {
    let places = bytes.indices.filter { bytes[$0] == UInt8(ascii: "{") && bytes[$0...].starts(with: tag.utf8) }
    guard places.count == 1, let place = places.first else {
      throw PageTemplate.Failure(reason: "\(tag), \(what), is in it \(places.count) times instead of once")
    }
    guard place >= start else { throw PageTemplate.Failure(reason: "\(tag) is before the part that it should end") }
    parts.append(try part(place))
    start = place + tag.utf8.count
  }
  parts.append(try part(bytes.count))
  return parts
}
