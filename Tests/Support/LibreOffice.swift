internal import Glibc

/// LibreOffice without a screen: what a person's spreadsheet program makes of a file.
public enum LibreOffice {
  /// Whether there is one (Debian's `libreoffice-calc-nogui`).
  public static let isThere = access("/usr/bin/soffice", X_OK) == 0

  /// Opens a file of a folder and writes its first sheet beside it as CSV in UTF-8, every cell as it is shown.
  ///
  /// - Returns: the exit code.
  public static func convert(_ name: String, in scratch: Scratch) throws -> Int32 {
    // Comma, quotation mark, UTF-8, from line 1, no column formats, language en-US, quote texts, as shown.
    let filter = "csv:Text - txt - csv (StarCalc):44,34,76,1,,1033,true,true,true"
    let outcome = Outcome(
      of: try Program(
        "/usr/bin/soffice",
        [
          "-env:UserInstallation=file://\(scratch.path)/profile", "--headless", "--convert-to", filter, "--outdir",
          scratch.path, "\(scratch.path)/\(name)",
        ], environment: ["HOME": scratch.path]))
    if outcome.status != 0 { print(outcome.output, outcome.errors) }
    return outcome.status
  }
}
