// What to do when a change is refused: the remedies of Accounts and of the applier.

extension SpanishMessages {
  static let remedies: [(english: String, spanish: String)] = [
    ("the nearest is [address]", "la más parecida es [address]"),
    ("report this", "informe de esto a quien mantiene Buzón"),
    (
      "rename the entry so that uid names it (ldapmodrdn), then submit the change under a new number",
      "cambie el nombre de la entrada para que lo dé uid (ldapmodrdn) y radique el cambio con otro número"
    ),
    (
      "write two requests: one that takes the addresses away, and one that gives them",
      "haga dos solicitudes: una que quite las direcciones y otra que las dé"
    ),
    (
      "write two forms: one that frees the address, and one that gives it",
      "haga dos formatos: uno que libere la dirección y otro que la dé"
    ),
    ("write a form of its own for it, which isn't atomic", "hágala con un formato propio, que no sea de todo o nada"),
    ("undo it by a form of its own", "deshágalo con un formato propio"),
    (
      "choose another address, or write `reuse: true` in the change if that is approved",
      "escoja otra dirección, o escriba `reuse: true` en el cambio si eso está aprobado"
    ),
    (
      "adopt it first (a form with `adopt: {address: [address]}`)",
      "adóptela primero (un formato con `adopt: {address: [address]}`)"
    ),
    (
      "name the account by its primary address, [address]",
      "nombre la cuenta por su dirección principal, [address]"
    ),
    (
      "check the address against the corporate account list (buzon accounts)",
      "compare la dirección con la lista de correos corporativos (buzon accounts)"
    ),
    (
      "leave the address to one of them, then submit the change under a new number",
      "deje la dirección en una sola y radique el cambio con otro número"
    ),
    (
      "delete that account with `immediately: true`, or choose another address",
      "elimine esa cuenta con `immediately: true`, o escoja otra dirección"
    ),
    (
      "take the alias from that account first, or choose another address",
      "quítele primero esa dirección a la otra cuenta, o escoja otra"
    ),
    (
      "adopt the entry [dn] instead of creating one, or choose another address",
      "adopte la entrada [dn] en vez de crear una cuenta, o escoja otra dirección"
    ),
    (
      "bring the retained account back with `set: {status: active}`, delete it with `immediately: true`, or choose "
        + "another address",
      "reactive la cuenta en retención con `set: {status: active}`, elimínela con `immediately: true`, o escoja otra "
        + "dirección"
    ),
    (
      "modify the account that is there, or choose another address",
      "modifique la cuenta que ya existe, o escoja otra dirección"
    ),
    (
      "the address may belong to another entry; choose another or free it first",
      "la dirección puede ser de otra entrada; escoja otra o libérela primero"
    ),
    (
      "name an account of kind list, or create one first",
      "nombre una cuenta de tipo lista, o cree primero una"
    ),
    (
      "name an account that is in use, or bring that one back first with `set: {status: active}`",
      "nombre una cuenta en uso, o reactive primero esa con `set: {status: active}`"
    ),
    ("bring it back first with `set: {status: active}`", "reactívela primero con `set: {status: active}`"),
    (
      "bring it back with `modify: {address: [address], set: {status: active}}`",
      "reactívela con `modify: {address: [address], set: {status: active}}`"
    ),
    (
      "compare the entry with the request's record, and submit what is missing under a new number",
      "compare la entrada con el acta de la solicitud y radique lo que falte con otro número"
    ),
    (
      "check the entry, then submit the change again under a new number",
      "revise la entrada y radique el cambio otra vez, con otro número"
    ),
    (
      "it was written outside Buzón: check the entry (buzon drift), then give the form another number",
      "se escribió por fuera de Buzón: revise la entrada (buzon drift) y dé otro número al formato"
    ),
    (
      "check the address against the directory, or create the account",
      "compare la dirección con el directorio, o cree la cuenta"
    ),
    (
      "move it directly below [container] (ldapmodrdn -s), then submit the change under a new number",
      "pásela directamente debajo de [container] (ldapmodrdn -s) y radique el cambio con otro número"
    ),
    (
      "have the entry made again as inetOrgPerson, or delete it there and create the account",
      "haga que la entrada se cree de nuevo como inetOrgPerson, o elimínela allá y cree la cuenta"
    ),
    (
      "take the value from the entry, then submit the change under a new number",
      "quite el valor de la entrada y radique el cambio con otro número"
    ),
    (
      "take the value from the entry (buzonForward can hold it once it is an account), or name the domain under domains "
        + "in the configuration; then submit the change under a new number",
      "quite el valor de la entrada (buzonForward puede tenerlo cuando ya sea una cuenta), o añada el dominio en domains, "
        + "en la configuración; luego radique el cambio con otro número"
    ),
    (
      "set keep_copy: true in the same change, or leave it a forward",
      "ponga keep_copy: true en el mismo cambio, o déjele un reenvío"
    ),
    (
      "set keep_copy: true on one of them, or forward to an address outside the ring",
      "ponga keep_copy: true en una de ellas, o reenvíe a una dirección fuera del círculo"
    ),
    (
      "move that entry directly below [container] (ldapmodrdn -s) and adopt it, or choose another address",
      "mueva esa entrada directamente debajo de [container] (ldapmodrdn -s) y adóptela, o elija otra dirección"
    ),
    (
      "give what they owned another owner (buzon accounts, column owner)",
      "dé otro responsable a lo que era de ellas (buzon accounts, columna owner)"
    ),
    ("buzon history has them all", "buzon history las tiene todas"),
    (
      "set `expires` in the same change, to a later day or to null",
      "ponga `expires` en el mismo cambio: un día posterior o null"
    ),
    ("write `name: {given: …, family: …}`", "escriba `name: {given: …, family: …}`"),
    ("write `name: {display: …}`", "escriba `name: {display: …}`"),
    (
      "leave `members` out; an account joins a list by `lists` on the account",
      "quite `members`; una cuenta entra a una lista con `lists`, en la cuenta"
    ),
    ("leave `reset` out", "quite `reset`"),
    ("leave `quota` out", "quite `quota`"),
    ("set another owner instead of null", "ponga otro responsable en vez de null"),
    ("see the diagnostic of the directory", "lea lo que dijo el directorio"),
    ("see the diagnostic", "lea el diagnóstico"),
  ]
}
