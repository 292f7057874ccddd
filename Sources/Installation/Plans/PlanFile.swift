package import Accounts
internal import Crypto
internal import Foundation
internal import LDAP
internal import Records
package import Text

/// The file of a plan that a form may be submitted with (`buzon plan --out`, docs/formats.md): what the plan depended on.
///
/// It is canonical: one plan has one spelling. Its last key is a digest of all before it, so damage is found; it is no
/// signature. It names entries by their entryUUIDs and holds digests of what they say.
package struct PlanFile: Sendable, Hashable {
  package static let version = 1
  /// Of a change of the form, which takes at least some bytes of it, a plan says this many times more at most.
  private static let growth = 16

  /// SHA-256 of the form's bytes.
  package var form: [UInt8]
  /// The form's.
  package var number: String
  package var made: Timestamp
  /// The version of the program that made it.
  package var program: String
  package var plan: BoundPlan

  package init(form: [UInt8], number: String, made: Timestamp, program: String, plan: BoundPlan) {
    self.form = form
    self.number = number
    self.made = made
    self.program = program
    self.plan = plan
  }

  /// How many bytes the plan of a form of so many may have.
  package static func limit(formSize: Int) -> Int { 4_096 + growth * formSize }

  // MARK: Writing

  /// One line of JSON.
  package var bytes: [UInt8] {
    var json = JSONWriter()
    json.object { json in
      write(to: &json)
      json.field("check", Self.check(content))
    }
    return json.bytes + [UInt8(ascii: "\n")]
  }

  /// The same without the digest.
  private var content: [UInt8] {
    var json = JSONWriter()
    json.object { write(to: &$0) }
    return json.bytes
  }

  private static func check(_ content: [UInt8]) -> String { digestText(SHA256.hash(data: content)) }

  private func write(to json: inout JSONWriter) {
    json.field("version", Self.version)
    json.field("form", digestText(form))
    json.field("number", number)
    json.field("made", made)
    json.field("program", program)
    json.field("changes", objects: plan.changes) { json, change in
      switch change.result {
      case .applied(let operation):
        json.field("outcome", "applied")
        json.field("operation", operation.map { digestText($0) })
      case .unchanged, .refused:
        json.field("outcome", "unchanged")
        json.field("operation", nil as String?)
      }
      json.field("namesTaken", change.namesTaken)
      json.field("entry", object: change.own) { $0.write($1) }
      json.key("references")
      json.array { json in
        for reference in change.references {
          if let reference { json.object { $0.write(reference) } } else { json.null() }
        }
      }
    }
  }

  // MARK: Reading

  /// What is wrong with a file, and what helps.
  package struct Fault: Error, Sendable, Hashable {
    package var problem: String
    package var remedy: String

    package init(problem: String, remedy: String) {
      self.problem = problem
      self.remedy = remedy
    }
  }

  /// Reads a plan as it came from a stranger.
  ///
  /// - Throws: ``Fault`` where it isn't one that this program wrote, as it wrote it.
  package init(reading bytes: [UInt8]) throws(Fault) {
    struct Versioned: Decodable { var version: Int }
    let data = Data(bytes)
    guard let version = try? JSONDecoder().decode(Versioned.self, from: data).version else {
      throw Fault(problem: "it is no plan of buzon plan --out", remedy: Self.again)
    }
    guard version == Self.version else {
      throw Fault(
        problem: "the plan is of version \(version), and this program reads version \(Self.version)", remedy: Self.again
      )
    }
    guard let spelled = try? JSONDecoder().decode(SpelledPlan.self, from: data), let file = spelled.file,
      file.bytes == bytes
    else {
      throw Fault(problem: "the plan was changed or damaged after it was made", remedy: Self.again)
    }
    self = file
  }

  /// What keeps a form from being submitted with this plan; `nil`: nothing.
  ///
  /// - Parameters:
  ///   - digest: SHA-256 of the form's bytes.
  ///   - number: the form's.
  ///   - changes: how many it has.
  package func fault(with digest: [UInt8], number: String, changes: Int) -> Fault? {
    guard form == digest, plan.changes.count == changes else {
      let what =
        self.number == number
        ? "the form was changed after it was planned"
        : "the plan is of another form, number \(displayed(self.number.utf8))"
      return Fault(problem: what, remedy: Self.again)
    }
    return nil
  }

  private static let again = "plan the form as it is now (buzon plan FORM --out PLAN), and submit it with that plan"
}

extension JSONWriter {
  fileprivate mutating func write(_ reading: BoundPlan.Reading) {
    field("entryUUID", reading.entryUUID)
    field("csn", reading.csn)
    field("stamp", reading.stamp)
    field("state", digestText(reading.state))
    field("rest", reading.rest.map { digestText($0) })
  }
}

/// A plan as JSON spells it.
private struct SpelledPlan: Decodable {
  struct Reading: Decodable {
    var entryUUID: String?
    var csn: String?
    var stamp: String?
    var state: String
    var rest: String?
  }

  struct Change: Decodable {
    var outcome: String
    var operation: String?
    var namesTaken: Int
    var entry: Reading?
    var references: [Reading?]
  }

  var form: String
  var number: String
  var made: String
  var program: String
  var changes: [Change]

  /// `nil` where a value is none that is written.
  var file: PlanFile? {
    guard let form = digest(form), let made = time(made) else { return nil }
    var plan = BoundPlan(changes: [])
    plan.changes.reserveCapacity(changes.count)
    for change in changes {
      guard (0..<PlanFile.names).contains(change.namesTaken), let result = change.result else { return nil }
      var references: [BoundPlan.Reading?] = []
      for reference in change.references {
        guard let reference else {
          references.append(nil)
          continue
        }
        guard let read = reference.reading else { return nil }
        references.append(read)
      }
      let own = change.entry.map(\.reading)
      if let own, own == nil { return nil }
      plan.changes.append(
        BoundPlan.Change(
          result: result, namesTaken: change.namesTaken, own: own.flatMap(\.self), references: references))
    }
    return PlanFile(form: form, number: number, made: made, program: program, plan: plan)
  }
}

extension PlanFile {
  /// How many names are tried for a new entry.
  fileprivate static let names = 100
}

extension SpelledPlan.Change {
  fileprivate var result: BoundPlan.Result? {
    switch outcome {
    case "unchanged": return .unchanged
    case "applied":
      guard let operation else { return .applied(nil) }
      return digest(operation).map { .applied($0) }
    default: return nil
    }
  }
}

extension SpelledPlan.Reading {
  fileprivate var reading: BoundPlan.Reading? {
    let rest = rest.flatMap { digest($0) }
    return digest(state).map { BoundPlan.Reading(entryUUID: entryUUID, csn: csn, stamp: stamp, state: $0, rest: rest) }
  }
}

/// `nil` where the text is no digest.
private func digest(_ text: String) -> [UInt8]? {
  guard text.hasPrefix("sha256:"), let digest = bytes(hexadecimal: String(text.dropFirst(7))), digest.count == 32 else {
    return nil
  }
  return digest
}

/// `nil` where the text is no time.
private func time(_ text: String) -> Timestamp? {
  let marks = Array("-:T".utf8)
  return GeneralizedTime.seconds(Value(bytes: text.utf8.filter { !marks.contains($0) })).map(Timestamp.init(seconds:))
}
