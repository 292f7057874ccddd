public import Text

/// The page in Markdown that explains how to check the evidence of a request without Buzón, and the program for that.
public struct EvidenceReadme: Sendable {
  /// `verify.py`
  public static let program: [UInt8] = PackageResources.verify_py

  /// The request's record.
  public var record: DeliveryRecord
  /// Whether the form's signature lies beside it, whether that is the approver's and was verified, and whether the signer's
  /// public key lies there too.
  public var hasSignature: Bool
  public var isVerified: Bool
  public var hasSigners: Bool
  /// Whether what it said of somebody was removed (`buzon forget`).
  public var isForgotten: Bool
  /// Whether the plan that the form came with lies beside it.
  public var hasPlan: Bool
  /// The last line of `ledger.jsonl`: its sequence, and its hash in hexadecimal.
  public var head: (sequence: Int64, hash: String)
  public var made: Timestamp

  public init(
    record: DeliveryRecord, hasSignature: Bool, isVerified: Bool, isForgotten: Bool = false, hasSigners: Bool,
    hasPlan: Bool,
    head: (sequence: Int64, hash: String), made: Timestamp
  ) {
    self.record = record
    self.hasSignature = hasSignature
    self.isVerified = isVerified
    self.isForgotten = isForgotten
    self.hasSigners = hasSigners
    self.hasPlan = hasPlan
    self.head = head
    self.made = made
  }

  /// In the pages' language.
  ///
  /// - Parameter names: of the request's files.
  public func text(_ pages: Pages, _ names: RecordNames) throws -> String {
    let resource = pages.language == .es ? PackageResources.evidence_es_md : PackageResources.evidence_en_md
    let template = try PageTemplate(String(decoding: resource, as: UTF8.self))
    return template.render(
      PageFields([
        "number": record.number, "organization": pages.letterhead.organization, "made": pages.time(made),
        "form": "\(names.form)", "record": "\(names.delivery)", "page": "\(names.page)", "signature": hasSignature,
        "verified": isVerified, "unsigned": !isVerified, "signers": hasSigners, "forgotten": isForgotten,
        "plan": hasPlan, "digest": hexadecimal(record.digest),
        "sequence": head.sequence, "head": head.hash, "approved_by": record.approval.by.shellWord,
      ]))
  }
}
