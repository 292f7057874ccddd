public import Forms
public import LDAP
public import Text

/// `buzon.yaml`: everything that an installation decides. `config/buzon.yaml` documents every key.
///
/// It holds no secret: passwords are read from the files that it names.
public struct Configuration: Sendable, Hashable {
  /// Whose accounts these are, and the codes of its documents.
  public var organization: Organization
  /// The LDAP directory and the way to it.
  public var directory: Directory
  /// Our mail domains, lower case; at least one.
  public var domains: [String]
  /// The folder that forms are dropped into and taken from; an absolute path, like the next three.
  public var spool: String
  /// How long a dropped file must not change of which neither a rename nor a close was seen, 100 ms to 5 min.
  public var spoolRest: Duration
  /// The folder of the register.
  public var state: String
  /// The folder of delivery records, form archive and account list.
  public var records: String
  /// The folder whose files stand in for the printed pages' own templates; it need not exist.
  public var templates: String
  /// How an approval is proven.
  public var approval: Approval
  /// What accounts get and what requests may ask.
  public var policy: Policy
  /// Bounds on what is read.
  public var limits: Limits
  /// The slip that hands an account over.
  public var handover: Handover
  /// The corporate account list.
  public var list: List
  /// The log.
  public var log: Log

  /// The rules that a form of this day is judged by.
  /// - Parameter today: the day it is in `organization.timezone`.
  public func rules(today: Day) -> Rules {
    Rules(
      formCode: organization.form.code, domains: domains, localPart: policy.localPart,
      formSize: Int(limits.formSize.bytes), today: today, approvalMaxAge: approval.maxAge.wholeDays,
      approvers: approval.approvers,
      requesterMayApprove: approval.mode == .recorded || !approval.fourEyes.contains(.requester))
  }
}

extension Configuration {
  /// Where the configuration is looked for if nobody says otherwise.
  public static let defaultFile = "/etc/buzon/buzon.yaml"

  /// The languages of printed pages.
  public enum Language: String, Sendable, Hashable, CaseIterable {
    case es, en
  }

  /// Whose accounts these are.
  public struct Organization: Sendable, Hashable {
    /// As it stands on printed pages.
    public var name: String
    /// NIT or another tax number.
    public var taxID: String?
    /// Of the printed pages.
    public var language: Language
    /// A name of the IANA time zone database that this host has.
    public var timezone: String
    /// The request form: FT-GTI-006.
    public var form: DocumentCode
    /// The corporate account list: FT-GTI-002.
    public var list: DocumentCode
    /// The procedure: PT-GTI-002.
    public var procedure: DocumentCode
  }

  /// A document of the organisation's quality system, as its pages state it.
  public struct DocumentCode: Sendable, Hashable {
    /// `FT-GTI-006`
    public var code: String
    /// `01`
    public var version: String?
    /// The day of the version.
    public var date: Day?
  }

  /// How an approval is proven.
  public struct Approval: Sendable, Hashable {
    /// Whether the approver's signature is asked for.
    public enum Mode: String, Sendable, Hashable, CaseIterable {
      /// The form's own statement is recorded.
      case recorded
      /// A signature by `approval.by` over the form's bytes (`ssh-keygen -Y sign -n buzon-request`).
      case signed
    }
    /// Whether the approver's signature is asked for.
    public var mode: Mode
    /// Who may not be the approver of a request.
    public enum Party: String, Sendable, Hashable, CaseIterable {
      /// The official who asks and receives.
      case requester
      /// The user of this host who dropped the form.
      case submitter
    }
    /// OpenSSH's allowed-signers file; there in mode `signed`.
    public var signers: String?
    /// Keys that no longer count: public keys, or a KRL.
    public var revoked: String?
    /// In mode `signed`: who may not be the approver.
    public var fourEyes: Set<Party>
    /// Whole days after which an approval is too old.
    public var maxAge: Duration
    /// How long a form waits for its signature.
    public var patience: Duration
    /// Who may approve for a department (`*`: for those that aren't named); empty: anybody for all.
    public var approvers: [String: [String]]
  }

  /// Bounds on what is read.
  public struct Limits: Sendable, Hashable {
    /// The largest form, 1 KiB to 256 MiB.
    public var formSize: ByteCount
  }

  /// The slip that hands an account over.
  public struct Handover: Sendable, Hashable {
    /// The page where the user changes the password.
    public var changeURL: String?
    /// Entries whose change of a password counts as the user's own, such as a portal's that writes as itself.
    public var trusted: [DN]
  }

  /// The corporate account list.
  public struct List: Sendable, Hashable {
    /// A column, named as in `accounts.json`.
    public enum Column: String, Sendable, Hashable, CaseIterable {
      case address, kind, name, department, position, status, aliases, quota, owner, lists, created, changed, handover
      case drift
    }
    /// In their order; at least one, none twice.
    public var columns: [Column]
    /// How many dated copies are kept.
    public var backups: Int
  }

  /// The log.
  public struct Log: Sendable, Hashable {
    /// How an event is written.
    public enum Format: String, Sendable, Hashable, CaseIterable {
      case text, json
    }
    /// The least that is logged.
    public enum Level: String, Sendable, Hashable, CaseIterable {
      case trace, debug, info, notice, warning, error, critical
    }
    /// How an event is written.
    public var format: Format
    /// The least that is logged.
    public var level: Level
  }
}
