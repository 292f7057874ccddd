internal import Foundation

/// How hard the promises are tested, and what came of it.
///
/// `make test` takes a share of each torture, `make torture` (`BUZON_TORTURE=full`) all of it and prints the figures as a
/// table. `BUZON_TEST_SEED` repeats the moments of a run that failed.
public enum Torture {
  /// Whether this is the whole of it, which takes an hour or two, rather than a share.
  public static let isFull = environment("BUZON_TORTURE") == "full"

  /// Of the whole only so many-th a part (`BUZON_TORTURE_STRIDE`), for one that ends sooner; 1: all of it.
  public static let stride = environment("BUZON_TORTURE_STRIDE").flatMap { Int($0) }.map { max(1, $0) } ?? 1

  /// What moments and shares are drawn with; printed by ``report(_:_:lost:twice:failures:)``.
  public static let seed =
    environment("BUZON_TEST_SEED").flatMap { UInt64($0) } ?? (isFull ? .random(in: 1...999_999) : 1)

  /// How many of something are done: a share, or all.
  public static func count(share: Int, full: Int) -> Int { isFull ? max(share, full / stride) : share }

  /// Prints a line of the table: what was done, and what came of it.
  ///
  /// - Parameters:
  ///   - what: e.g. `random kills`.
  ///   - figures: in order, e.g. `("kills", 10_000)`.
  ///   - lost: what was asked and not done; `nil` where that is judged case by case, as `failures`.
  ///   - twice: what was done more than once.
  public static func report(
    _ what: String, _ figures: [(String, Int)], lost: Int? = nil, twice: Int? = nil, failures: Int? = nil
  ) {
    let found = [("lost", lost), ("twice", twice), ("failures", failures)].compactMap { name, count in
      count.map { (name, $0) }
    }
    print(
      "torture: \(what): " + (figures + found).map { "\($0.1) \($0.0)" }.joined(separator: ", ") + " (seed \(seed))")
  }

  private static func environment(_ name: String) -> String? { ProcessInfo.processInfo.environment[name] }
}
