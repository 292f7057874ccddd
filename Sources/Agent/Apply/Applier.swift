internal import Accounts
internal import Configuration
internal import Forms
internal import Installation
internal import LDAP
internal import Providers
internal import Register

/// Applies a batch of changes: reads the entries, plans, stores the intents, sends, and judges the answers.
///
/// One search reads the entries of all addresses of the batch. All intents share one commit. All operations are in flight
/// at once, because no two changes of a batch share an address. It runs on the connection's executor, so that an operation
/// needs no switch of threads.
///
/// Errors: every answer of the directory becomes an ``Ending`` of its change. An error of the register is thrown; the
/// changes may have been sent.
///
/// Limits: ``rounds`` plans for one change, ``names`` names for one new entry.
struct Applier: Sendable {
  /// How often a change is planned again because its entry changed between reading and writing.
  static let rounds = 6
  /// How many names are tried for a new entry where others have the local part already.
  static let names = 100

  var register: Register
  var context: PlanContext
  /// Where the entries are.
  var directory: Configuration.Directory
  var password: TemporaryPassword
  /// Of the connection that batches are sent over.
  var proof: PasswordProof
  /// Milliseconds since 1970 UTC.
  var now: @Sendable () -> Int64
  /// Tells the clock that it has something to do at once.
  var wakeClock: @Sendable () -> Void

  /// - Returns: for each item, as it is now, its ending.
  /// - Throws: ``RegisterError`` when intents can't be stored.
  func apply(_ items: [PendingChange], over connection: Connection) async throws -> [(PendingChange, Ending)] {
    var endings: [(PendingChange, Ending)] = []
    endings.reserveCapacity(items.count)
    var open = items
    var round = 0
    while !open.isEmpty {
      let toSend = try await planned(open, over: connection, endings: &endings)
      open = []
      round += 1
      for (item, ending) in await sentAndJudged(toSend, over: connection) {
        guard case .stale(let error) = ending else {
          endings.append((item, ending))
          continue
        }
        var item = item
        let before = item.sent
        item.sent = item.stored
        item.stored = nil
        item.isInDoubt = false
        if error.code == .entryAlreadyExists { item.namesTaken += 1 }
        if item.namesTaken < Self.names, round - item.namesTaken < Self.rounds {
          open.append(item)
        } else if error.code == .assertionFailed, let before, let after = item.sent, before.intent.isOf(after.intent) {
          endings.append((item, .refused(Self.unassertable(after.intent), .entry)))
        } else {
          endings.append((item, .settled(result(item, .failed, error: error), .keep)))
        }
      }
    }
    return endings
  }

  /// Sends a batch, as many at a time as the connection has places: an operation's deadline runs while it waits for one.
  ///
  /// - Parameter dry: with the No-Op control, so that the directory only says what it would answer.
  func sent(_ items: [PendingChange], dry: Bool = false, over connection: Connection) async
    -> [(PendingChange, Result<Response, LDAPError>)]
  {
    typealias Answer = (place: Int, result: Result<Response, LDAPError>)
    return await withTaskGroup(of: Answer.self) { group in
      var next = 0
      func sendNext() {
        guard next < items.count else { return }
        // The item stays here: a task that carries it along costs more than the operation.
        let (place, stored, isExact) = (next, items[next].stored, items[next].binding != nil)
        next += 1
        group.addTask { (place, await self.answer(to: stored, isExact: isExact, dry: dry, over: connection)) }
      }
      for _ in 0..<connection.options.window { sendNext() }
      var answers: [(PendingChange, Result<Response, LDAPError>)] = []
      answers.reserveCapacity(items.count)
      for await answer in group {
        answers.append((items[answer.place], answer.result))
        sendNext()
      }
      return answers
    }
  }

  /// - Parameter isExact: whether nobody may have written the entry since it was read: its request is bound to a plan.
  private func answer(to stored: StoredIntent?, isExact: Bool, dry: Bool, over connection: Connection) async
    -> Result<Response, LDAPError>
  {
    guard let stored else { return .failure(.invalid("nothing was intended")) }
    let controls = stored.intent.controls(container: context.container, isExact: isExact) + (dry ? [.noOp] : [])
    do throws(LDAPError) {
      var secret: Value?
      if let salt = stored.salt { secret = try await password.sent(salt: salt) }
      let operation = stored.intent.operation(temporaryPassword: secret)
      return .success(try await connection.perform(operation, controls: controls))
    } catch {
      return .failure(await connection.identifying(error))
    }
  }
}
