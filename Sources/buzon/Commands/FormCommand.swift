internal import Agent
internal import ArgumentParser
internal import Configuration
internal import Desk
internal import Files
internal import Forms
internal import Glibc
internal import Text

struct FormCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "form",
    abstract: "Write a bulk form from a spreadsheet or from the directory.",
    usage: "buzon form (--csv <file> | --adopt <filter>) <options>",
    discussion: """
      With --csv: one create for each row of a spreadsheet that was exported as
      CSV. The first line that names columns is the header; titles above it are
      passed over, which is reported. The names are English or Spanish; upper
      case, accents and punctuation don't count:

        address/correo          the account's address; this column must be there;
                                also correo electrónico, correo institucional,
                                e-mail
        kind/tipo               person/persona, functional/funcional, list/lista;
                                default: person
        given/nombres           a person's given names (also nombre, where there
                                are apellidos beside it); or primer nombre and
                                segundo nombre
        family/apellidos        a person's family names; or primer apellido and
                                segundo apellido
        display/nombre          what a functional account or a list is called
        document/documento      also cédula, n.º de documento, identificación
        position/cargo
        phone/teléfono          also celular, móvil
        department/dependencia  also área, oficina; default: --department
        owner/responsable       functional accounts and lists need one
        aliases/alias, forward/reenvío, lists/listas, members/miembros
                                addresses with spaces, commas or semicolons
                                between them
        keep_copy/conserva_copia
                                true or false, sí or no
        quota/cuota             5 GiB
        expires/vence           2026-12-31 or 31/12/2026

      Addresses may be written as mail programs write them: Muñoz, María <m@…>,
      mailto:m@…. The delimiter is the one of the header. The text is UTF-8,
      unless --encoding names another encoding; a letter that was read in the
      wrong one is a mistake. All mistakes are printed, each as
      FILE:LINE:COLUMN: COLUMN'S NAME: what is wrong; what to write instead.

      With --adopt: one adopt, by address, for each entry below directory.accounts
      that the filter (RFC 4515) finds and that is not our account yet. Entries
      that cannot be adopted are left out and listed on standard error.

      The form goes to standard output, or with -o to a new file that only you may
      read. Nothing is submitted.

      EXIT CODES
        0 written, 64 usage, 65 mistakes, 66 no such file, 69 directory
        unavailable, 73 the output file is there already or can't be made,
        77 the directory refuses, 78 configuration

      EXAMPLE
        buzon form --csv contratistas.csv --number 2026-0150 \\
          --department Salud --requester 'Ana Rosero' \\
          --approved-by jefe.sistemas --approved-on 2026-11-21 -o 0150.yaml
        buzon form --adopt '(objectClass=inetOrgPerson)' --number 2026-0001 \\
          --department Sistemas --requester 'Ana Rosero' \\
          --approved-by jefe.sistemas --approved-on 2026-11-21 >0001.yaml
      """)

  enum Delimiter: String, CaseIterable, ExpressibleByArgument {
    case comma, semicolon, tab

    var byte: UInt8 {
      switch self {
      case .comma: UInt8(ascii: ",")
      case .semicolon: UInt8(ascii: ";")
      case .tab: 0x09
      }
    }
  }

  @OptionGroup var common: CommonOptions
  @Option(
    help: ArgumentHelp("A spreadsheet as CSV; - for standard input.", valueName: "file"),
    completion: .file(extensions: ["csv"]))
  var csv: String?
  @Option(help: ArgumentHelp("Entries of the directory, e.g. '(objectClass=inetOrgPerson)'.", valueName: "filter"))
  var adopt: String?
  @OptionGroup var header: FormHeaderOptions
  @Flag(help: "All the changes or none.")
  var atomic = false
  @Option(help: "The delimiter between cells: comma, semicolon or tab. Default: the one of the header.")
  var delimiter: Delimiter?
  @Option(
    help: ArgumentHelp(
      """
      utf-8 (default); windows-1252: what Excel writes under 'CSV' on Western European systems; \
      cp850 (ibm850): under 'CSV (MS-DOS)'; macintosh: on a Mac; latin1.
      """, valueName: "encoding"), transform: encoding)
  var encoding = CSVEncoding.utf8
  @Option(
    name: .shortAndLong, help: ArgumentHelp("Write the form to this file.", valueName: "file"),
    completion: .file())
  var output: String?
  @Flag(help: "Replace the file if it is there.")
  var force = false

  private static func encoding(_ name: String) throws -> CSVEncoding {
    guard let encoding = CSVEncoding(name: name) else {
      throw ValidationError("write \(CSVEncoding.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return encoding
  }

  func validate() throws {
    guard (csv == nil) != (adopt == nil) else { throw ValidationError("name one of --csv and --adopt") }
    guard header.missing.isEmpty else {
      throw ValidationError("missing: \(header.missing.joined(separator: ", "))")
    }
    if adopt != nil, delimiter != nil { throw ValidationError("--delimiter goes with --csv") }
  }

  func run() async throws {
    let configuration = try common.configuration()
    let rules = try configuration.rulesToday()
    let header = header.header(configuration, atomic: atomic)
    let outcome: FormReader.Outcome
    if let csv {
      outcome = BulkForm.creates(
        csv: try bytes(of: csv), encoding: encoding, delimiter: delimiter?.byte, header: header, rules: rules,
        note: { Console.report($0, of: Self.name(of: csv)) })
    } else {
      let addresses = try await adoptable(configuration, rules)
      outcome = BulkForm.adopts(of: addresses, header: header, rules: rules)
    }
    switch outcome {
    case .request(let request):
      let form = FormWriter.write(request)
      try FormHeaderOptions.requireRoom(for: form, limit: rules.formSize, configuration: common.path)
      try write(form)
    case .invalid(let findings):
      throw FormHeaderOptions.report(findings, file: csv.map(Self.name(of:)) ?? "(directory)")
    }
  }

  // MARK: In

  private static func name(of csv: String) -> String { csv == "-" ? "(standard input)" : displayed(csv.utf8) }

  private func bytes(of path: String) throws -> [UInt8] {
    do {
      return try path == "-" ? standardInput(limit: BulkForm.largestCSV) : readFile(path, limit: BulkForm.largestCSV)
    } catch let error as FileError {
      if error.code == EFBIG {
        throw Failure("\(error.path): has more than 256 MiB; divide it", .dataError)
      }
      throw Failure("\(error.path): can't be read as a file (\(error.words)); name a CSV file that is there", .noInput)
    }
  }

  private func standardInput(limit: Int) throws -> [UInt8] {
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let got = piece.withUnsafeMutableBytes { Glibc.read(STDIN_FILENO, $0.baseAddress, $0.count) }
      if got == 0 { return bytes }
      if got < 0, errno == EINTR { continue }
      guard got > 0 else { throw FileError(call: "read", path: "standard input", code: errno) }
      bytes.append(contentsOf: piece[..<got])
      if bytes.count > limit { throw FileError(call: "read", path: "standard input", code: EFBIG) }
    }
  }

  private func adoptable(_ configuration: Configuration, _ rules: Rules) async throws -> [Address] {
    do {
      let search = try DirectorySearch(configuration, filter: adopt ?? "")
      let found = try await search.adoptable(rules: rules)
      for (dn, reason) in found.leftOut { Console.error("buzon: \(displayed(dn.utf8)) \(reason)") }
      for (dn, address) in found.chosen {
        Console.error(
          "buzon: \(displayed(dn.utf8)) has several mail addresses; the form makes \(address.text) the primary")
      }
      if found.addresses.isEmpty {
        throw Failure(
          "no entry to adopt: the filter finds \(found.accounts) accounts of ours and \(found.leftOut.count) entries "
            + "that can't be adopted below \(configuration.directory.accounts)", .dataError)
      }
      return found.addresses
    } catch let failure as DirectorySearch.Failure {
      throw Failure("\(failure)", ExitCode(failure.exitCode))
    }
  }

  // MARK: Out

  private func write(_ form: [UInt8]) throws {
    guard let output else { return try Console.output(form) }
    // Identity numbers stand in it: for nobody else to read.
    try OutputFile(output, replaces: force).write(form)
  }
}
