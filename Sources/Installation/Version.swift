/// The program's version.
public let buzonVersion = "0.1.0"
