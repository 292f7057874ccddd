extension Connection {
  /// Adds to a refusal whom the server takes us for (``whoAmI(deadline:)``, RFC 4532), where that may be its reason: 50
  /// (insufficientAccessRights), and 32 (noSuchObject), which also hides what may not be read. The server is asked once a
  /// connection. Any other error stays as it is, and so does a refusal where the server gives no answer.
  public func identifying(_ error: LDAPError) async -> LDAPError {
    guard case .refused(var refusal) = error,
      [.insufficientAccessRights, .noSuchObject].contains(refusal.response.code)
    else { return error }
    if authorizationID == nil { authorizationID = try? await whoAmI() }
    guard let authorizationID else { return error }
    (refusal.authorizationID, refusal.server) = (authorizationID, url.description)
    return .refused(refusal)
  }
}
