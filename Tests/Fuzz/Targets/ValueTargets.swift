import Forms
import Text

@testable import Accounts
@testable import Configuration
@testable import LDAP
@testable import Records

/// The small values: what is read is written as it was, in its one spelling.
enum ValueTargets {
  @Sendable static func check(_ input: [UInt8]) throws {
    let text = String(decoding: input, as: UTF8.self)
    if let day = Day(parsing: text) {
      try promise(day.description.isSame(as: text), "the day \(text) is written \(day)")
      try promise(Day(daysSince1970: day.daysSince1970) == day, "the day \(day) has another number")
    }
    if let size = ByteCount(parsing: text) {
      try promise(ByteCount(parsing: size.description) == size, "the size \(text) is written \(size)")
    }
    if let duration = DurationText.parse(text) {
      try promise(DurationText.parse(DurationText.text(duration)) == duration, "the duration \(text)")
    }
    if let address = Address(text) {
      try promise(Address(address.text) == address, "the address \(address) is read in another way")
      try promise("\(address.local)@\(address.domain)".isSame(as: address.text), "the parts of \(address)")
      try promise(ExternalAddress(text) == ExternalAddress(address), "\(address) as one of elsewhere")
      try promise(
        address.text.utf8.count <= 254 && address.text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F },
        "the address \(text.debugDescription)")
    }
    if let uuid = SyncUUID(text) {
      try promise(uuid.description.isSame(as: text.lowercased()), "the UUID \(text) is written \(uuid)")
      try promise(SyncUUID(bytes: uuid.bytes) == uuid, "the UUID \(uuid) has other bytes")
    }
    try promise((SyncUUID(bytes: input) != nil) == (input.count == 16), "a UUID of \(input.count) bytes")
    if let uuid = SyncUUID(bytes: input) { try promise(SyncUUID(uuid.description) == uuid, "the UUID \(uuid)") }
    if let seconds = GeneralizedTime.seconds(Value(bytes: input)) {
      let again = GeneralizedTime.value(seconds)
      let isLeap = input[12..<14].elementsEqual("60".utf8)
      try promise(isLeap || again.bytes.dropLast() == input[..<14], "the time \(text) is written \(again.text ?? "")")
    }
    var choices = Choices(input)
    let number = (0..<8).reduce(Int64(0)) { number, _ in number << 8 | Int64(choices.byte()) }
    let time = GeneralizedTime.value(number)
    try promise(GeneralizedTime.seconds(time) != nil, "the instant \(number) is written \(time.text ?? "")")
    try promise(Timestamp(seconds: number).rfc3339.utf8.count == 20, "the instant \(number)")
  }
}
