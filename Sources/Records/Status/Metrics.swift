public import Text

/// What the register has counted since it was begun: it only grows, and a restart doesn't begin anew.
public struct StatusTotals: Sendable, Hashable {
  /// Requests that were accepted.
  public var accepted: Int
  /// Changes that were applied, or were so already.
  public var applied: Int
  /// Changes that failed.
  public var failed: Int

  /// Totals by their parts.
  public init(accepted: Int = 0, applied: Int = 0, failed: Int = 0) {
    self.accepted = accepted
    self.applied = applied
    self.failed = failed
  }
}

extension StatusReport {
  /// The figures in Prometheus's text format (version 0.0.4), for an exporter that reads files: node_exporter's textfile
  /// collector. Numbers alone, without addresses, names or the requests' numbers.
  ///
  /// A time is in seconds since 1970, 0 where there is none: what waits is as old as `time()` less its time, which stays
  /// true while nobody writes.
  ///
  /// What could not be read has no sample.
  ///
  /// - Parameter listWritten: when the account list was written last.
  public func metrics(_ totals: StatusTotals, listWritten: Timestamp?) -> [UInt8] {
    var metrics = Metrics()
    metrics.gauge("build_info", "1; the agent's version is the label.", [.init(1, ("version", agent.version))])
    metrics.gauge("agent_up", "Whether the agent runs; it writes 0 when it ends.", agent.pid == nil ? 0 : 1)
    metrics.gauge(
      "agent_standby", "Whether a second agent waits to take over.", agent.standby == nil ? 0 : 1)
    metrics.time(
      "agent_start_time_seconds", "When the agent started; 0: it is not running.",
      agent.pid.flatMap { _ in agent.since })
    metrics.time(
      "metrics_timestamp_seconds", "When these figures were written; a running agent does so every minute.", generated)
    metrics.gauge(
      "health",
      "0 all is well, 1 something needs a look, 2 the service does not work; as the exit code of buzon status.",
      Int(health.exitCode))
    let counts = Dictionary(findings.map { ($0.kind, $0.count) }) { $0 + $1 }
    metrics.gauge(
      "findings",
      "What buzon status finds, by the name that it has in its JSON: how much of it, 0 where there is none.",
      Finding.Kind.allCases.map { .init(counts[$0] ?? 0, ("finding", $0.rawValue)) })
    metrics.gauge(
      "directory_up", "Whether the directory answered within the last minute and accepts operations.",
      directory.state == "up" ? 1 : 0)
    metrics.time(
      "directory_switched_timestamp_seconds", "When another server was put to use; 0: never.", directory.switched?.at)
    metrics.gauge(
      "directory_provider", "1; the server in use is the label.",
      directory.provider.map { [.init(1, ("uri", $0))] } ?? [])
    metrics.time(
      "directory_answered_timestamp_seconds", "When the directory answered last; 0: never.", directory.answered)
    metrics.time(
      "queue_waiting_since_timestamp_seconds",
      "Since when the whole queue waits for the directory; 0: it does not wait.",
      directory.state == "up" ? nil : directory.since)
    metrics.gauge(
      "waiting",
      "Whether a part can't work and is tried again: the spool, signatures, the records; provider: the server lags.",
      ["spool", "approval", "records", "provider"].map { part in
        .init(troubles.count { $0.part == part }, ("part", part))
      })
    metrics.gauge("mirror_up", "Whether the agent receives the directory's changes.", mirror.state == "down" ? 0 : 1)
    metrics.gauge(
      "clock_held", "Whether the clock is held because the host's time jumped: nothing expires.",
      clockHold == nil ? 0 : 1)
    metrics.gauge(
      "requests", "Requests that are not done, by state.", waitingCounts.map { .init($0.count, ("state", $0.state)) })
    metrics.time(
      "oldest_request_timestamp_seconds", "When the oldest request that is not done was accepted; 0: there is none.",
      waiting.map(\.since).min())
    metrics.counter("requests_accepted_total", "Requests that were accepted.", [.init(totals.accepted)])
    metrics.counter(
      "changes_total", "Changes that are done, by outcome: applied (or so already) and failed.",
      [.init(totals.applied, ("outcome", "applied")), .init(totals.failed, ("outcome", "failed"))])
    metrics.gauge(
      "spool_files", "Files in the spool's folders that are no requests.",
      [("incoming", spool.incoming), ("taken", spool.taken)].compactMap { folder, count in
        count.map { .init($0, ("folder", folder)) }
      })
    metrics.gauge("rejected_files", "Files in the folder rejected.", spool.rejected.map { [.init($0)] } ?? [])
    metrics.gauge(
      "unseen", "What went wrong since the last buzon status --acknowledge: rejected, failed (today), overridden.",
      (unseen.rejected.map { [.init($0, ("what", "rejected"))] } ?? []) + [
        .init(unseen.failed, ("what", "failed")), .init(unseen.overridden, ("what", "overridden")),
      ])
    metrics.gauge("handovers_open", "Temporary passwords that their users have not changed yet.", openHandoverCount)
    metrics.time(
      "oldest_handover_timestamp_seconds", "When the oldest of those was granted; 0: there is none.",
      handoversByDepartment.map(\.oldest).min())
    metrics.gauge(
      "accounts_drifted", "Accounts that differ from what Buzón left, because they were changed outside it.", driftCount
    )
    metrics.gauge(
      "accounts", "Accounts, by kind and status.",
      accounts.map { .init($0.count, ("kind", $0.kind), ("status", $0.status)) })
    metrics.time("list_timestamp_seconds", "When the account list was written last; 0: never.", listWritten)
    return metrics.bytes
  }
}

/// Families of samples, each with its `# HELP` and `# TYPE`.
private struct Metrics {
  private(set) var bytes: [UInt8] = []

  struct Sample {
    let value: Int
    let labels: [(name: StaticString, value: String)]

    init(_ value: Int, _ labels: (name: StaticString, value: String)...) {
      self.value = value
      self.labels = labels
    }
  }

  mutating func gauge(_ name: StaticString, _ help: StaticString, _ value: Int) { gauge(name, help, [Sample(value)]) }

  mutating func gauge(_ name: StaticString, _ help: StaticString, _ samples: [Sample]) {
    family(name, help, "gauge", samples) { $0.append(decimal: $1) }
  }

  mutating func counter(_ name: StaticString, _ help: StaticString, _ samples: [Sample]) {
    family(name, help, "counter", samples) { $0.append(decimal: $1) }
  }

  /// A moment in seconds, to the millisecond.
  mutating func time(_ name: StaticString, _ help: StaticString, _ time: Timestamp?) {
    family(name, help, "gauge", [Sample(Int(max(0, time?.milliseconds ?? 0)))]) { metrics, milliseconds in
      metrics.append(decimal: milliseconds / 1_000)
      let rest = milliseconds % 1_000
      metrics.append(rest < 10 ? ".00" : rest < 100 ? ".0" : ".")
      metrics.append(decimal: rest)
    }
  }

  private mutating func family(
    _ name: StaticString, _ help: StaticString, _ type: StaticString, _ samples: [Sample],
    _ write: (inout Metrics, Int) -> Void
  ) {
    // Our help texts have neither backslashes nor line ends.
    append("# HELP buzon_", name, " ", help, "\n# TYPE buzon_", name, " ", type, "\n")
    for sample in samples {
      append("buzon_", name)
      for (index, label) in sample.labels.enumerated() {
        append(index == 0 ? "{" : ",", label.name, "=\"")
        append(labelValue: label.value)
        append("\"")
      }
      append(sample.labels.isEmpty ? " " : "} ")
      write(&self, sample.value)
      append("\n")
    }
  }

  /// Any UTF-8, with backslash, quote and line feed escaped.
  private mutating func append(labelValue text: String) {
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\\"): append("\\\\")
      case UInt8(ascii: "\""): append("\\\"")
      case UInt8(ascii: "\n"): append("\\n")
      default: bytes.append(byte)
      }
    }
  }

  private mutating func append(_ texts: StaticString...) {
    for text in texts { text.withUTF8Buffer { bytes.append(contentsOf: $0) } }
  }

  private mutating func append(decimal number: Int) { bytes.append(contentsOf: String(number).utf8) }
}
