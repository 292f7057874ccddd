import Foundation
import Support

extension PowerCutLab {
  /// What is left of what the disk was given and not told to flush.
  enum Cache: String, Sendable, CaseIterable {
    /// All of it: a disk without a write cache, or with a battery.
    case keeping
    /// Nothing but what the kernel wrote by itself: a disk with a large volatile cache.
    case losing
    /// A random half of it: a cache that wrote in an order of its own.
    case reordering
  }

  /// What the disk would hold if the power were cut now: `pool/NAME.img`.
  ///
  /// - Parameter seed: draws what a disk that reorders has written.
  func cut(_ cache: Cache, as name: String, seed: UInt64) throws {
    switch cache {
    case .keeping: try withFile("disk/live.img", O_RDONLY) { fsync($0) }
    case .losing: break
    case .reordering: try withFile("disk/live.img", O_RDONLY) { writeBack(half: $0, seed: seed) }
    }
    try withFile("pool/disk.img", O_RDONLY) { disk in
      try withFile("pool/\(name).img", O_WRONLY | O_CREAT | O_EXCL) { copy in
        // FICLONE of <linux/fs.h>, a macro that Swift doesn't import.
        ioctl(copy, 0x4004_9409, disk)
      }
      return 0
    }
  }

  /// Has a random half of what is dirty written, in pieces of 16 KiB (sync_file_range(2), which flushes nothing).
  private func writeBack(half file: Int32, seed: UInt64) -> Int32 {
    var random = SeededGenerator(seed: seed)
    var status = stat()
    guard let found = dlsym(dlopen(nil, RTLD_NOW), "sync_file_range"), fstat(file, &status) == 0 else { return -1 }
    // Its type in <fcntl.h>, behind _GNU_SOURCE, which Swift's Glibc doesn't show; so are the two flags.
    typealias Call = @convention(c) (Int32, Int64, Int64, UInt32) -> Int32
    let (waitBefore, write): (UInt32, UInt32) = (1, 2)
    let call = unsafeBitCast(found, to: Call.self)
    let piece = 16 << 10
    var bits: UInt64 = 0
    for number in 0..<(Int(status.st_size) / piece) {
      if number % 64 == 0 { bits = random.next() }
      defer { bits >>= 1 }
      guard bits & 1 == 1 else { continue }
      guard call(file, Int64(number * piece), Int64(piece), write) == 0 else { return -1 }
    }
    return call(file, 0, 0, waitBefore)
  }

  private func withFile(_ name: String, _ flags: Int32, _ use: (Int32) throws -> Int32) throws {
    let file = open(outside("\(folder)/\(name)"), flags | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw SiteError("open \(name): errno \(errno)") }
    defer { close(file) }
    guard try use(file) == 0 else { throw SiteError("\(name): errno \(errno)") }
  }

  /// The same in a script that just ran something, `$lab` and `$name` being set; `nil`: only ``cut(_:as:seed:)`` can.
  static func script(_ cache: Cache) -> String? {
    let copy = "cp --reflink=always \"$lab/pool/disk.img\" \"$lab/pool/$name.img\""
    return switch cache {
    case .keeping: "sync \"$lab/disk/live.img\" && \(copy)"
    case .losing: copy
    case .reordering: nil
    }
  }
}
