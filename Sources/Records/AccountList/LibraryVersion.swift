internal import CXLSX

/// The version of the libxlsxwriter that is loaded, e.g. `1.1.4`.
public var xlsxLibraryVersion: String { String(cString: cxlsx_library_version()) }
