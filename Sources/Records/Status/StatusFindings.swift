internal import Text

extension StatusReport.Finding {
  /// What helps: what the agent said of this case, else what always helps against the kind.
  func remedyText(_ language: PageLanguage) -> String? {
    remedy.map { language.text(of: $0) } ?? kind.remedy?.text(language)
  }
}

extension StatusReport.Finding.Kind {
  var word: StatusWord {
    switch self {
    case .agentStopped: .foundAgentStopped
    case .directoryWaiting: .foundDirectoryWaiting
    case .mirrorDown: .foundMirrorDown
    case .providerLags: .foundProviderLags
    case .providerSwitched: .foundProviderSwitched
    case .clockHeld: .foundClockHeld
    case .spoolWaiting: .foundSpoolWaiting
    case .recordsWaiting: .foundRecordsWaiting
    case .ledgerDiffers: .foundLedgerDiffers
    case .approvalWaiting: .foundApprovalWaiting
    case .spoolUnreadable: .foundSpoolUnreadable
    case .runUnfinished: .foundRunUnfinished
    case .stuck: .foundStuck
    case .spoolMode: .foundSpoolMode
    case .rejected: .foundRejected
    case .overridden: .foundOverridden
    case .held: .foundHeld
    case .refused: .foundRefused
    case .failedToday: .foundFailedToday
    case .drift: .foundDrift
    }
  }

  /// What helps whatever the case; `nil` where the finding itself always says it.
  var remedy: StatusWord? {
    switch self {
    case .agentStopped: .doStart
    case .mirrorDown: .doMirror
    case .providerSwitched: .doProviderSwitched
    case .held: .doHeld
    case .refused: .doRefused
    case .stuck: .doStuck
    case .rejected: .doRejected
    case .failedToday: .doFailed
    case .overridden: .doOverridden
    case .drift: .doDrift
    case .directoryWaiting, .clockHeld, .spoolWaiting, .recordsWaiting, .ledgerDiffers, .approvalWaiting,
      .spoolUnreadable, .runUnfinished, .spoolMode, .providerLags:
      nil
    }
  }

  /// Whether its count says something.
  var isCounted: Bool {
    switch self {
    case .agentStopped, .directoryWaiting, .spoolWaiting, .recordsWaiting, .ledgerDiffers, .approvalWaiting,
      .spoolUnreadable, .runUnfinished, .mirrorDown, .providerLags, .providerSwitched, .clockHeld:
      false
    case .spoolMode, .held, .refused, .stuck, .rejected, .failedToday, .overridden, .drift: true
    }
  }
}
