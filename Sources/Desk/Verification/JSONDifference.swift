internal import Foundation

/// Where two JSON documents differ first, by the order of their keys.
enum JSONDifference {
  /// - Parameter ignored: a key of the outermost object.
  /// - Returns: a path such as `changes[0].outcome`; `nil`: they say the same.
  static func first(_ one: [UInt8], _ other: [UInt8], besides ignored: String) -> String? {
    guard var one = try? JSONSerialization.jsonObject(with: Data(one)) as? [String: Any],
      var other = try? JSONSerialization.jsonObject(with: Data(other)) as? [String: Any]
    else { return "its syntax" }
    one[ignored] = nil
    other[ignored] = nil
    return first(one, other, at: "")
  }

  private static func first(_ one: Any, _ other: Any, at path: String) -> String? {
    switch (one, other) {
    case (let one as [String: Any], let other as [String: Any]):
      for key in Set(one.keys).union(other.keys).sorted() {
        let place = path.isEmpty ? key : "\(path).\(key)"
        guard let left = one[key], let right = other[key] else { return place }
        if let found = first(left, right, at: place) { return found }
      }
      return nil
    case (let one as [Any], let other as [Any]):
      for (index, (left, right)) in zip(one, other).enumerated() {
        if let found = first(left, right, at: "\(path)[\(index)]") { return found }
      }
      return one.count == other.count ? nil : path
    default: return "\(one)" == "\(other)" ? nil : path
    }
  }
}
