import Forms
import LDAP

@testable import Configuration

/// buzon.yaml.
enum ConfigurationTarget {
  /// What is accepted can be worked with. What isn't is told.
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
    let directory = configuration.directory
    try promise(directory.accounts.isDescendant(of: directory.base), "accounts outside the base: \(directory.accounts)")
    for domain in configuration.domains {
      try promise(Address("a@" + domain) != nil, "a domain that no address can have: \(domain.debugDescription)")
    }
    _ = configuration.rules(today: FormTargets.rules.today)
  }
}
