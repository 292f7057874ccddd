internal import Accounts
internal import Forms
internal import LDAP
internal import Providers
internal import Register

/// A server that was not used before may not have heard yet of what was done with another one.
extension Dispatcher {
  /// Accounts that lag behind are compared again after this time: a few of them soon, many seldom.
  private static let pauses = (few: Duration.seconds(1), many: Duration.seconds(10))

  /// Compares what was done and heard last with what the server shows, where that was not done since the run, the configuration
  /// or the server began.
  ///
  /// - Returns: whether it may be written to; what it lags behind with is left out then.
  func isInStep(_ connection: Connection, _ settings: Settings, _ place: Int) async throws(LDAPError) -> Bool {
    let server = settings.uri(place)
    guard servers.areSeveral, lagging.mustCompare(server) else { return true }
    let patience = settings.lagPatience
    var lag: Lag
    do {
      lag = try await compared(over: connection, settings)
      try await deleteAgain(&lag, over: connection)
    } catch let error as LDAPError {
      await connection.close()
      throw error
    } catch {
      fail(error)
      return false
    }
    let trouble = lag.isEmpty ? nil : lag.trouble(of: server, patience: patience)
    switch lagging.judge(lag, server, at: .now, patience: patience) {
    case .goOn:
      leaveOut(lag, trouble)
      return true
    case .wait:
      await connection.close()
      if let trouble, await !useServerInStep(besides: place, settings, behind: lag, because: trouble) {
        queue.connectFailed(trouble, isAway: true, at: .now)
      }
      advance()
      return false
    }
  }

  /// Looks whether another server has all that this one lags behind with, and uses that one.
  private func useServerInStep(
    besides place: Int, _ settings: Settings, behind: Lag, because trouble: Trouble
  ) async -> Bool {
    for other in 0..<settings.serverCount where other != place {
      guard let connection = try? await settings.connect(to: other) else { continue }
      let elsewhere = try? await compared(over: connection, settings)
      guard elsewhere?.isEmpty == true, servers.current.place == place else {
        await connection.close()
        continue
      }
      lagging.found(settings.uri(other))
      leaveOut(Lag(), nil)
      servers.use(other, because: trouble)
      // The queue goes on meanwhile.
      Task {
        await tellAgain(behind, over: connection, settings)
        await connection.close()
      }
      return true
    }
    return false
  }

  /// Writes the stamp of each account that another server lags behind with once more, as it is, so that this server reports the
  /// account. A slapd that was killed has its last changes and never reports them: it stores contextCSN now and then, and
  /// believes what it stored. An account that can't be written is reported at its next change.
  private func tellAgain(_ lag: Lag, over connection: Connection, _ settings: Settings) async {
    for uuid in lag.accounts.keys {
      let shown = try? await connection.searchAll(
        base: settings.container, scope: .oneLevel, filter: .equal(Schema.entryUUID, Value(uuid)),
        attributes: [Schema.stamp], limit: 2)
      guard let entry = shown?.first, let stamp = entry[Schema.stamp].first else { continue }
      _ = try? await connection.modify(
        entry.dn, [.replace(Schema.stamp, [stamp])], controls: [.assertion(.equal(Schema.stamp, stamp))])
    }
  }

  private func deleteAgain(_ lag: inout Lag, over connection: Connection) async throws(LDAPError) {
    for address in try await lag.deleteAgain(over: connection) {
      log.warning(
        "directory.deleted",
        [("address", address), ("why", "a request deleted it, and the server \(connection.url) had it still")])
    }
  }

  private func compared(over connection: Connection, _ settings: Settings) async throws -> Lag {
    let there = try await connection.contextCSN(of: settings.base)
    let begin = Lag.begin(now: current.now(), heard: try register.heardCSNs(), there: there)
    let known = try register.recentAccounts(since: begin, limit: Lag.most)
    return try await compared(known, over: connection, settings)
  }

  private func compared(_ known: [RecentAccount], over connection: Connection, _ settings: Settings) async throws -> Lag
  {
    var lag = Lag()
    for first in stride(from: 0, to: known.count, by: Lag.chunk) {
      let some = Array(known[first..<min(first + Lag.chunk, known.count)])
      let shown = try await connection.searchAll(
        base: settings.container, scope: .subtree,
        filter: .or(some.map { .equal(Schema.entryUUID, Value($0.entryUUID)) }),
        attributes: [Schema.entryUUID, Schema.entryCSN, Schema.mail, Schema.localAddress], limit: some.count + 1)
      lag.add(Lag(some, shown: shown))
    }
    return lag
  }

  /// Compares the accounts that were left out again, until none is.
  func followLag(_ connection: Connection) async {
    let settings = current.settings
    while !Task.isCancelled, connection.isUsable {
      let pause = lag.accounts.count > Lag.chunk ? Self.pauses.many : Self.pauses.few
      guard (try? await Task.sleep(for: pause)) != nil else { return }
      let trouble = lag.trouble(of: "\(connection.url)", patience: settings.lagPatience)
      if await useServerInStep(besides: place, settings, behind: lag, because: trouble) { return }
      let left = lag.accounts.values.map(\.known)
      do {
        let known = try register.refreshed(left)
        var lag = try await compared(known, over: connection, settings)
        try await deleteAgain(&lag, over: connection)
        if Task.isCancelled || !connection.isUsable { return }
        if lag.accounts.count < left.count {
          leaveOut(lag, lag.isEmpty ? nil : lag.trouble(of: "\(connection.url)", patience: settings.lagPatience))
        }
        if lag.isEmpty { return }
      } catch is LDAPError {
        // Another connection is made, or another server found, where there is something to send.
        continue
      } catch {
        return fail(error)
      }
    }
  }

  private func leaveOut(_ lag: Lag, _ trouble: Trouble?) {
    let isLess = lag.accounts.count < self.lag.accounts.count
    self.lag = lag
    _ = register.setTrouble(trouble, of: .provider, at: current.now())
    guard isLess else { return }
    if lag.isEmpty { log.info("directory.instep", []) }
    queue.tryDeferredNow()
    wake()
    writeStatusSoon()
  }

  /// The entries of a batch that speak of an account that is left out, with their endings, and the others.
  func lagging(_ batch: [QueueEntry]) -> (held: [(QueueEntry, Ending)], free: [QueueEntry]) {
    var held: [(QueueEntry, Ending)] = []
    var free: [QueueEntry] = []
    for entry in batch {
      if let account = lag.account(of: entry.addresses) {
        held.append((entry, .refused(account.trouble, .lag)))
      } else {
        free.append(entry)
      }
    }
    return (held, free)
  }
}

extension QueueEntry {
  /// All addresses that its changes speak of.
  var addresses: [String] {
    let changes: [Change] =
      switch self {
      case .change(let item): [item.change]
      case .atomic(let atomic): atomic.changes
      }
    return changes.flatMap(\.allAddresses)
  }
}

extension Change {
  /// All addresses that it speaks of.
  var allAddresses: [String] { (ownAddresses + references).map(\.text) }
}

extension Lag.Account {
  var trouble: Trouble {
    Trouble(
      what: "the directory's server shows \(known.address) as it was before \(known.number ?? "its last request")",
      remedy: "bring back the server that was written to before; it goes on by itself once they are in step")
  }
}
