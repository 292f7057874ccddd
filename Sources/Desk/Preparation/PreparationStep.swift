package import LDAP
internal import Text

/// One thing that a directory lacks, or has otherwise than `config/slapd` has it, and the operations that put it right.
package struct PreparationStep: Sendable, Hashable {
  /// What a step is about; the raw value is the name of the doctor's finding.
  package enum Subject: String, Sendable, CaseIterable {
    case database = "database-missing"
    case readOnly = "read-only"
    case modules = "module-missing"
    case mailSchema = "mail-schema-missing"
    case schema = "schema-missing"
    case oldSchema = "schema-differs"
    case syncprov = "syncprov-missing"
    case ppolicy = "ppolicy-missing"
    case unique = "unique-missing"
    case uniqueBase = "unique-base"
    case policyDefault = "policy-default"
    case hashing = "hashing-off"
    case indexes = "index-missing"
    case limits = "limits"
    case addContent = "add-content"
    case access = "access-rules"
    case identity = "identity"
    case suffix = "base-missing"
    case container = "container-missing"
    case entry = "entry-missing"
    case policy = "policy"
  }

  /// What it is about.
  package var subject: Subject
  /// What is the matter: one sentence without its end.
  package var what: String
  /// What puts it right; empty: nothing that can be done without a person.
  package var operations: [Operation]
  /// Whether something that somebody chose is changed.
  package var replaces = false
  /// What a person does where there are no operations.
  package var remedy: String?

  package init(
    _ subject: Subject, _ what: String, _ operations: [Operation], replaces: Bool = false, remedy: String? = nil
  ) {
    (self.subject, self.what, self.operations, self.replaces) = (subject, what, operations, replaces)
    self.remedy = remedy
  }

  /// Whether it makes an entry with a password.
  package var hasPassword: Bool {
    operations.contains { operation in
      guard case .add(_, let attributes) = operation else { return false }
      return attributes.contains { $0.name == "userPassword" }
    }
  }

  /// The operations as change records that ldapmodify(1) reads. A password is not shown.
  package var ldif: String {
    var bytes: [UInt8] = []
    for operation in operations { LDIF.append(operation.withoutPassword, to: &bytes) }
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension Operation {
  /// With a mark in the place of a password.
  fileprivate var withoutPassword: Operation {
    guard case .add(let dn, let attributes) = self else { return self }
    return .add(dn, attributes.map { $0.name == "userPassword" ? Attribute($0.name, ["CHANGE-ME"]) : $0 })
  }
}
