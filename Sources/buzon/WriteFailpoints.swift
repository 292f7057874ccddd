#if FAILPOINTS
  internal import Failpoints
  internal import LDAP

  /// Failpoints around each write to the directory. The library knows nothing of them, so the program puts them there.
  enum WriteFailpoints {
    static func set() {
      WriteHook.set { name, send in
        switch name {
        case "add": try failpoint("ldap.add", send)
        case "modify": try failpoint("ldap.modify", send)
        case "delete": try failpoint("ldap.delete", send)
        case "modifyDN": try failpoint("ldap.modifyDN", send)
        default: try failpoint("ldap.passwordModify", send)
        }
      }
    }
  }
#endif
