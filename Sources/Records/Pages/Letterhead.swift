/// What the head of every printed page says: whose document it is and under which codes.
public struct Letterhead: Sendable, Hashable {
  /// A document of the organisation's quality system.
  public struct Document: Sendable, Hashable {
    /// E.g. `FT-GTI-002`.
    public var code: String
    /// E.g. `01`.
    public var version: String?
    /// The day of the version, `YYYY-MM-DD`.
    public var date: String?

    /// A document by its parts.
    public init(code: String, version: String? = nil, date: String? = nil) {
      self.code = code
      self.version = version
      self.date = date
    }
  }

  /// The organisation's name.
  public var organization: String
  /// Its tax number, with its kind, e.g. `NIT 800.000.000-0`.
  public var taxID: String?
  /// The request form, whose delivery record is printed.
  public var form: Document
  /// The corporate account list.
  public var list: Document
  /// The procedure that both belong to.
  public var procedure: Document

  /// A head by its parts.
  public init(organization: String, taxID: String? = nil, form: Document, list: Document, procedure: Document) {
    self.organization = organization
    self.taxID = taxID
    self.form = form
    self.list = list
    self.procedure = procedure
  }
}

/// The languages of printed pages, by their tags (BCP 47).
public enum PageLanguage: String, Sendable, Hashable, CaseIterable {
  case es, en
}
