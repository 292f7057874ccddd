internal import Text

/// What a form is written from: keys in the order in which they are to stand, and text that is quoted where it must be.
indirect enum FormNode {
  /// Text, in quotes where it would read as something else without.
  case text(String)
  /// `true`, `null`, a day, a size: never in quotes.
  case word(String)
  /// Several texts: `[one, another]`, or lines of their own where they don't fit in one.
  case texts([String])
  /// Keys that stand in lines of their own.
  case block([(key: StaticString, value: FormNode)])
  /// Keys that stand in braces where they fit in one line.
  case line([(key: StaticString, value: FormNode)])
}

/// Lays a form out as a person would.
struct FormLayout {
  private(set) var bytes: [UInt8] = []
  /// Where the line that is being written begins.
  private var lineStart = 0

  /// Unicode scalars that a line with brackets or braces may have.
  private static let width = 100

  /// Keys and values, each on a line or more.
  mutating func block(_ pairs: [(key: StaticString, value: FormNode)], indent: Int) {
    for (key, value) in pairs {
      spaces(indent)
      pair(key, value, indent: indent)
    }
  }

  /// `- key: value`: an item of a list of mappings.
  mutating func item(_ key: StaticString, _ value: FormNode, indent: Int) {
    spaces(indent)
    append("- ")
    pair(key, value, indent: indent + 2)
  }

  /// A key that stands over other lines.
  mutating func heading(_ key: StaticString) {
    append(key)
    append(":")
    newLine()
  }

  private mutating func pair(_ key: StaticString, _ value: FormNode, indent: Int) {
    append(key)
    append(":")
    if case .block(let pairs) = value {
      newLine()
      return block(pairs, indent: indent + 2)
    }
    let mark = bytes.count
    append(" ")
    inline(value)
    if fits(value) { return newLine() }
    bytes.removeSubrange(mark...)
    newLine()
    switch value {
    case .line(let pairs), .block(let pairs): block(pairs, indent: indent + 2)
    case .texts(let texts):
      for text in texts {
        spaces(indent + 2)
        append("- ")
        FormScalar.append(text, to: &bytes)
        newLine()
      }
    case .text, .word: break  // these always fit
    }
  }

  private func fits(_ value: FormNode) -> Bool {
    switch value {
    case .text, .word, .block: return true
    case .texts(let texts) where texts.count < 2: return true
    case .texts, .line:
      return bytes[lineStart...].reduce(0) { $1 & 0xC0 == 0x80 ? $0 : $0 + 1 } <= Self.width
    }
  }

  private mutating func inline(_ value: FormNode) {
    switch value {
    case .text(let text): FormScalar.append(text, to: &bytes)
    case .word(let word): bytes.append(contentsOf: word.utf8)
    case .texts(let texts):
      append("[")
      for (index, text) in texts.enumerated() {
        if index > 0 { append(", ") }
        FormScalar.append(text, to: &bytes)
      }
      append("]")
    case .block(let pairs), .line(let pairs):
      append("{")
      for (index, (key, value)) in pairs.enumerated() {
        if index > 0 { append(", ") }
        append(key)
        append(": ")
        inline(value)
      }
      append("}")
    }
  }

  private mutating func append(_ text: StaticString) { bytes.append(contentsOf: text.bytes) }

  private mutating func spaces(_ count: Int) { bytes.append(contentsOf: repeatElement(0x20, count: count)) }

  private mutating func newLine() {
    bytes.append(0x0A)
    lineStart = bytes.count
  }
}
