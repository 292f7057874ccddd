/// Places in the window that abandoned operations hold. Pure.
///
/// A server answers neither an abandoned operation nor the abandoning (RFC 4511 §4.11), and it may go on with the operation.
/// slapd keeps what it has not begun, and closes a connection with more than 1,000 of those. It takes the requests of a
/// connection in their order, so an answer to a request that was sent after the abandoning proves that it took that too.
struct AbandonedPlaces {
  /// `count` operations were abandoned after request number `request` was sent, and before the next one.
  private var groups: [(request: UInt64, count: Int)] = []

  var isEmpty: Bool { groups.isEmpty }

  /// Keeps places of operations that were abandoned after this request.
  mutating func keep(_ count: Int, after request: UInt64) {
    groups.append((request, count))
  }

  /// Gives back the places that an answer to this request proves to be free: their number.
  mutating func release(by request: UInt64) -> Int {
    let proven = groups.prefix { $0.request < request }
    groups.removeFirst(proven.count)
    return proven.reduce(0) { $0 + $1.count }
  }
}
