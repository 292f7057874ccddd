/// What a page of a search ends with (RFC 2696).
public struct PagedResultsResponse: Hashable, Sendable {
  /// The server's estimate of all entries; 0: it has none.
  public var size: Int
  /// Where the next page begins; empty: there is none.
  public var cookie: [UInt8]

  init?(ber bytes: [UInt8]) {
    // SEQUENCE { size INTEGER, cookie OCTET STRING }
    var outer = BERReader(bytes[...])
    guard var sequence = outer.constructed(0x30), let size = sequence.integer(), let cookie = sequence.octets(0x04)
    else { return nil }
    self.size = size
    self.cookie = Array(cookie)
  }
}

extension Control {
  /// The search brings one page of entries (RFC 2696): ``Response/pagedResults`` says where the next one begins.
  ///
  /// - Parameters:
  ///   - size: entries of a page.
  ///   - cookie: the one of the page before; empty for the first page.
  public static func pagedResults(size: Int, cookie: [UInt8] = []) -> Control {
    var writer = BERWriter()
    writer.octets(cookie)
    writer.integer(size)
    writer.close(0x30, since: 0)
    return Control(oid: OID.pagedResults, isCritical: true, value: writer.bytes)
  }
}

extension Response {
  /// Where the next page begins, where ``Control/pagedResults(size:cookie:)`` asked for a page (RFC 2696).
  public var pagedResults: PagedResultsResponse? {
    controls.first { $0.oid == Control.OID.pagedResults }.flatMap { PagedResultsResponse(ber: $0.value ?? []) }
  }
}
