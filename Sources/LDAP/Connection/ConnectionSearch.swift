import CLDAP
import Synchronization

/// How far below the base a search looks (RFC 4511 §4.5.1.2).
public enum SearchScope: Hashable, Sendable {
  /// The base entry alone.
  case base
  /// The entries directly below the base.
  case oneLevel
  /// The base and all below.
  case subtree
}

/// What is searched for.
struct SearchRequest {
  var base: DN
  var scope: SearchScope
  var filter: Filter
  var attributes: [String]
  var sizeLimit: Int
  var wantsEntryControls: Bool
  /// Whether the server may be silent for ever once it has sent all that is there (RFC 4533 §3.4.2).
  var persists = false
}

/// A search in pages.
struct Paging {
  let request: SearchRequest
  let controls: [Control]
  /// Entries of a page.
  let size: Int
  let deadline: Duration?
}

extension Connection {
  /// Searches; entries are read as they come. To change entries in the loop over them, search in pages:
  /// ``search(base:scope:filter:attributes:controls:pageSize:deadline:)``.
  ///
  /// - Parameters:
  ///   - base: where the search begins.
  ///   - scope: how far it goes.
  ///   - filter: which entries.
  ///   - attributes: which attributes; none: all user attributes; `+`: the operational ones; `1.1`: names alone.
  ///   - controls: controls of the request.
  ///   - sizeLimit: entries at most, 0: the server's limit. With more the search ends with 4, after that many.
  ///   - deadline: the longest silence of the server; ``Options/operation`` by default.
  public func search(
    base: DN, scope: SearchScope = .subtree, filter: Filter = .present("objectClass"), attributes: [String] = [],
    controls: [Control] = [], sizeLimit: Int = 0, deadline: Duration? = nil
  ) async throws(LDAPError) -> SearchResults {
    SearchResults(
      messages: try await searchMessages(
        base: base, scope: scope, filter: filter, attributes: attributes, controls: controls, sizeLimit: sizeLimit,
        deadline: deadline, entryControls: false), paging: nil)
  }

  /// Searches in pages (RFC 2696): the next page is asked for when the one before is read. So the loop over the entries may
  /// use this connection as it likes, change the entries included, however many there are.
  ///
  /// A server without the control refuses with 12 ``ResultCode/unavailableCriticalExtension``. slapd has one paged search
  /// at a time on a connection: another one that begins before the end has this one refused with 53
  /// ``ResultCode/unwillingToPerform``.
  ///
  /// - Parameters:
  ///   - base: where the search begins.
  ///   - scope: how far it goes.
  ///   - filter: which entries.
  ///   - attributes: which attributes; none: all user attributes; `+`: the operational ones; `1.1`: names alone.
  ///   - controls: controls of each request.
  ///   - pageSize: entries of a page, at least 1.
  ///   - deadline: the longest silence of the server in a page; ``Options/operation`` by default.
  public func search(
    base: DN, scope: SearchScope = .subtree, filter: Filter = .present("objectClass"), attributes: [String] = [],
    controls: [Control] = [], pageSize: Int, deadline: Duration? = nil
  ) async throws(LDAPError) -> SearchResults {
    let request = SearchRequest(
      base: base, scope: scope, filter: filter, attributes: attributes, sizeLimit: 0, wantsEntryControls: false)
    let paging = Paging(request: request, controls: controls, size: max(1, pageSize), deadline: deadline)
    return SearchResults(messages: try await page(of: paging, from: []), paging: paging)
  }

  /// The page behind the one that was read to its end; nil: that was the last.
  func nextPage(of paging: Paging, after last: SearchMessages.Token) async throws(LDAPError) -> SearchMessages? {
    guard let response = searchResponse(last), let page = response.pagedResults else {
      throw .unavailable("\(url): the server ended a page of the search without the control for it (RFC 2696)")
    }
    return page.cookie.isEmpty ? nil : try await self.page(of: paging, from: page.cookie)
  }

  private func page(of paging: Paging, from cookie: [UInt8]) async throws(LDAPError) -> SearchMessages {
    let control = Control.pagedResults(size: paging.size, cookie: cookie)
    let stream = try await startSearch(paging.request, paging.controls + [control], paging.deadline)
    return SearchMessages(token: SearchMessages.Token(self, stream))
  }

  /// As ``search(base:scope:filter:attributes:controls:sizeLimit:deadline:)``, with references, intermediate answers
  /// and, where asked for, the entries' controls: what RFC 4533 needs.
  public func searchMessages(
    base: DN, scope: SearchScope = .subtree, filter: Filter = .present("objectClass"), attributes: [String] = [],
    controls: [Control] = [], sizeLimit: Int = 0, deadline: Duration? = nil, entryControls: Bool = true
  ) async throws(LDAPError) -> SearchMessages {
    let request = SearchRequest(
      base: base, scope: scope, filter: filter, attributes: attributes, sizeLimit: sizeLimit,
      wantsEntryControls: entryControls)
    return SearchMessages(token: SearchMessages.Token(self, try await startSearch(request, controls, deadline)))
  }

  /// Sends a search when its turn comes.
  func startSearch(
    _ request: SearchRequest, _ controls: [Control], _ deadline: Duration?
  ) async throws(LDAPError) -> SearchStream {
    let patience = deadline ?? options.operation
    let limit = MonotonicTime.now + patience
    try await takePlace(until: limit)
    let id: Int32
    do throws(LDAPError) {
      id = try send(request, controls)
    } catch {
      window.leave()
      throw error
    }
    let stream = SearchStream(id, request, patience: patience, limit: options.searchBuffer)
    nearestDeadline = min(nearestDeadline, limit)
    outstanding[id] = Outstanding(
      reply: .search(stream), name: "search", answer: LDAP_RES_SEARCH_RESULT, isWrite: false, number: lastRequest,
      endOffset: 0, deadline: limit)
    return stream
  }

  /// All entries of a search at once; more than `limit` are refused with 4.
  public func searchAll(
    base: DN, scope: SearchScope = .subtree, filter: Filter = .present("objectClass"), attributes: [String] = [],
    controls: [Control] = [], limit: Int = 1000, deadline: Duration? = nil
  ) async throws(LDAPError) -> [Entry] {
    let request = SearchRequest(
      base: base, scope: scope, filter: filter, attributes: attributes, sizeLimit: limit, wantsEntryControls: false)
    let stream = try await startSearch(request, controls, deadline)
    // Here nobody else reads, so the search needs no token; and each step is on this thread.
    defer { cancelSearch(stream.id, because: .unavailable("the search was abandoned")) }
    var entries: [Entry] = []
    while true {
      let batch = try await read(stream)
      if batch.isEmpty { return entries }
      for case .entry(let entry, _) in batch { entries.append(entry) }
    }
  }

  /// One entry by its name; nil where there is none (or none that we may see).
  public func entry(
    _ dn: DN, filter: Filter = .present("objectClass"), attributes: [String] = [], controls: [Control] = [],
    deadline: Duration? = nil
  ) async throws(LDAPError) -> Entry? {
    do throws(LDAPError) {
      return try await searchAll(
        base: dn, scope: .base, filter: filter, attributes: attributes, controls: controls, limit: 0,
        deadline: deadline
      ).first { $0.dn.matches(dn) }
    } catch {
      if error.code == .noSuchObject { return nil }
      throw error
    }
  }

  private func send(_ request: SearchRequest, _ controls: [Control]) throws(LDAPError) -> Int32 {
    guard ending == nil, let handle else { throw .unavailable(ending?.reason ?? "\(url): not connected") }
    guard !request.base.isDamaged else { throw .invalid("search: the base has an attribute type that can't be one") }
    guard request.filter.isSound else { throw .invalid("search: the filter has an impossible attribute or no piece") }
    let filter = request.filter.description
    arena.reset(
      capacity: RequestArena.size([request.base.string, filter]) + RequestArena.size(request.attributes)
        + RequestArena.size(controls))
    let pointers = try arena.controls(controls)
    let attributes = request.attributes.isEmpty ? nil : try arena.strings(request.attributes, "an attribute's name")
    let base = try arena.string(request.base.string, "the base")
    let text = try arena.string(filter, "the filter")
    let scope =
      switch request.scope {
      case .base: LDAP_SCOPE_BASE
      case .oneLevel: LDAP_SCOPE_ONELEVEL
      case .subtree: LDAP_SCOPE_SUBTREE
      }
    return try sent(handle, "search") {
      ldap_search_ext(
        handle.ld, base, scope, text, attributes, 0, pointers, nil, nil, Int32(clamping: request.sizeLimit), &$0)
    }
  }

  // MARK: Reading

  /// What has come of a search, waiting where nothing has; empty at the end.
  func nextMessages(of token: SearchMessages.Token) async throws(LDAPError) -> [SearchMessage] {
    try await read(token.stream)
  }

  private func read(_ stream: SearchStream) async throws(LDAPError) -> [SearchMessage] {
    let id = stream.id
    while true {
      if Task.isCancelled { forgetSearch(stream) }
      // While the buffer was full the server could not go on: its time begins now.
      if stream.isFull { outstanding[id]?.deadline = stream.deadline(from: .now) }
      let batch = stream.take()
      if !batch.isEmpty { return batch }
      if let result = stream.result {
        let response = try result.get()
        if response.code == .success { return [] }
        throw .refused(LDAPError.Refusal(operation: "search", dn: stream.request.base, response: response))
      }
      await withTaskCancellationHandler {
        // By a method of self: a closure that doesn't capture self runs outside the actor (seen with Swift 6.3.1).
        await self.waitForMessage(of: stream)
      } onCancel: {
        self.drop(id)
      }
    }
  }

  private func waitForMessage(of stream: SearchStream) async {
    await withUnsafeContinuation { stream.wait($0) }
  }

  /// The last answer of a search.
  func searchResponse(_ token: SearchMessages.Token) -> Response? {
    try? token.stream.result?.get()
  }

  /// The last answer of a search that has ended, once; and whether its silence had become normal before.
  func takeEnd(of token: SearchMessages.Token) -> (response: Response, persisted: Bool)? {
    let stream = token.stream
    guard let response = try? stream.result?.get(), !stream.endWasTaken else { return nil }
    stream.endWasTaken = true
    return (response, stream.patience == nil)
  }

  /// Nobody is to read this search any more.
  func forgetSearch(_ token: SearchMessages.Token) {
    forgetSearch(token.stream)
  }

  private func forgetSearch(_ stream: SearchStream) {
    let reason = LDAPError.unavailable("the search was abandoned")
    cancelSearch(stream.id, because: reason)
    stream.abandon(because: reason)
  }

  /// Notes, on any thread, that nobody reads this search any more; the connection's next turn ends it.
  nonisolated func drop(_ id: Int32) {
    dropped.withLock { $0.append(id) }
    hasDropped.store(true, ordering: .releasing)
    // On the connection's own thread its turn comes anyway.
    if !executor.isCurrent { executor.wake() }
  }

  /// Ends the searches that nobody reads any more.
  func cancelDroppedSearches() {
    guard hasDropped.exchange(false, ordering: .acquiring) else { return }
    let ids = dropped.withLock { ids in
      defer { ids = [] }
      return ids
    }
    for id in ids { cancelSearch(id, because: .unavailable("the search was abandoned")) }
  }

  /// Ends a search that is outstanding, here and at the server.
  func cancelSearch(_ id: Int32, because reason: LDAPError) {
    guard case .search(let stream)? = outstanding[id]?.reply else { return }
    abandon(id)
    stream.finish(.failure(reason))
  }

  /// Gives up an operation that reads, here and at the server. Its place stays taken.
  func abandon(_ id: Int32) {
    outstanding[id] = nil
    abandons.append(id)
    resumeDrainWaiters()
  }

  /// Tells the server of abandoned operations (RFC 4511 §4.11); there is no answer. Where somebody waits for one of their
  /// places, asks for something that has one.
  func sendAbandons() {
    guard let handle else { return }
    let asks = window.hasWaiters && probe == nil && !(abandonedPlaces.isEmpty && abandons.isEmpty)
    guard asks || !abandons.isEmpty else { return }
    for id in abandons { ldap_abandon_ext(handle.ld, id, nil, nil) }
    if !abandons.isEmpty { abandonedPlaces.keep(abandons.count, after: lastRequest) }
    abandons.removeAll(keepingCapacity: true)
    if asks {
      // A server without who-am-I (RFC 4532) refuses it, which is an answer too.
      let id = try? sent(handle, "whoAmI") {
        ldap_extended_operation(handle.ld, Request.whoAmIType, nil, nil, nil, &$0)
      }
      if let id { probe = (id, lastRequest) }
    }
    if self.handle != nil { _ = cldap_flush(handle.transport) }
  }

  /// Frees the places of which an answer to this request proves that nobody holds them.
  func releasePlaces(by request: UInt64) {
    if abandonedPlaces.isEmpty { return }
    for _ in 0..<abandonedPlaces.release(by: request) { window.leave() }
  }

  /// Whether all that is outstanding are searches whose readers have enough to do. Not while somebody waits for a place:
  /// it may be one of those readers.
  var isReadingPaused: Bool {
    if outstanding.isEmpty || window.hasWaiters || probe != nil { return false }
    return outstanding.values.allSatisfy {
      if case .search(let stream) = $0.reply { stream.isFull } else { false }
    }
  }
}
