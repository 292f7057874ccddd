internal import CZlib

/// gzip (RFC 1952) in bounded memory, over zlib. The header has no time and no name, so equal input gives equal bytes.
struct Gzip: ~Copyable {
  /// What zlib said: its code and text.
  struct Failure: Error {
    let reason: String
  }

  private enum Direction {
    case compress, expand
  }

  // zlib keeps the address of the stream, so it stays where it is until `deinit` ends both.
  private let stream: UnsafeMutablePointer<z_stream>
  private let direction: Direction
  private var isAtEnd = false
  private var output = [UInt8](repeating: 0, count: 65_536)

  private init(_ direction: Direction) throws(Failure) {
    self.direction = direction
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    // 15 bits of window; 16 more say gzip.
    let size = Int32(MemoryLayout<z_stream>.size)
    let code =
      switch direction {
      case .compress: deflateInit2_(stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size)
      case .expand: inflateInit2_(stream, 15 + 16, ZLIB_VERSION, size)
      }
    // deinit runs here too, and zlib takes a stream that never began.
    guard code == Z_OK else { throw failure(code) }
  }

  deinit {
    switch direction {
    case .compress: deflateEnd(stream)
    case .expand: inflateEnd(stream)
    }
    stream.deallocate()
  }

  /// Makes a compressor.
  static func compressor() throws(Failure) -> Gzip { try Gzip(.compress) }

  /// Makes a decompressor.
  static func decompressor() throws(Failure) -> Gzip { try Gzip(.expand) }

  /// Passes bytes through.
  ///
  /// - Parameters:
  ///   - isLast: nothing follows. A decompressor checks then that the stream is whole, its checksum and length right.
  ///   - body: gets what comes out, in pieces.
  mutating func pass(_ input: UnsafeRawBufferPointer, isLast: Bool, to body: (UnsafeRawBufferPointer) throws -> Void)
    throws
  {
    guard !(isAtEnd && input.count > 0) else { throw Failure(reason: "something follows its end") }
    // zlib doesn't write to its input; its type only forgot to say so.
    stream.pointee.next_in = UnsafeMutablePointer(mutating: input.assumingMemoryBound(to: UInt8.self).baseAddress)
    stream.pointee.avail_in = UInt32(input.count)
    repeat {
      guard !isAtEnd else {
        if stream.pointee.avail_in > 0 { throw Failure(reason: "something follows its end") }
        break
      }
      let produced = try step(isLast: isLast)
      try output.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[..<produced])) }
      if produced < output.count, stream.pointee.avail_in == 0 { break }
    } while true
    if isLast, !isAtEnd { throw Failure(reason: "it ends too early") }
  }

  private mutating func step(isLast: Bool) throws(Failure) -> Int {
    let room = output.count
    let (stream, direction) = (stream, direction)
    let code = output.withUnsafeMutableBufferPointer { buffer in
      stream.pointee.next_out = buffer.baseAddress
      stream.pointee.avail_out = UInt32(room)
      return switch direction {
      case .compress: deflate(stream, isLast ? Z_FINISH : Z_NO_FLUSH)
      case .expand: inflate(stream, Z_NO_FLUSH)
      }
    }
    switch code {
    // Z_BUF_ERROR: nothing left to do, which isn't wrong (zlib.h).
    case Z_OK, Z_BUF_ERROR: break
    case Z_STREAM_END: isAtEnd = true
    default: throw failure(code)
    }
    return room - Int(stream.pointee.avail_out)
  }

  private func failure(_ code: Int32) -> Failure {
    Failure(reason: stream.pointee.msg.map { String(cString: $0) } ?? "zlib error \(code)")
  }
}
