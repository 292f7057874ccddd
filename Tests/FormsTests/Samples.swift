import Glibc
import Testing

/// The sample forms of config/forms.
enum Samples {
  static let yaml = [
    "01-crear.yaml", "02-masivo.yaml", "03-modificar.yaml", "04-eliminar.yaml", "06-funcional-y-lista.yaml",
  ]

  static func bytes(_ name: String) throws -> [UInt8] {
    // Tests/FormsTests/Samples.swift
    let root = "\(#filePath)".split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
    let file = try #require(fopen("\(root)/config/forms/\(name)", "r"), "no sample \(name)")
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    let count = fread(&bytes, 1, bytes.count, file)
    return Array(bytes[..<count])
  }
}
