/// A made-up official, the same for the same number: a mixture of names with and without accents.
struct SamplePerson {
  var given: String
  var family: String
  /// ASCII, unique.
  var local: String
  var alias: String
  var document: String
  var position: String
  var department: String
  var phone: String

  init(_ number: Int) {
    let first = Self.given[number % Self.given.count]
    let second = Self.given[(number / 3 + 11) % Self.given.count]
    let father = Self.family[number / Self.given.count % Self.family.count]
    let mother = Self.family[(number * 7 + 5) % Self.family.count]
    given = number % 3 == 0 ? first.name : "\(first.name) \(second.name)"
    family = "\(father.name) \(mother.name)"
    local = "\(first.ascii).\(father.ascii).\(number)"
    alias = "\(first.ascii.prefix(1))\(father.ascii)\(number)"
    document = String(1_120_000_000 + number * 13)
    position = Self.positions[number % Self.positions.count]
    department = Self.departments[number % Self.departments.count]
    phone = "+57 8 42\(String(10_000 + number % 90_000))"
  }

  private static let given: [(name: String, ascii: String)] = [
    ("Ana", "ana"), ("Andrés", "andres"), ("Beatriz", "beatriz"), ("Camilo", "camilo"), ("Catalina", "catalina"),
    ("César", "cesar"), ("Diana", "diana"), ("Édgar", "edgar"), ("Fabiola", "fabiola"), ("Germán", "german"),
    ("Hilda", "hilda"), ("Inés", "ines"), ("Iván", "ivan"), ("José", "jose"), ("Julieta", "julieta"),
    ("Leonor", "leonor"), ("Lucía", "lucia"), ("Manuel", "manuel"), ("María", "maria"), ("Mónica", "monica"),
    ("Óscar", "oscar"), ("Pilar", "pilar"), ("Rocío", "rocio"), ("Rubén", "ruben"), ("Sofía", "sofia"),
    ("Tomás", "tomas"), ("Úrsula", "ursula"), ("Wilson", "wilson"), ("Yolanda", "yolanda"),
  ]
  private static let family: [(name: String, ascii: String)] = [
    ("Acosta", "acosta"), ("Bolaños", "bolanos"), ("Burbano", "burbano"), ("Cabrera", "cabrera"), ("Díaz", "diaz"),
    ("Erazo", "erazo"), ("Gómez", "gomez"), ("Guerrero", "guerrero"), ("Ibáñez", "ibanez"), ("Jojoa", "jojoa"),
    ("López", "lopez"), ("Martínez", "martinez"), ("Muñoz", "munoz"), ("Narváez", "narvaez"), ("Ordóñez", "ordonez"),
    ("Peña", "pena"), ("Quiñones", "quinones"), ("Rosero", "rosero"), ("Solarte", "solarte"), ("Timaná", "timana"),
    ("Urbano", "urbano"), ("Velásquez", "velasquez"), ("Yela", "yela"), ("Zúñiga", "zuniga"),
  ]
  private static let positions = [
    "Profesional universitario", "Técnico administrativo", "Secretario ejecutivo", "Auxiliar administrativo",
    "Jefe de oficina", "Contratista",
  ]
  private static let departments = [
    "Secretaría de Salud", "Secretaría de Educación", "Secretaría de Hacienda", "Oficina de Planeación", "Despacho",
  ]
}
