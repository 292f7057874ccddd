/// What is wrong with the mode or the owner of `incoming/`: a sentence, and what to do. Pure.
package struct SpoolFault: Sendable, Hashable {
  package var what: String
  package var remedy: String

  /// Who may drop forms, where Buzón is installed (sysusers.d).
  package static let submitters = "buzon-submit"

  /// What lets more people command the agent than may be meant: who drops a form asks for accounts, and without the sticky
  /// bit who may drop one may take away another's.
  ///
  /// - Parameter mode: permission bits of `incoming/`, which `path` names.
  package static func openings(mode: UInt32, path: String) -> [SpoolFault] {
    // The whole mode: one bit less would leave others that are as wrong.
    let remedy = "chmod 3730 \(path)"
    var found: [SpoolFault] = []
    if mode & 0o002 != 0 {
      found.append(SpoolFault(what: "everybody may drop forms into \(path)", remedy: remedy))
    } else if mode & 0o004 != 0 {
      found.append(SpoolFault(what: "everybody may list the forms in \(path)", remedy: remedy))
    }
    if mode & 0o022 != 0, mode & 0o1000 == 0 {
      found.append(
        SpoolFault(what: "who may drop forms into \(path) may take away those of others", remedy: remedy))
    }
    return found
  }

  /// What keeps others from dropping forms that the agent can read: the agent must list the folder, its group must be able
  /// to write there, and files must get that group.
  ///
  /// - Parameter hasGroup: whether the host has the group of those who may drop forms, which an installed Buzón makes.
  package static func shortcomings(mode: UInt32, path: String, hasGroup: Bool) -> [SpoolFault] {
    let remedy =
      hasGroup
      ? "systemd-tmpfiles --create buzon.conf (or chgrp \(submitters) \(path), then chmod 3730 \(path))"
      : "chmod 3730 \(path)"
    if mode & 0o700 != 0o700 {
      return [SpoolFault(what: "the owner of \(path) may not read it, so the agent can't take forms", remedy: remedy)]
    }
    if mode & 0o030 != 0o030 {
      return [SpoolFault(what: "nobody but its owner may drop forms into \(path)", remedy: remedy)]
    }
    if mode & 0o2000 != 0 { return [] }
    return [
      SpoolFault(
        what: "\(path) has no set-group-ID bit, so the agent may not be able to read what others drop there",
        remedy: remedy)
    ]
  }

  /// A folder of another user than the agent, which is not root, and which nobody else may list.
  ///
  /// - Parameters:
  ///   - owner: the user id of `incoming/`.
  ///   - agent: the agent's user id, the owner of the state.
  package static func strangers(mode: UInt32, owner: UInt32, agent: UInt32, path: String) -> [SpoolFault] {
    if owner == agent || agent == 0 || mode & 0o050 == 0o050 || mode & 0o005 == 0o005 { return [] }
    return [
      SpoolFault(
        what: "\(path) belongs to user \(owner), and the agent is user \(agent): it can't take forms",
        remedy: "chown \(agent) \(path)")
    ]
  }
}
