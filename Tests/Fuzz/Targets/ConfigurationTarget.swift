import Forms
import LDAP

@testable import Configuration

/// buzon.yaml.
enum ConfigurationTarget {
  /// What is accepted can be worked with: its URIs and names are what the LDAP client takes. What isn't is told.
  @Sendable static func check(_ input: [UInt8]) throws {
    let result = try withinTime(input.count) {
      Result(catching: { () throws(ConfigurationError) in try Configuration.read(input, file: "buzon.yaml") })
    }
    let configuration: Configuration
    switch result {
    case .success(let read): configuration = read
    case .failure(let error): return try FormTargets.areTold(error.findings, of: FormTargets.Text(input))
    }
    try promise((try? Configuration.read(input, file: "")) == configuration, "read twice it is two configurations")
    for uri in configuration.directory.uris {
      try promise((try? LDAPURL(uri)) != nil, "a URI that the client refuses: \(uri.debugDescription)")
    }
    for name in [configuration.directory.base, configuration.directory.accounts] {
      try promise((try? DN(parsing: name)) != nil, "a name that the client refuses: \(name.debugDescription)")
    }
    for domain in configuration.domains {
      try promise(Address("a@" + domain) != nil, "a domain that no address can have: \(domain.debugDescription)")
    }
    _ = configuration.rules(today: FormTargets.rules.today)
  }
}
