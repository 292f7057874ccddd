internal import Files

extension RecordFolders {
  /// Permission bits of the metrics' folder, which an exporter reads.
  public static let metricsMode: UInt32 = 0o755

  /// Puts the operator's page and the metrics (`metrics/buzon.prom`) in place of those before, whole and durably.
  ///
  /// - Throws: ``FileError``; ``SyncFailure``, after which the process must end.
  public func writeStatus(_ page: [UInt8], metrics: [UInt8]) throws {
    let folder = try root.folder("metrics", creating: Self.metricsMode, temporary: temporary)
    var batch = DurableBatch(temporary)
    try batch.add(page, as: RecordNames.statusPage, in: root, mode: Self.statusMode)
    try batch.add(metrics, as: "buzon.prom", in: folder, mode: Self.statusMode)
    try batch.commit()
  }
}
