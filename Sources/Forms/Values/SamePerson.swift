/// Whether a principal (`approval.by`) names the same person as another part of a form or this host does. A principal is a
/// name of the organisation's choice: a user's, a mail address, a person's.
public enum SamePerson {
  /// The official who asks: by name, by address, or by what stands before its @.
  public static func areSame(_ principal: String, _ requester: Request.Requester) -> Bool {
    areSame(principal, requester.name) || requester.address.map { areSame(principal, $0.text) } ?? false
  }

  /// Two names: equal without regard to case, or one is what stands before the @ of the other.
  public static func areSame(_ principal: String, _ name: String) -> Bool {
    let (left, right) = (principal.lowercased(), name.lowercased())
    if left == right { return true }
    let (leftLocal, rightLocal) = (localPart(left), localPart(right))
    // Two addresses are the same as a whole or not at all.
    if leftLocal != nil, rightLocal != nil { return false }
    return leftLocal.map { $0 == right } ?? false || rightLocal.map { $0 == left } ?? false
  }

  private static func localPart(_ name: String) -> Substring? {
    name.firstIndex(of: "@").map { name[..<$0] }
  }
}
