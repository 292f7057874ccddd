// swift-tools-version: 6.1
import PackageDescription

// Targets stand bottom-up: each may import only what stands above it, and the line over it says what it is.

let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  // Failpoints are compiled into debug builds only; in release they cost nothing.
  .define("FAILPOINTS", .when(configuration: .debug)),
]

// Tests/Fuzz is a plain test, which runs its seeds, or (BUZON_FUZZ, set by scripts/fuzz.sh) a program of libFuzzer's.
let fuzzed: [Target.Dependency] = ["Accounts", "CFuzz", "Configuration", "Files", "Forms", "LDAP", "Records", "Text"]
let fuzz: Target =
  Context.environment["BUZON_FUZZ"] == nil
  ? .testTarget(
    name: "FuzzTests", dependencies: fuzzed + ["Support"], path: "Tests/Fuzz/Targets", exclude: ["LibFuzzer.swift"],
    swiftSettings: strict)
  : .executableTarget(
    name: "fuzz", dependencies: fuzzed, path: "Tests/Fuzz/Targets", exclude: ["CorpusTests.swift"],
    swiftSettings: strict)

// The commit, which `make release` and `make deb` give: `buzon --version` prints it. Other builds have none, so that a
// commit does not make them out of date.
let commit: [CSetting] =
  Context.environment["BUZON_COMMIT"].map { $0.isEmpty ? [] : [.define("BUZON_COMMIT", to: "\"\($0)\"")] } ?? []

let package = Package(
  name: "buzon",
  products: [
    .executable(name: "buzon", targets: ["buzon"]),
    .library(name: "LDAP", targets: ["LDAP"]),
    // Preloaded by tests into programs that are to meet failing system calls.
    .library(name: "Faults", type: .dynamic, targets: ["CFaults"]),
  ],
  dependencies: [
    // The command line.
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    // SHA-256 for digests, plans and the ledger, HMAC for temporary passwords.
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    // SQLite, for the register.
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    // The templates of the printed pages.
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
  ],
  targets: [
    // C neighbours. Only what Swift can't call by itself; each function says why it exists.
    .target(
      name: "CLDAP",
      linkerSettings: [.linkedLibrary("ldap"), .linkedLibrary("lber"), .linkedLibrary("sasl2")]),
    .target(name: "CSystem", cSettings: commit, linkerSettings: [.linkedLibrary("crypt")]),
    .target(name: "CTranslations"),
    .target(name: "CXLSX", linkerSettings: [.linkedLibrary("xlsxwriter"), .linkedLibrary("z")]),
    .target(name: "CYAML", linkerSettings: [.linkedLibrary("yaml")]),

    // One numbered point at every call that changes state, so that a test can stop the process there.
    .target(name: "Failpoints", swiftSettings: strict),
    // What text is made of: what is safe to print and how each place escapes it, days and zones, JSON.
    .target(name: "Text", swiftSettings: strict),
    // The program's messages in Spanish: Sources/buzon/Translations/es.po, built in.
    .target(name: "Translations", dependencies: ["CTranslations"], swiftSettings: strict),
    // The file system calls that the promises rest on: take, write durably, sync.
    .target(name: "Files", dependencies: ["CSystem", "Failpoints", "Text"], swiftSettings: strict),
    // An LDAP client worth publishing by itself. It knows nothing of mail.
    .target(name: "LDAP", dependencies: ["CLDAP"], swiftSettings: strict),
    // The strict document reader and the request form.
    .target(name: "Forms", dependencies: ["CYAML", "Text"], swiftSettings: strict),
    // buzon.yaml, by the same reader.
    .target(name: "Configuration", dependencies: ["Forms", "LDAP", "Text"], swiftSettings: strict),
    // An account and its entry, both ways; a change and the present entry make one guarded operation. Pure.
    .target(
      name: "Accounts", dependencies: ["Forms", "LDAP", "Text", .product(name: "Crypto", package: "swift-crypto")],
      swiftSettings: strict),
    // What was asked, intended and done: the only SQL.
    .target(
      name: "Register",
      dependencies: [
        "Accounts", "Failpoints", "Forms", "LDAP", "Text",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "GRDB", package: "GRDB.swift"),
      ], swiftSettings: strict),
    // Values to bytes: the delivery record and the account list, for programs and on paper, and the list's backups.
    .target(
      name: "Records",
      dependencies: [
        "Accounts", "CXLSX", "Configuration", "Files", "LDAP", "Register", "Text", "Translations",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "Mustache", package: "swift-mustache"),
      ],
      resources: [.embedInCode("Resources")], swiftSettings: strict),
    // The way to the directory: choose a server, connect, wait.
    .target(
      name: "Providers", dependencies: ["Accounts", "Configuration", "Files", "LDAP", "Register"], swiftSettings: strict
    ),
    // What agent and desk share of an installed Buzón: its folders, locks and key, who may touch them, how it writes.
    .target(
      name: "Installation",
      dependencies: [
        "Accounts", "CSystem", "Configuration", "Failpoints", "Files", "Forms", "LDAP", "Records", "Register", "Text",
        .product(name: "Crypto", package: "swift-crypto"),
      ], swiftSettings: strict),
    // The daemon, from spool to record.
    .target(
      name: "Agent",
      dependencies: [
        "Accounts", "CSystem", "Configuration", "Failpoints", "Files", "Forms", "Installation", "LDAP", "Providers",
        "Records", "Register", "Text", "Translations", .product(name: "Crypto", package: "swift-crypto"),
      ], swiftSettings: strict),
    // What a directory needs: schema/ and config/slapd, built in.
    .target(name: "SlapdFiles", resources: [.embedInCode("Resources")], swiftSettings: strict),
    // What people do at the command line, beside the daemon.
    .target(
      name: "Desk",
      dependencies: [
        "Accounts", "Configuration", "Files", "Forms", "Installation", "LDAP", "Providers", "Records", "Register",
        "SlapdFiles", "Text",
      ], swiftSettings: strict),
    // A private slapd to try, to train and to test.
    .target(name: "Sandbox", dependencies: ["Files", "SlapdFiles"], swiftSettings: strict),
    // The command line. The only exit.
    .executableTarget(
      name: "buzon",
      dependencies: [
        "Accounts", "Agent", "Configuration", "Desk", "Failpoints", "Files", "Forms", "Installation", "LDAP", "Records",
        "Register", "Sandbox", "Text", "Translations",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], exclude: ["Translations"], swiftSettings: strict),

    // What the agent is measured against: a bare C client, and the harness that runs both side by side.
    .executableTarget(
      name: "CLoader",
      linkerSettings: [.linkedLibrary("ldap"), .linkedLibrary("lber"), .linkedLibrary("sasl2")]),
    .executableTarget(name: "benchmark", dependencies: ["Files", "Sandbox"], swiftSettings: strict),

    // The tests mirror the targets. `Support` is their harness: a private slapd and the `buzon` of this build.
    .target(name: "Support", dependencies: ["Files", "Sandbox"], path: "Tests/Support", swiftSettings: strict),
    .target(name: "CFaults", path: "Tests/CFaults"),
    // Runs a program under the unit's system calls.
    .executableTarget(name: "CRestricted", path: "Tests/CRestricted"),
    .testTarget(name: "TextTests", dependencies: ["Files", "Support", "Text"], swiftSettings: strict),
    .testTarget(
      name: "TranslationsTests", dependencies: ["Files", "LDAP", "Support", "Translations"], swiftSettings: strict),
    .testTarget(name: "FilesTests", dependencies: ["Files", "Support", "Text"], swiftSettings: strict),
    .testTarget(name: "LDAPTests", dependencies: ["LDAP", "Support"], swiftSettings: strict),
    .testTarget(
      name: "FormsTests", dependencies: ["Forms", "Support", "Text", "Translations"], swiftSettings: strict),
    .testTarget(name: "ConfigurationTests", dependencies: ["Configuration", "LDAP"], swiftSettings: strict),
    .testTarget(
      name: "AccountsTests", dependencies: ["Accounts", "Forms", "LDAP", "Support", "Text"], swiftSettings: strict),
    .testTarget(
      name: "RegisterTests",
      dependencies: [
        "Accounts", "Forms", "LDAP", "Register", "Support", "Text", .product(name: "GRDB", package: "GRDB.swift"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "RecordsTests",
      dependencies: [
        "Accounts", "CXLSX", "Configuration", "Files", "Forms", "LDAP", "Records", "Register", "Support", "Text",
        "Translations",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "ProvidersTests", dependencies: ["Accounts", "Configuration", "LDAP", "Providers", "Register"],
      swiftSettings: strict),
    .testTarget(
      name: "InstallationTests",
      dependencies: ["Accounts", "Installation", "LDAP", "Records", "Register", "Support", "Text"],
      swiftSettings: strict),
    .testTarget(
      name: "DeskTests", dependencies: ["Configuration", "Desk", "Files", "LDAP", "Register", "SlapdFiles"],
      swiftSettings: strict),
    .testTarget(
      name: "AgentTests",
      dependencies: [
        "Accounts", "Agent", "Configuration", "Forms", "Installation", "LDAP", "Providers", "Register", "Support",
        "Text",
      ],
      swiftSettings: strict),
    .testTarget(name: "SandboxTests", dependencies: ["Sandbox"], swiftSettings: strict),
    .testTarget(name: "EndToEndTests", dependencies: ["Records", "Support", "Text", "buzon"], swiftSettings: strict),
    // Torture: system calls that fail and power that is cut; a directory that fails and lies; hostile files and forms; who
    // may touch what.
    .testTarget(name: "FaultTests", dependencies: ["CFaults", "Support", "buzon"], swiftSettings: strict),
    .testTarget(name: "DirectoryFaultTests", dependencies: ["Support", "buzon"], swiftSettings: strict),
    // Two providers in replication: which one is used, and that nothing is undone.
    .testTarget(name: "ReplicationTests", dependencies: ["Support", "buzon"], swiftSettings: strict),
    .testTarget(name: "HostileTests", dependencies: ["Support", "buzon"], swiftSettings: strict),
    .testTarget(name: "PrivilegeTests", dependencies: ["Support", "buzon"], swiftSettings: strict),
    // `buzon doctor` and `buzon init`: a place with each of its faults, and a bare directory.
    .testTarget(name: "PlaceTests", dependencies: ["Sandbox", "Support", "buzon"], swiftSettings: strict),
    // Any bytes whatever, to every parser and writer; CFuzz is what the targets need of C.
    .target(
      name: "CFuzz", path: "Tests/Fuzz/CFuzz", linkerSettings: [.linkedLibrary("ldap"), .linkedLibrary("lber")]),
    fuzz,
  ]
)
