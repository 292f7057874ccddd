internal import ArgumentParser
internal import Records
internal import Sandbox
internal import Text
internal import Translations

struct SandboxCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sandbox",
    abstract: "A private OpenLDAP to try, to train and to test.",
    discussion: """
      Makes a slapd of your own in a folder, with schema, access rules, password
      policy, a spool and a buzon.yaml. It touches nothing of the system.

      EXAMPLE
        buzon sandbox start --home /tmp/try
        BUZON_CONFIG=/tmp/try/buzon.yaml buzon run --once
        buzon sandbox stop --home /tmp/try
      """,
    subcommands: [Start.self, Stop.self, Status.self])

  struct Home: ParsableArguments {
    @Option(help: "The folder that holds all of it.", completion: .directory)
    var home: String
    @Flag(help: "Print as JSON.")
    var json = false
  }

  enum Approval: String, CaseIterable, ExpressibleByArgument {
    case recorded, signed
  }

  struct Start: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Start it. Returns when it answers.",
      usage: "buzon sandbox start --home <home> [<options>]",
      discussion: """
        A stopped or killed sandbox starts again with its data. --json prints the
        places: config, uri, uris, base, domain, admin, password_file, spool, state,
        records, signers, and with --approval signed signing_key: the private key
        of the one approver, jefe.sistemas.

        EXAMPLE
          buzon sandbox start --home /tmp/try --domain putumayo.gov.co
        """)

    @OptionGroup var place: Home
    @Option(help: "The mail domain. Default: example.org.")
    var domain: String?
    @Option(help: "recorded, or signed: forms must be signed, and an approver's key is made.")
    var approval: Approval?
    @Option(help: "2: two slapds in multi-provider replication.")
    var providers: Int?
    @Flag(help: "Listen on 127.0.0.1 too.")
    var tcp = false
    @Flag(help: "Listen with TLS on 127.0.0.1 too.")
    var tls = false

    func run() throws {
      let sandbox = try Sandbox.start(
        home: place.home,
        options: .init(
          domain: domain ?? "example.org", tcp: tcp, tls: tls, approvalSigned: approval == .signed,
          providers: providers ?? 1))
      for option in ignored(by: sandbox) {
        Console.error(
          "buzon: the sandbox in \(displayed(sandbox.home.utf8)) keeps what it was made with: \(option) is ignored; "
            + "make another one in another folder")
      }
      if place.json { return try Console.print(sandbox.json()) }
      try Console.say(
        """
        OpenLDAP answers at \(sandbox.uris.joined(separator: " and "))
          configuration  \(sandbox.config)
          drop forms in  \(sandbox.spool)/incoming
          records        \(sandbox.records)
          administrator  \(sandbox.admin), password in \(sandbox.passwordFile)
        export BUZON_CONFIG=\(sandbox.config)
        """)
      if let key = sandbox.signingKey { try Console.say("sign as jefe.sistemas: buzon submit --sign \(key) FILE") }
    }

    /// The options that a sandbox was not made with.
    private func ignored(by sandbox: Sandbox.Description) -> [String] {
      [
        ("--domain \(domain ?? "")", domain.map { $0 != sandbox.domain } ?? false),
        ("--providers \(providers ?? 1)", providers.map { $0 != sandbox.uris.count } ?? false),
        ("--tcp", tcp && sandbox.tcpURI == nil), ("--tls", tls && sandbox.tlsURI == nil),
        ("--approval recorded", approval == .recorded && sandbox.signingKey != nil),
      ].filter(\.1).map(\.0)
    }
  }

  struct Stop: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Stop it. Its data are kept.",
      discussion: """
        EXAMPLE
          buzon sandbox stop --home /tmp/try
        """)

    @OptionGroup var place: Home

    func run() throws {
      try Sandbox.stop(home: place.home)
      if place.json { try Console.print("{\"version\":1,\"pid\":null}") }
    }
  }

  struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show whether it runs. The exit code is 1 if it does not.",
      discussion: """
        EXAMPLE
          buzon sandbox status --home /tmp/try
        """)

    @OptionGroup var place: Home

    func run() throws {
      switch try Sandbox.status(home: place.home) {
      case .running(let sandbox):
        if place.json { return try Console.print(sandbox.json()) }
        for (pid, uri) in zip(sandbox.pids, sandbox.uris) { try Console.say("running, process \(pid), \(uri)") }
      case .stopped:
        try Console.print(place.json ? "{\"version\":1,\"pid\":null}" : translated("stopped"))
        throw ExitCode(1)
      }
    }
  }
}
