package import Configuration
package import Forms
package import Register
package import Text

/// Bounds on what forms may ask for (`policy.limits`): against accidents, such as a spreadsheet with the wrong column.
/// What asks for more is held until an operator releases it; nothing else waits for it.
package struct DemandLimits {
  private let allowances: [(kind: Demand.Kind, allowance: Configuration.Allowance)]
  private let accounts: () throws -> Int
  /// Days since 1970.
  private let day: Int

  /// - Parameter accounts: how many accounts there are; asked once at most, and only where a bound is a share.
  package init(_ policy: Configuration.Policy, day: Day, accounts: @escaping () throws -> Int) {
    allowances = [(.deletes, policy.deletes), (.suspensions, policy.suspensions), (.resets, policy.resets)]
      .compactMap { kind, allowance in allowance.map { (kind, $0) } }
    self.day = day.daysSince1970
    var known: Int?
    self.accounts = {
      let count = try known ?? accounts()
      known = count
      return count
    }
  }

  /// Writes down what a request asks for, and why it must wait where that is too much for one form.
  package func judge(_ request: Request, into form: inout ReceivedForm) throws {
    for (kind, allowance) in allowances {
      let count = request.changes.count { kind.isAsked(by: $0) }
      if count == 0 { continue }
      if let most = try allowance.perForm?.count(of: accounts), count > most, form.hold == nil {
        form.hold =
          "it asks for \(kind.counted(count)), where policy.limits allows \(most) a form; check it (buzon show), "
          + "then release or cancel it"
      }
      form.demands.append(Demand(kind, count: count, atMost: try allowance.perDay?.count(of: accounts), day: day))
    }
  }
}

extension Demand.Kind {
  fileprivate func isAsked(by change: Change) -> Bool {
    switch (self, change) {
    case (.deletes, .delete): true
    case (.suspensions, .modify(let modify)): modify.fields.status == .suspended
    case (.resets, .modify(let modify)): modify.reset == .password
    default: false
    }
  }
}
