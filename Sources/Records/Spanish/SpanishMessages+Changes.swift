// What hinders a change: the diagnostics of Accounts and of the applier.

extension SpanishMessages {
  static let changes: [(english: String, spanish: String)] = [
    // Behind the key of the form that names another account.
    ("owner: [*why]", "responsable: [*why]"),
    ("lists: [address] is no list (kind: [~kind])", "listas: [address] no es una lista (tipo: [~kind])"),
    ("lists: [*why]", "listas: [*why]"),
    ("person", "persona"), ("functional", "funcional"), ("list", "lista"),

    (
      "[attribute] names the entry [dn], so this value can't be taken from it",
      "[attribute] da nombre a la entrada [dn]; por eso este valor no se le puede quitar"
    ),
    (
      "[address] belonged to another account; it is not given to anybody else until [day] (policy.address_memory)",
      "[address] fue de otra cuenta; no se da a nadie más hasta el [day] (policy.address_memory)"
    ),
    (
      "the entry [dn] of [address] was made outside Buzón",
      "la entrada [dn] de [address] se hizo por fuera de Buzón"
    ),
    (
      "[address] is an alias of [other], which is retained",
      "[address] es otra dirección de [other], que está en retención"
    ),
    ("[address] is an alias of [other]", "[address] es otra dirección de [other]"),
    ("there is no account [address]", "no existe la cuenta [address]"),
    (
      "[count] entries have the mail address [address]: [entries]",
      "[count] entradas tienen la dirección [address]: [entries]"
    ),
    ("[address] belongs to the entry [dn] already", "[address] ya pertenece a la entrada [dn]"),
    ("the agent can't read the [attribute] of [dn]", "el agente no puede leer [attribute] de [dn]"),
    ("[address] is retained after a delete", "[address] está en retención después de una eliminación"),
    (
      "mail for [address] would be neither kept nor forwarded",
      "el correo de [address] ni se guardaría ni se reenviaría"
    ),
    (
      "the last day of [address] is over, so it would be suspended again at once",
      "el último día de [address] ya pasó; se suspendería otra vez enseguida"
    ),

    ("[address] is a [~kind]: [*why]", "[address] es de tipo [~kind]: [*why]"),
    ("its name has two parts", "su nombre tiene dos partes"),
    ("its name has one part", "su nombre tiene una sola parte"),
    ("only lists have members", "solo las listas tienen miembros"),
    ("nobody logs in to it", "nadie ingresa a ella"),
    ("a list keeps no mail", "una lista no guarda correo"),
    ("it needs an owner", "necesita un responsable"),

    // What a plan depended on.
    (
      "moved since the plan: [address] is of the entry [new] of [time], and was of none",
      "cambió desde el plan: [address] es de la entrada [new], de [time], y no era de ninguna"
    ),
    (
      "moved since the plan: the entry [id] of [address], of [time], is not there any more",
      "cambió desde el plan: la entrada [id] de [address], de [time], ya no existe"
    ),
    (
      "moved since the plan: [address] is of the entry [new] of [time], and was of [id]",
      "cambió desde el plan: [address] es de la entrada [new], de [time], y era de [id]"
    ),
    (
      "moved since the plan: [request] wrote the entry [id] of [address] at [time], which was of [then]",
      "cambió desde el plan: [request] escribió la entrada [id] de [address] el [time], que era de [then]"
    ),
    (
      "moved since the plan: the entry [id] of [address] was changed outside Buzón at [time], and was of [then]",
      "cambió desde el plan: la entrada [id] de [address] se cambió por fuera de Buzón el [time], y era de [then]"
    ),
    ("not as planned any more: [*why]", "ya no es como se planeó: [*why]"),
    (
      "not as planned any more: the change of [address] would write something else now",
      "ya no es como se planeó: el cambio de [address] escribiría ahora otra cosa"
    ),
    (
      "plan the form again under another number (buzon plan FORM --out PLAN), and submit it with that plan",
      "planee otra vez el formato con otro número (buzon plan FORM --out PLAN) y entréguelo con ese plan"
    ),

    // An account that is adopted.
    (
      "no entry below [container] has the mail address [address]",
      "ninguna entrada debajo de [container] tiene la dirección [address]"
    ),
    (
      "[address] belongs to [dn], deeper than the accounts",
      "[address] es de [dn], que está más abajo que las cuentas"
    ),
    ("[dn] is deeper than the accounts", "[dn] está más abajo que las cuentas"),
    (
      "mail for [address] would be forwarded in a ring of accounts that keep no copy",
      "el correo de [address] se reenviaría en círculo entre cuentas que no guardan copia"
    ),
    (
      "[dn] is not an inetOrgPerson ([classes]), and a directory does not change the structural class of an entry",
      "[dn] no es inetOrgPerson ([classes]), y un directorio no cambia la clase estructural de una entrada"
    ),
    (
      "[attribute] of [dn] holds 'bytes that are no text', which is not an address that an account can have",
      "[attribute] de [dn] tiene bytes que no son texto, y no una dirección que una cuenta pueda tener"
    ),
    (
      "[attribute] of [dn] holds [value], which is not an address that an account can have",
      "[attribute] de [dn] tiene [value], que no es una dirección que una cuenta pueda tener"
    ),
    (
      "[attribute] of [dn] holds [address], which is in no domain of ours",
      "[attribute] de [dn] tiene [address], que no es de ninguno de nuestros dominios"
    ),

    // The applier.
    (
      "[dn] has the stamp of this change (buzonRequest), but the change was never sent",
      "[dn] lleva el sello de este cambio (buzonRequest), pero el cambio nunca se envió"
    ),
    ("nothing was intended", "no había ninguna operación prevista"),
    ("[size] bytes that are no text", "[size] bytes que no son texto"),
  ]

  /// Atomic requests and their undo.
  static let atomicChanges: [(english: String, spanish: String)] = [
    (
      "the accounts of this request exchange addresses ([addresses]); each would have to be written before the other, "
        + "and no address may belong to two at once",
      "las cuentas de esta solicitud intercambian direcciones ([addresses]); cada una tendría que escribirse antes que la "
        + "otra, y ninguna dirección puede ser de dos a la vez"
    ),
    (
      "[address] goes to another account, and [account] names it as its owner or list",
      "[address] pasa a otra cuenta, y [account] la nombra como responsable o como lista"
    ),
    (
      "this [~operation] of [address] can't be undone",
      "esta operación ([~operation] de [address]) no se puede deshacer"
    ),
    ("create", "creación"), ("modify", "modificación"), ("adopt", "adopción"), ("delete", "eliminación"),
    ("it could not be undone", "no se pudo deshacer"),
    ("the change of [dn] can't be undone: it [*why]", "el cambio de [dn] no se puede deshacer: [*why]"),
    (
      "was deleted, and an entry that is made again is another one",
      "la entrada se eliminó, y una que se hace de nuevo es otra"
    ),
    ("has gone since", "la entrada ya no existe"),
    ("is another entry now", "ahora es otra entrada"),
    (
      "has a new password, and the earlier one is not known",
      "tiene una contraseña nueva, y la anterior no se conoce"
    ),
    (
      "was changed since, by somebody who removed its stamp",
      "la cambió después alguien que le quitó el sello"
    ),
    ("was changed since, by request [stamp]", "la cambió después la solicitud [stamp]"),
  ]
}
