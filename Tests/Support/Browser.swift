internal import Foundation

/// Chromium, driven as a person drives it: by WebDriver (W3C), with Debian's chromedriver and Python's standard library.
/// Ended when it goes.
public final class Browser: Sendable {
  /// What a person does on the page that is open, and what then stands there.
  public struct Step: Sendable {
    let fill: [String: String]
    let expect: String

    /// - Parameters:
    ///   - fill: what is typed into the fields of these names; behind it the form is sent.
    ///   - expect: what is waited for in the text of the page.
    public init(fill: [String: String] = [:], expect: String) { (self.fill, self.expect) = (fill, expect) }
  }

  /// Whether Debian's chromium and chromium-driver are here.
  public static var isInstalled: Bool {
    ["/usr/bin/chromium", "/usr/bin/chromedriver", "/usr/bin/python3"].allSatisfy {
      FileManager.default.isExecutableFile(atPath: $0)
    }
  }

  private let driver: Program
  private let port: UInt16
  private let scratch: Scratch

  public init() throws {
    scratch = try Scratch()
    port = try freePort()
    driver = try Program("/usr/bin/chromedriver", ["--port=\(port)"])
    try scratch.write(Self.script, to: "steps.py")
  }

  deinit {
    driver.signal(SIGTERM)
    _ = driver.wait(atMost: .seconds(60))
  }

  /// Opens a page and does what the steps say.
  ///
  /// - Returns: the text of the page behind each step.
  /// - Throws: where something that was waited for doesn't come; the error has the page's text.
  public func visit(_ url: String, _ steps: [Step]) async throws -> [String] {
    let task: [String: Any] = [
      "port": Int(port), "url": url, "profile": scratch.path + "/\(UUID().uuidString)",
      "steps": steps.map { ["fill": $0.fill, "expect": $0.expect] as [String: Any] },
    ]
    let input = String(decoding: try JSONSerialization.data(withJSONObject: task), as: UTF8.self)
    let outcome = try await Program.run(
      "/usr/bin/python3", ["-X", "utf8", scratch.path + "/steps.py"], input: input)
    guard outcome.status == 0 else { throw SiteError("the browser: \(outcome)") }
    return try JSON(outcome.output).array.compactMap(\.text)
  }

  private static let script = #"""
    import json, sys, time, urllib.error, urllib.request
    task = json.load(sys.stdin)

    def call(method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request("http://127.0.0.1:%d%s" % (task["port"], path), data, method=method)
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)["value"]

    def wait(what, condition):
        end = time.monotonic() + 90
        while time.monotonic() < end:
            try:
                found = condition()
            except urllib.error.URLError:
                found = None
            if found:
                return found
            time.sleep(0.05)
        sys.exit("waited in vain for %s" % what)

    wait("chromedriver", lambda: call("GET", "/status")["ready"])
    # Its certificate is a throw-away one.
    options = {"binary": "/usr/bin/chromium", "args": ["--headless", "--no-sandbox", "--disable-gpu",
      "--disable-dev-shm-usage", "--user-data-dir=" + task["profile"]]}
    session = "/session/" + call("POST", "/session", {"capabilities": {"alwaysMatch": {
      "acceptInsecureCerts": True, "goog:chromeOptions": options}}})["sessionId"]

    def element(css):
        return session + "/element/" + list(call("POST", session + "/element",
          {"using": "css selector", "value": css}).values())[0]

    def text():
        return call("GET", element("body") + "/text")

    texts = []
    try:
        call("POST", session + "/url", {"url": task["url"]})
        for step in task["steps"]:
            for name, value in step["fill"].items():
                field = wait("the field " + name, lambda: element("input[name=%s]" % name))
                call("POST", field + "/value", {"text": value})
            if step["fill"]:
                call("POST", element("button[type=submit]") + "/click", {})
            shown = [""]
            def appears():
                shown[0] = text()
                return step["expect"] in shown[0]
            try:
                wait(step["expect"], appears)
            except SystemExit as error:
                sys.exit("%s; the page has: %s" % (error, shown[0]))
            texts.append(shown[0])
        print(json.dumps(texts))
    finally:
        call("DELETE", session)

    """#
}
