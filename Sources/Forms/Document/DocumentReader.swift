import CYAML
internal import Text

extension Document {
  /// Deeper nesting than this is refused; a form needs 5, the configuration 4.
  package static let deepest = 12

  /// Reads one document of YAML 1.1 (and so of JSON) strictly.
  ///
  /// Refused where they stand, before anything is built from them: aliases, anchors, tags, directives, merge keys, keys
  /// that are no text, keys that stand twice, a second document, deep nesting, and all that `SourceText` refuses. A
  /// scalar is text; what it means is for the key's own type to say. All that is wrong is reported at once, unless the
  /// document can't be read on.
  ///
  /// The time is linear in the bytes. libyaml's own quadratic cases, nested flow collections and `%TAG` lines, are
  /// stopped by the bound on nesting and before it sees them.
  ///
  /// - Returns: `nil` where nothing can be made of the document. With findings reported it may still return one, so that the
  ///   rest can be judged; it must not be used for anything else.
  package static func read(_ bytes: [UInt8], limit: Int, findings: Findings) -> Document? {
    guard var source = SourceText(bytes, limit: limit, findings: findings) else { return nil }
    if let joined = JSONSurrogates.joined(source.bytes) { source.replace(joined) }
    return source.bytes.withUnsafeBufferPointer { text in
      guard Directives.areAbsent(text, findings) else { return nil }
      guard let stream = EventStream(text) else {
        findings.report(Place(line: 1, column: 1), "", "there is no memory to read the document", "try again")
        return nil
      }
      var reader = DocumentReader(text: text, isASCII: source.isASCII, stream: stream)
      let document = reader.read(findings)
      // What was read up to there, where it could not be read to the end.
      if !findings.isEmpty { findings.nameKeys(in: reader.document) }
      return document
    }
  }
}

/// libyaml's events to a `Document`.
private struct DocumentReader: ~Copyable {
  private let text: UnsafeBufferPointer<UInt8>
  private let hasBackslash: Bool
  private let hasBang: Bool
  private let isASCII: Bool
  private var stream: EventStream
  private(set) var document = Document()
  /// The collections that are open.
  private var open: [Open] = []
  /// Where a scalar index of libyaml stands in the bytes; it only moves on.
  private var cursor = (index: 0, offset: 0)

  private struct Open {
    var node: Int
    var isMapping: Bool
    /// Of a mapping: the next node is a key.
    var expectsKey: Bool
  }

  init(text: UnsafeBufferPointer<UInt8>, isASCII: Bool, stream: consuming EventStream) {
    self.text = text
    self.isASCII = isASCII
    self.stream = stream
    hasBackslash = text.holds(UInt8(ascii: "\\"))
    hasBang = text.holds(UInt8(ascii: "!"))
    document.records.reserveCapacity(text.count / 20 + 8)
    document.text.reserveCapacity(text.count)
    open.reserveCapacity(Document.deepest)
  }

  mutating func read(_ findings: Findings) -> Document? {
    while true {
      stream.advance()
      switch stream.event.kind {
      case CYAML_STREAM_START, CYAML_DOCUMENT_START: break
      case CYAML_STREAM_END:
        findings.report(Place(line: 1, column: 1), "", "the document is empty", "write its keys")
        return nil
      case CYAML_DOCUMENT_END: return finish(findings)
      case CYAML_ALIAS:
        findings.report(
          place, "", "an alias (*name) is not allowed", "write the value itself; a text that begins with * needs quotes"
        )
        begin(.invalid)
        end()
      case CYAML_SCALAR: scalar(findings)
      case CYAML_SEQUENCE_START, CYAML_MAPPING_START:
        guard collection(isMapping: stream.event.kind == CYAML_MAPPING_START, findings) else { return nil }
      case CYAML_SEQUENCE_END, CYAML_MAPPING_END: close(findings)
      case CYAML_NO_MEMORY:
        findings.report(Place(line: 1, column: 1), "", "there is no memory to read the document", "try again")
        return nil
      default:
        let complaint = SyntaxComplaint(stream.event, in: text)
        findings.report(SourceText.place(complaint.place, in: text), "", complaint.problem, complaint.remedy)
        return nil
      }
    }
  }

  private var place: Place { Place(line: stream.event.line + 1, column: stream.event.column + 1) }

  /// Adds a node at the event's place.
  private mutating func begin(_ kind: Document.Kind) {
    document.records.append(
      Document.Record(kind: kind, line: UInt32(stream.event.line), column: UInt32(stream.event.column)))
  }

  /// The last node is whole: its parent goes on to the next.
  private mutating func end(_ node: Int? = nil) {
    let node = node ?? document.records.count - 1
    document.records[node].next = UInt32(document.records.count)
    guard var parent = open.popLast() else { return }
    if parent.isMapping {
      if !parent.expectsKey { document.records[parent.node].count += 1 }
      parent.expectsKey.toggle()
    } else {
      document.records[parent.node].count += 1
    }
    open.append(parent)
  }

  private mutating func scalar(_ findings: Findings) {
    properties(findings)
    let isKey = open.last?.expectsKey ?? false
    begin(.scalar)
    let node = document.records.count - 1
    document.records[node].isPlain = stream.event.plain
    if stream.event.plain, stream.event.length == 0, offset(of: stream.event.index) == text.count {
      // Nothing, at the end: where the last line has no end, libyaml takes it for the next.
      let end = SourceText.place(of: text.count, in: text)
      document.records[node].line = UInt32(end.line - 1)
      document.records[node].column = UInt32(end.column - 1)
    }
    document.records[node].start = UInt32(document.text.count)
    document.records[node].length = UInt32(stream.event.length)
    stream.withText { document.text.append(contentsOf: $0) }
    if hasBackslash, stream.event.double_quoted { judgeEscapes(findings) }
    if isKey, stream.event.plain, document.isText(Node(index: node), "<<") {
      findings.report(place, "", "a merge key (<<) is not allowed", "write the keys themselves")
      document.records[node].kind = .invalid
    }
    end()
  }

  private mutating func collection(isMapping: Bool, _ findings: Findings) -> Bool {
    properties(findings)
    guard open.count < Document.deepest else {
      findings.report(
        place, "", "the document is nested more than \(Document.deepest) deep", "nothing of ours needs that")
      return false
    }
    if open.last?.expectsKey == true {
      findings.report(place, "", "a key is a list or has keys itself", "write a key of plain text")
    }
    begin(isMapping ? .mapping : .sequence)
    open.append(Open(node: document.records.count - 1, isMapping: isMapping, expectsKey: isMapping))
    return true
  }

  private mutating func close(_ findings: Findings) {
    guard let closed = open.popLast() else { return }
    document.records[closed.node].next = UInt32(document.records.count)
    if closed.isMapping { document.reportDuplicates(of: Node(index: closed.node), findings) }
    if open.last?.expectsKey == true { document.records[closed.node].kind = .invalid }
    end(closed.node)
  }

  private mutating func properties(_ findings: Findings) {
    if stream.event.anchor {
      findings.report(
        place, "", "an anchor (&name) is not allowed", "delete it; a text that begins with & needs quotes")
    }
    if stream.event.tag
      || (hasBang && stream.event.plain && stream.event.length > 0 && byteAtEvent == UInt8(ascii: "!"))
    {
      findings.report(place, "", "a tag (!) is not allowed", "delete it; a text that begins with ! needs quotes")
    }
  }

  // MARK: What libyaml doesn't report

  /// The byte at which the event begins. libyaml drops the tag `!`, but the event still begins with it.
  private var byteAtEvent: UInt8? {
    mutating get {
      let offset = offset(of: stream.event.index)
      return offset < text.count ? text[offset] : nil
    }
  }

  private mutating func offset(of index: Int) -> Int {
    if isASCII { return index }
    while cursor.index < index, cursor.offset < text.count {
      cursor.offset += 1
      while cursor.offset < text.count, text[cursor.offset] & 0xC0 == 0x80 { cursor.offset += 1 }
      cursor.index += 1
    }
    return cursor.offset
  }

  /// Escapes can make what the source may not hold.
  private mutating func judgeEscapes(_ findings: Findings) {
    let start = offset(of: stream.event.index)
    let end = offset(of: stream.event.end)
    guard start < end, text[start..<min(end, text.count)].contains(UInt8(ascii: "\\")) else { return }
    let place = place
    stream.withText { value in
      var position = 0
      while position < value.count {
        let (scalar, length) = value.scalar(at: position)
        if let forbidden = ForbiddenScalar(scalar) {
          findings.report(place, "", "\(forbidden.problem(scalar)), not as an escape either", forbidden.remedy)
          return
        }
        position += length
      }
      if !NormalForm.isComposed(value) {
        findings.report(place, "", "the text of these escapes is not in NFC", "write the letters themselves")
      }
    }
  }

  // MARK: The end

  /// Nothing but blank lines and comments may follow.
  private mutating func finish(_ findings: Findings) -> Document? {
    let ended = stream.event.end
    if !text.holds(UInt8(ascii: "%")) {
      // The commonest case costs one more event; directives, which libyaml reads in quadratic time, there are none.
      stream.advance()
      if stream.event.kind == CYAML_STREAM_END { return document.records.isEmpty ? nil : document }
    }
    var position = offset(of: ended)
    while position < text.count {
      let byte = text[position]
      if byte == UInt8(ascii: "#") {
        while position < text.count, text[position] != 0x0A { position += 1 }
      } else if byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A {
        position += 1
      } else {
        findings.report(
          SourceText.place(of: position, in: text), "file", "something follows the document",
          "write one document to a file, without '---' after it")
        return document
      }
    }
    return document.records.isEmpty ? nil : document
  }
}
