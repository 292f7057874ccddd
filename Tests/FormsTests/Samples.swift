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

/// A fixed sequence of random numbers (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
struct SplitMix64: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
