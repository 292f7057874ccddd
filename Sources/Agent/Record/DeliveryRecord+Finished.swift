internal import Installation
internal import Records
internal import Register
internal import Text

extension DeliveryRecord {
  /// The record of a request that is done.
  ///
  /// - Parameter orders: of people about it; only its page has them.
  init(_ finished: FinishedRequest, orders: [RequestEvent] = [], _ style: RecordStyle) {
    self.init(
      request: finished.request, style,
      submitted: finished.submitted.map { Submission(by: $0.by.name, uid: $0.by.uid, file: $0.file) },
      results: Dictionary(uniqueKeysWithValues: finished.results.map { ($0.index, $0) }))
    approval.prove(key: finished.signedKey, hasSignature: finished.signature != nil, isOfClock: submitted == nil)
    outcome = finished.outcome
    received = Timestamp(milliseconds: finished.received)
    completed = Timestamp(milliseconds: finished.completed)
    digest = finished.digest
    plan = finished.plan
    ledger = hexadecimal(finished.ledger)
    self.orders = Self.orders(orders)
  }
}
