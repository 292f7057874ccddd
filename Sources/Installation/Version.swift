internal import CSystem

/// The program's version.
public let buzonVersion = "0.2.0"

/// The commit that the program was built from; `nil` where the build was not told (`make release` tells it).
public var buzonCommit: String? { buzon_commit().map { String(cString: $0) } }
