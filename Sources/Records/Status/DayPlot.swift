internal import Text

/// A figure of each day as bars, in SVG 1.1 of our own: no script, no style of its own, nothing loaded. Each bar bears
/// its number, so there is no scale to read; whoever can't see it has its title, its description and a table.
struct DayPlot {
  /// What the bars count.
  let title: String
  /// The class of the plot, which colours it.
  let style: String
  let days: [(date: Day, count: Int)]
  /// The word for the highest bar.
  let highest: String

  // In the plot's own units, of which the page makes what it has room for.
  private static let (width, height) = (280, 100)
  private static let (top, bottom) = (16, 16)

  func svg() -> String {
    let highestCount = days.map(\.count).max() ?? 0
    let id = "plot-\(style)"
    var svg = Array(
      "<svg class=\"plot \(style)\" viewBox=\"0 0 \(Self.width) \(Self.height)\" role=\"img\" "
        .utf8)
    svg.append(contentsOf: "aria-labelledby=\"\(id)-title \(id)-text\"><title id=\"\(id)-title\">".utf8)
    svg.appendHTML(title)
    svg.append(contentsOf: "</title><desc id=\"\(id)-text\">".utf8)
    svg.appendHTML(description(highestCount))
    svg.append(contentsOf: "</desc>".utf8)
    let (floor, room) = (Self.height - Self.bottom, Self.height - Self.bottom - Self.top)
    svg.append(contentsOf: "<path d=\"M0 \(floor)H\(Self.width)\"/>".utf8)
    for (place, day) in days.enumerated() {
      let (left, right) = (place * Self.width / days.count, (place + 1) * Self.width / days.count)
      let middle = (left + right) / 2
      let last = place == days.count - 1 ? " class=\"today\"" : ""
      svg.append(contentsOf: "<g\(last)>".utf8)
      if day.count > 0 {
        // A day with anything at all is seen.
        let height = max(2, Int(Double(day.count) / Double(highestCount) * Double(room)))
        let width = max(2, (right - left) * 6 / 10)
        svg.append(
          contentsOf:
            "<rect x=\"\(middle - width / 2)\" y=\"\(floor - height)\" width=\"\(width)\" height=\"\(height)\"/>"
            .utf8)
        svg.append(contentsOf: "<text x=\"\(middle)\" y=\"\(floor - height - 4)\">\(Self.short(day.count))</text>".utf8)
      }
      svg.append(
        contentsOf: "<text class=\"day\" x=\"\(middle)\" y=\"\(Self.height - 4)\">\(day.date.day)</text></g>".utf8)
    }
    svg.append(contentsOf: "</svg>".utf8)
    return String(decoding: svg, as: UTF8.self)
  }

  private func description(_ highestCount: Int) -> String {
    guard let first = days.first?.date, let last = days.last else { return "" }
    let most = days.first { $0.count == highestCount }.map { " (\($0.date))" } ?? ""
    let total = days.reduce(0) { $0 + $1.count }
    return "\(first) – \(last.date): \(total); \(highest): \(highestCount)\(highestCount > 0 ? most : "")"
  }

  /// At most four signs, rounded: 999, 12k, 345k, 6M. The table has the exact ones.
  private static func short(_ count: Int) -> String {
    switch count {
    case ..<1000: "\(count)"
    case ..<999_500: "\((count + 500) / 1000)k"
    default: "\(count / 1_000_000 + (count % 1_000_000 >= 500_000 ? 1 : 0))M"
    }
  }
}
