public import Configuration
internal import Files
internal import LDAP
public import Records
internal import Text

/// The status where there is no register: nothing is known but what lies in the spool.
public enum StatusBeforeStart {
  /// What can be said. Delivery records without a register mean that the state was lost, not that nothing ever ran.
  ///
  /// - Throws: ``AgentError``: the time zone isn't known here.
  public static func report(_ configuration: Configuration) throws -> StatusReport {
    let wasHere = (try? Directory(configuration.records + "/deliveries").names().isEmpty) == false
    let spool = SpoolReading.read(configuration.spool, state: configuration.state, hasRun: wasHere)
    let state = displayed(configuration.state.utf8)
    let records = displayed(configuration.records.utf8)
    let agent = StatusReport.Agent(
      version: buzonVersion, pid: nil, since: nil, absence: wasHere ? .lost : .never,
      reason: wasHere
        ? "\(state) has no register, but \(records) has delivery records" : "no agent has ever run here",
      remedy: wasHere
        ? "mount or restore the state (buzon restore)"
        : "start the agent (systemctl start buzon, or buzon run)")
    return StatusReport(
      generated: Timestamp(milliseconds: WallClock.now()), agent: agent,
      directory: StatusReport.Directory(
        state: "unknown", provider: configuration.directory.uris.first?.description,
        reason: "no agent runs, so nobody asks the directory", remedy: agent.remedy),
      mirror: StatusReport.Mirror(state: "down", reason: "the agent isn't running"),
      spool: spool, unseen: StatusReport.Unseen(rejected: spool.rejected))
  }
}
