/// `buzon.yaml` for an agent that works with the sandbox. What it leaves out is at its default.
func agentConfiguration(home: Home, saved: SavedState) -> String {
  let approval =
    saved.approvalSigned
    ? "  mode: signed\n  signers: \(quoted(home.file("allowed_signers")))" : "  mode: recorded"
  return """
    # Written by "buzon sandbox start". Every key is described in config/buzon.yaml.
    organization:
      name: Sandbox
    directory:
      uris: [\(saved.servers(home).map { quoted($0.uri) }.joined(separator: ", "))]
      base: \(quoted(saved.base))
      bind:
        method: external
    domains: [\(quoted(saved.domain))]
    spool: \(quoted(home.file("spool")))
    state: \(quoted(home.file("state")))
    records: \(quoted(home.file("records")))
    approval:
    \(approval)

    """
}
