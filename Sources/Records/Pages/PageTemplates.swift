internal import Files
import Glibc

/// The templates of the printed pages, read and parsed once: `delivery.html`, `accounts.html`, `departments.html`,
/// `slip.html`, `status.html`, their common `style.css`, and what the last two have besides, `slip.css` and `status.css`.
/// Ours (`Resources`), or files of the same name that stand in for them.
public struct PageTemplates: Sendable {
  /// A file that should have stood in for one of ours and can't; ours is used.
  public struct Problem: Sendable, Hashable, CustomStringConvertible {
    /// The file's path, safe to print.
    public let file: String
    /// What is wrong with it.
    public let reason: String

    /// One line.
    public var description: String { "template \(file) is not used: \(reason)" }

    /// What a person can do about it.
    public var remedy: String { "correct it, or remove it to use the built-in one; then reload the agent" }
  }

  /// Bytes that a template may have.
  public static let sizeLimit = 262_144

  let delivery: PageTemplate
  let accounts: SplitTemplate
  let departments: SplitTemplate
  let slip: RepeatedTemplate
  let status: PageTemplate
  let style: String
  let slipStyle: String
  let statusStyle: String
  /// Files that can't stand in.
  public let problems: [Problem]

  /// Reads the templates.
  ///
  /// - Parameter folder: where files stand that stand in for ours; it need not exist. `nil`: ours alone.
  public init(folder path: String? = nil) {
    var overrides = Overrides(path)
    delivery = overrides.parse("delivery.html", else: PackageResources.delivery_html) {
      text throws(PageTemplate.Failure) in
      try PageTemplate(text)
    }
    accounts = overrides.parse("accounts.html", else: PackageResources.accounts_html) {
      text throws(PageTemplate.Failure) in
      try SplitTemplate(text, at: "accounts")
    }
    departments = overrides.parse("departments.html", else: PackageResources.departments_html) {
      text throws(PageTemplate.Failure) in
      try SplitTemplate(text, at: "departments")
    }
    slip = overrides.parse("slip.html", else: PackageResources.slip_html) { text throws(PageTemplate.Failure) in
      try RepeatedTemplate(text, section: "slips")
    }
    status = overrides.parse("status.html", else: PackageResources.status_html) { text throws(PageTemplate.Failure) in
      try PageTemplate(text)
    }
    style = overrides.style("style.css", else: PackageResources.style_css)
    slipStyle = overrides.style("slip.css", else: PackageResources.slip_css)
    statusStyle = overrides.style("status.css", else: PackageResources.status_css)
    problems = overrides.problems
  }
}

/// The folder of files that stand in.
private struct Overrides {
  private var folder: Directory?
  private(set) var problems: [PageTemplates.Problem] = []

  init(_ path: String?) {
    guard let path else { return }
    do throws(FileError) {
      folder = try Directory(path)
    } catch {
      guard error.code != ENOENT else { return }
      problems.append(PageTemplates.Problem(file: error.path, reason: "\(error)"))
    }
  }

  /// The file of that name where it is there and right, else ours.
  mutating func parse<Template>(
    _ name: FileName, else builtIn: [UInt8], _ body: (String) throws(PageTemplate.Failure) -> Template
  ) -> Template {
    do throws(PageTemplate.Failure) {
      if let text = try read(name) { return try body(text) }
    } catch {
      problems.append(PageTemplates.Problem(file: folder?.shown(name) ?? "\(name)", reason: error.reason))
    }
    do throws(PageTemplate.Failure) {
      return try body(String(decoding: builtIn, as: UTF8.self))
    } catch {
      preconditionFailure("our own \(name): \(error.reason)")
    }
  }

  mutating func style(_ name: FileName, else builtIn: [UInt8]) -> String {
    parse(name, else: builtIn) { text throws(PageTemplate.Failure) in
      // It is the content of an element; whatever ends that element would end the style.
      let bytes = Array(text.utf8)
      let end = Array("</style".utf8)
      let ends = bytes.indices.contains { place in
        bytes[place] == end[0] && bytes[place...].prefix(end.count).map { $0 | 0x20 } == end.map { $0 | 0x20 }
      }
      if ends { throw PageTemplate.Failure(reason: "it contains </style") }
      return text
    }
  }

  private func read(_ name: FileName) throws(PageTemplate.Failure) -> String? {
    guard let folder else { return nil }
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try folder.read(name, limit: PageTemplates.sizeLimit)
    } catch {
      if error.code == ENOENT { return nil }
      let isLarge = error.code == EFBIG
      throw PageTemplate.Failure(reason: isLarge ? "it is larger than \(PageTemplates.sizeLimit) bytes" : "\(error)")
    }
    // Browsers read CR LF as LF before anything else, so the style's digest must be of that.
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let unmarked = bytes.starts(with: mark) ? bytes.dropFirst(3) : bytes[...]
    guard let text = String(validating: unmarked.filter { $0 != 0x0D }, as: UTF8.self), !unmarked.contains(0) else {
      throw PageTemplate.Failure(reason: "it is not UTF-8 text")
    }
    return text
  }
}
