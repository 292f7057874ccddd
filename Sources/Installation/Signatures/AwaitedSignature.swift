public import Register
public import Text

extension AwaitedSignature {
  /// Why a form waits, for people.
  ///
  /// - Parameter others: how many other forms with its number wait too.
  public func reason(others: Int = 0, _ zone: Zone) -> String {
    if isUnchecked { return "its signature could not be checked yet (buzon status says why)" }
    let more = others == 0 ? "" : "; the signature of \(others) more with this number too"
    return "waits until \(zone.dateAndTime(at: Timestamp(milliseconds: until))) for the signature of "
      + "\(displayed(approver.utf8)) over \(displayed(file.utf8)): buzon sign FILE --key KEY, then buzon submit FILE"
      + more
  }
}
