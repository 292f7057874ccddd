import LDAP

@testable import Accounts

/// The image of an account's entry that the register keeps: what is read is what was written, and nothing else is read.
enum ImageTarget {
  @Sendable static func check(_ input: [UInt8]) throws {
    if let image = ManagedImage(encoded: input) {
      var writer = ImageWriter()
      for (slot, values) in image.values.enumerated() { writer.append(slot, values) }
      try promise(writer.bytes == input, "an image was taken that isn't as we write it")
      _ = image.differences(from: ManagedImage(Entry(dn: DN(), attributes: [])))
    }
    var choices = Choices(input)
    let names =
      ManagedImage.attributes + ["MAIL", "title;lang-es", "mailLocalAddress;x-a;x-b", "userPassword", "description"]
    var attributes: [Attribute] = []
    for _ in 0..<choices.byte() % 6 {
      let name = choices.of(names)
      let values = (0...choices.byte() % 4).map { _ in Value(bytes: choices.bytes()) }
      attributes.append(Attribute(name, values))
    }
    attributes.append(Attribute("cn", [Value(bytes: choices.all())]))
    let entry = Entry(dn: DN(), attributes: attributes)
    let image = ManagedImage(entry)
    try promise(ManagedImage(encoded: image.encoded) == image, "an image that was written isn't read: \(entry)")
    // The order of values and of attributes says nothing.
    let turned = attributes.map { Attribute($0.name, $0.values.reversed()) }.reversed()
    try promise(ManagedImage(Entry(dn: DN(), attributes: Array(turned))) == image, "order counts in \(entry)")
    try promise(image.differences(from: image).isEmpty, "an image differs from itself: \(entry)")
  }
}
