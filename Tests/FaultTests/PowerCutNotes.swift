import Foundation

/// What was acknowledged when the power was cut, and what was on its way.
struct CutNotes: Sendable {
  var name: String
  /// The moment and the disk, for a failure's text.
  var what: String
  /// When it is cut again while the agent recovers, milliseconds from the start of the directory.
  var secondCut: Int?
  var families: [CutFamily] = []
  /// The delivery records that stood under their names, and the archived forms beside them.
  var records: [String: Data] = [:]
  var forms: [String: Data] = [:]
  /// The changes `NUMBER#INDEX` whose slips were received (`handover --received-by` returned 0).
  var delivered: Set<String> = []
  /// The forms that were dropped by a plain move, which nobody promised anything for before they were accepted.
  var plain: [String: Data] = [:]
}

/// What came of a cut: nothing, as a rule.
struct CutFindings: Sendable {
  var acknowledged = (records: 0, submits: 0, handovers: 0)
  /// Changes that the recoveries settled: those that the cuts met on their way.
  var recovered = 0
  /// Names in the spool whose bytes were never synced by whoever moved them in; told as rejected.
  var stubs = 0
  /// Acknowledged, and gone.
  var lost: [String] = []
  /// Carried out more than once.
  var twice: [String] = []
  /// Anything else that isn't as it should be.
  var failures: [String] = []

  static func += (all: inout CutFindings, one: CutFindings) {
    all.acknowledged.records += one.acknowledged.records
    all.acknowledged.submits += one.acknowledged.submits
    all.acknowledged.handovers += one.acknowledged.handovers
    all.recovered += one.recovered
    all.stubs += one.stubs
    all.lost += one.lost
    all.twice += one.twice
    all.failures += one.failures
  }

  /// Puts in front of each what cut it was.
  mutating func tell(_ cut: String) {
    lost = lost.map { cut + $0 }
    twice = twice.map { cut + $0 }
    failures = failures.map { cut + $0 }
  }
}
