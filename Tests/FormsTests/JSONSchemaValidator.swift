import Foundation
import Support
import Testing

/// `jsonschema` of PyPI: a validator of JSON Schema that nobody here wrote. Forms reach it by PyYAML's nodes, and scalars
/// by YAML 1.2's core schema, as an editor sees them.
enum JSONSchemaValidator {
  enum Verdict: String {
    /// The schema has nothing against it.
    case valid
    /// The schema refuses it.
    case invalid
    /// PyYAML or the JSON module can't read it.
    case unreadable
  }

  private static let packages = ["jsonschema==4.23.0", "PyYAML==6.0.2"]

  /// Installed once for all tests, and kept with the build.
  private static let python = Task {
    let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? CommandLine.arguments[0]
    let folder = URL(fileURLWithPath: bundle).deletingLastPathComponent()
    let home = folder.appendingPathComponent("python-" + packages.joined(separator: "-"))
    let python = home.appendingPathComponent("bin/python").path
    if FileManager.default.isExecutableFile(atPath: python) { return python }
    let passing = folder.appendingPathComponent("python-\(UUID().uuidString)")
    try await run(
      "/usr/bin/env", ["python3", "-m", "venv", passing.path], "install python3-venv (scripts/install-deps.sh)")
    try await run(
      passing.appendingPathComponent("bin/python").path,
      ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"] + packages,
      "PyPI must be reachable (\(packages.joined(separator: ", "))); behind a proxy set HTTPS_PROXY, else PIP_INDEX_URL"
    )
    // Another test process may have been faster.
    if rename(passing.path, home.path) != 0 { try? FileManager.default.removeItem(at: passing) }
    return python
  }

  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// Validates each form against `schema/request.schema.json`.
  static func verdicts(of forms: [[UInt8]]) async throws -> [Verdict] {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("buzon-schema-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for (index, form) in forms.enumerated() {
      try Data(form).write(to: folder.appendingPathComponent("\(index)"))
    }
    let script = folder.appendingPathComponent("validate.py")
    try Data(Self.script.utf8).write(to: script)
    let schema = Samples.root + "/schema/request.schema.json"
    let lines = try await run(
      python.value, [script.path, schema, folder.path, "\(forms.count)"], "the validator is this test's own script")
    let verdicts = lines.split(separator: "\n").compactMap { Verdict(rawValue: String($0)) }
    guard verdicts.count == forms.count else { throw Failure(description: "the validator said: \(lines)") }
    return verdicts
  }

  @discardableResult
  private static func run(_ program: String, _ arguments: [String], _ remedy: String) async throws -> String {
    // Ten minutes: pip brings packages over a line that may be slow.
    let outcome = try await Program(program, arguments).outcome(atMost: .seconds(600))
    guard outcome.status == 0 else {
      throw Failure(description: "\(program) \(arguments.joined(separator: " ")): \(outcome.errors); \(remedy)")
    }
    return outcome.output
  }

  private static let script = #"""
    import json, re, sys, yaml
    from jsonschema import Draft202012Validator

    schema = json.load(open(sys.argv[1], encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)

    def value(node):
        if isinstance(node, yaml.MappingNode):
            return {key.value: value(item) for key, item in node.value}
        if isinstance(node, yaml.SequenceNode):
            return [value(item) for item in node.value]
        text = node.value
        if node.style is not None:
            return text
        if re.fullmatch(r"|~|null|Null|NULL", text): return None
        if re.fullmatch(r"true|True|TRUE", text): return True
        if re.fullmatch(r"false|False|FALSE", text): return False
        if re.fullmatch(r"[-+]?[0-9]+", text): return int(text)
        if re.fullmatch(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", text): return float(text)
        return text

    def load(data):
        if data.lstrip()[:1] == b"{":
            try: return json.loads(data)
            except ValueError: pass
        return value(yaml.compose(data.decode("utf-8"), Loader=yaml.SafeLoader))

    for index in range(int(sys.argv[3])):
        try: form = load(open(f"{sys.argv[2]}/{index}", "rb").read())
        except Exception: print("unreadable")
        else: print("valid" if validator.is_valid(form) else "invalid")
    """#
}

extension Samples {
  /// The project's folder.
  static var root: String {
    // Tests/FormsTests/JSONSchemaValidator.swift
    "\(#filePath)".split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
  }
}
