internal import Forms
public import LDAP
internal import Text

/// What takes an applied intent back.
///
/// Where an entry was made of an account of ours, its undo leaves the stamp's ``Stamp/undone`` behind, so that neither the
/// intent nor the undo is applied a second time, however often they are sent. (An entry that wasn't one before has no
/// place for a stamp.)
public enum Undo: Sendable, Hashable {
  /// The intent isn't applied, or is undone already.
  case nothing
  /// One guarded operation, as any other: see ``Intent``.
  case send(Intent)
  /// Somebody has changed the entry since, or what was taken can't be given back.
  case impossible(ChangeError)

  /// - Parameters:
  ///   - applied: the intent that may have been applied.
  ///   - stamp: the stamp that it writes.
  ///   - entry: the entry of its name, freshly read with ``Schema/read``; `nil` where there is none.
  public static func plan(_ applied: Intent, stamp: Stamp, entry: Entry?) -> Undo {
    switch applied.operation {
    case .add(_, let attributes): plan(add: attributes, stamp: stamp, entry: entry)
    case .modify(_, let modifications): plan(modify: modifications, applied, stamp: stamp, entry: entry)
    case .delete(let dn):
      if let entry, entry.uuid == applied.entryUUID {
        .nothing
      } else {
        impossible(dn, "was deleted, and an entry that is made again is another one", code: .noSuchObject)
      }
    }
  }

  private static func plan(add attributes: [Attribute], stamp: Stamp, entry: Entry?) -> Undo {
    guard let entry else { return .nothing }
    let mark = entry.text(Schema.stamp)
    guard mark == stamp.description else {
      // Another entry may have had the name before, and the add was refused.
      let mail = attributes.first { $0.name == Schema.mail }?.values.first?.foldedText
      return mail.map { entry.addresses.contains($0) } ?? false ? changed(entry, mark) : .nothing
    }
    guard let uuid = entry.uuid else { return unreadable(entry) }
    return .send(Intent(operation: .delete(entry.dn), entryUUID: uuid, stampRead: mark, preImage: entry))
  }

  private static func plan(modify modifications: [Modification], _ applied: Intent, stamp: Stamp, entry: Entry?) -> Undo
  {
    guard let entry else { return impossible(applied.operation.dn, "has gone since", code: .noSuchObject) }
    guard let uuid = entry.uuid else { return unreadable(entry) }
    guard uuid == applied.entryUUID, let preImage = applied.preImage else {
      return impossible(entry.dn, "is another entry now", code: .noSuchObject)
    }
    let mark = entry.text(Schema.stamp)
    if mark == stamp.undone.description || mark == applied.stampRead { return .nothing }
    guard mark == stamp.description else { return changed(entry, mark) }
    if applied.grantsPassword {
      return impossible(entry.dn, "has a new password, and the earlier one is not known", code: .unwillingToPerform)
    }
    var seen: Set<String> = [Schema.stamp]
    var back: [Modification] = []
    for name in modifications.map(\.attribute) where seen.insert(name).inserted {
      // Value by value where it can be done: the value of `uid` that names the entry can't be replaced. All others are
      // written whatever they are now.
      back +=
        Schema.severalValued.contains(name)
        ? EntryEdit.difference(name, entry[name], preImage[name]) : [.replace(name, preImage[name])]
    }
    // Without our class an entry can't carry the stamp.
    back.append(.replace(Schema.stamp, preImage.isAccount ? [Value(stamp.undone.description)] : []))
    return .send(Intent(operation: .modify(entry.dn, back), entryUUID: uuid, stampRead: mark, preImage: entry))
  }

  // MARK: Why not

  private static func impossible(_ dn: DN, _ why: String, code: ResultCode) -> Undo {
    .impossible(
      ChangeError(
        code: code, diagnostic: "the change of \(dn) can't be undone: it \(why)",
        remedy: "compare the entry with the request's record, and submit what is missing under a new number"))
  }

  private static func changed(_ entry: Entry, _ mark: String?) -> Undo {
    impossible(
      entry.dn,
      "was changed since, by \(mark.map { "request \($0.neutralized())" } ?? "somebody who removed its stamp")",
      code: .assertionFailed)
  }

  private static func unreadable(_ entry: Entry) -> Undo {
    do throws(ChangeError) {
      try entry.requireReadable()
      return .nothing
    } catch {
      return .impossible(error)
    }
  }
}
