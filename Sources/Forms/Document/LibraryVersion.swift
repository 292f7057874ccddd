import CYAML

/// The version of the libyaml that is loaded, e.g. `0.2.5`.
public var yamlLibraryVersion: String { String(cString: cyaml_library_version()) }
