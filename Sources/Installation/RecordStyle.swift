public import Configuration
internal import Files
internal import Forms
public import Records
package import Text

/// How records, lists and pages are written: what of the configuration they follow. SIGHUP replaces it.
public struct RecordStyle: Sendable {
  package let zone: Zone
  package let formCode: String
  /// The list's columns, in their order.
  public let columns: [AccountColumn]
  /// How many dated copies of the list are kept.
  package let backups: Int
  /// The printed pages.
  public let pages: Pages
  /// Why the institution's own templates aren't used.
  package let problems: [PageTemplates.Problem]

  /// - Throws: ``AgentError``: the time zone isn't known here; `FileError`: it can't be read.
  public init(_ configuration: Configuration) throws {
    do {
      zone = try Zone(configuration.organization.timezone)
    } catch {
      // Nothing is wrong with the configuration then.
      if case .unreadable(_, let cause) = error { throw cause }
      throw AgentError.configuration("organization.timezone: \(error); \(error.remedy)")
    }
    let organization = configuration.organization
    formCode = organization.form.code
    columns = configuration.list.columns
    backups = configuration.list.backups
    let templates = PageTemplates(folder: configuration.templates)
    problems = templates.problems
    pages = Pages(
      Letterhead(
        organization: organization.name, taxID: organization.taxID, form: .init(organization.form),
        list: .init(organization.list), procedure: .init(organization.procedure)),
      language: organization.language == .es ? .es : .en, zone: zone, templates: templates)
  }
}

extension Letterhead.Document {
  fileprivate init(_ document: Configuration.DocumentCode) {
    self.init(code: document.code, version: document.version, date: document.date?.description)
  }
}
