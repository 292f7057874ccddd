// The directory's refusals, and what goes wrong on the way to it.
internal import LDAP

extension SpanishMessages {
  /// A refusal, from its tail to its head; the code's own names are in ``codes``.
  static let answers: [(english: String, spanish: String)] =
    [
      ("directory unavailable: [~reason]", "no hay conexión con el directorio: [~reason]"),
      ("outcome unknown: [~reason]", "no se conoce el resultado: [~reason]"),
      ("invalid: [~reason]", "no se puede enviar: [~reason]"),
      ("[~operation] \"[dn]\" refused: [*answer]", "el directorio rechazó [~operation] de «[dn]»: [*answer]"),
      ("[~operation] refused: [*answer]", "el directorio rechazó [~operation]: [*answer]"),
      ("[*answer] (as [identity])", "[*answer] (como [identity])"),
      ("[*answer] (matched \"[dn]\")", "[*answer] (existe hasta «[dn]»)"),
    ]
    + codes.sorted { $0.key < $1.key }.flatMap { code, name in
      let english = ResultCode(rawValue: code).description
      return [
        ("\(english): [words]", "\(code) \(name): «[words]»"),
        (english, "\(code) \(name)"),
      ]
    } + [
      ("code [number]: [words]", "código [number]: «[words]»"), ("code [number]", "código [number]"),
      ("add", "la creación"), ("search", "la búsqueda"), ("modifyDN", "el cambio de nombre"),
      ("passwordModify", "el cambio de contraseña"), ("compare", "la comparación"),
      ("extended [name]", "la operación [name]"), ("StartTLS", "StartTLS"),
      ("[mechanism] bind", "el ingreso ([mechanism])"),
    ]

  /// Connections. What libldap or the system says of one stays in English where it isn't known.
  static let directory: [(english: String, spanish: String)] = [
    ("directory.uris names no server", "directory.uris no nombra ningún servidor"),
    (
      "directory.bind names a credential of the service, and the service has none (LoadCredential=)",
      "directory.bind nombra una credencial del servicio, y el servicio no tiene ninguna (LoadCredential=)"
    ),
    ("the password's file: [~error]", "el archivo de la contraseña: [~error]"),
    ("connect to [server]: no answer in time", "al conectar con [server]: no respondió a tiempo"),
    ("connect to [server]: [~error]", "al conectar con [server]: [~error]"),
    ("socket: [~error]", "al abrir un socket: [~error]"),
    ("eventfd: [~error]", "al abrir eventfd: [~error]"),
    ("[host]: no address", "[host]: no tiene dirección de red"),
    ("[server]: not connected", "[server]: no hay conexión"),
    ("[server]: the connection was closed", "[server]: la conexión se cerró"),
    (
      "[server]: connection lost during [~what]: [~error]",
      "[server]: la conexión se perdió durante [~what]: [~error]"
    ),
    ("[server]: connection lost during [~what]", "[server]: la conexión se perdió durante [~what]"),
    (
      "[server]: connection lost before [~what] was sent",
      "[server]: la conexión se perdió antes de enviar [~what]"
    ),
    ("[server]: connection lost: [~error]", "[server]: la conexión se perdió: [~error]"),
    (
      "[server]: no answer in time; the connection is given up",
      "[server]: no respondió a tiempo; se abandona la conexión"
    ),
    ("[server]: no answer to the search in time", "[server]: no respondió a tiempo a la búsqueda"),
    ("[server]: no answer to [~what] in time", "[server]: no respondió a tiempo a [~what]"),
    (
      "[server]: no place among the outstanding operations in time",
      "[server]: no hubo lugar a tiempo entre las operaciones pendientes"
    ),
    (
      "[server]: the search's reader is too slow beside other operations",
      "[server]: la lectura de la búsqueda es demasiado lenta junto a otras operaciones"
    ),
    ("[server]: the answer is not LDAP", "[server]: la respuesta no es LDAP"),
    ("[server]: the answer to the bind is not LDAP", "[server]: la respuesta al ingreso no es LDAP"),
    ("[server]: the answer to StartTLS is not LDAP", "[server]: la respuesta a StartTLS no es LDAP"),
    ("an answer to the search is not LDAP", "una respuesta a la búsqueda no es LDAP"),
    ("the search was abandoned", "la búsqueda se abandonó"),
    ("cancelled before it was sent", "se canceló antes de enviarse"),
    ("the directory ended the search", "el directorio terminó la búsqueda"),
    ("the directory went back to an earlier state", "el directorio volvió a un estado anterior"),
    (
      "the directory answered with [dn], which was not asked for; is directory.accounts written as the directory spells it?",
      "el directorio respondió con [dn], que no se le pidió; ¿está directory.accounts escrito como lo escribe el directorio?"
    ),

    // TLS and logging in.
    ("[server]: no TLS handshake in time", "[server]: la negociación de TLS no terminó a tiempo"),
    ("no TLS with [server]: [~reason]", "sin TLS con [server]: [~reason]"),
    ("the server's certificate names no host", "el certificado del servidor no nombra ningún servidor"),
    (
      "the server's certificate is for [names], not for [host]",
      "el certificado del servidor es de [names], no de [host]"
    ),
    ("the server's certificate expired on [day]", "el certificado del servidor venció el [day]"),
    ("the server's certificate is not valid before [day]", "el certificado del servidor no es válido antes del [day]"),
    (
      "the server's certificate is signed by itself and does not stand in [file]",
      "el certificado del servidor está firmado por sí mismo y no está en [file]"
    ),
    (
      "no authority of [file] vouches for the server's certificate, which \"[issuer]\" has signed",
      "ninguna autoridad de [file] responde por el certificado del servidor, que firmó «[issuer]»"
    ),
    ("the handshake failed: [~error]", "la negociación falló: [~error]"),
    (
      "the server closed the connection after the handshake; it may ask for a certificate of the agent",
      "el servidor cerró la conexión después de la negociación; puede que pida un certificado del agente"
    ),
    (
      "the server closed the connection after the handshake; it may not trust the agent's certificate",
      "el servidor cerró la conexión después de la negociación; puede que no confíe en el certificado del agente"
    ),
    (
      "the agent's certificate: [certificate] and [key] are not a certificate and its key (PEM, without a passphrase)",
      "el certificado del agente: [certificate] y [key] no son un certificado y su clave (PEM, sin frase de paso)"
    ),
    ("the agent's certificate: [file]: [~error]", "el certificado del agente: [file]: [~error]"),
    ("[server]: a Unix socket takes no StartTLS", "[server]: un socket de Unix no admite StartTLS"),
    ("CA file [file] holds no certificate", "el archivo de autoridades [file] no tiene ningún certificado"),
    ("CA file [file]: [~error]", "el archivo de autoridades [file]: [~error]"),
    (
      "[server]: a simple bind without TLS would show the password to the network",
      "[server]: un ingreso simple sin TLS mostraría la contraseña en la red"
    ),
    (
      "an empty password would be an anonymous bind (RFC 4513 §5.1.2)",
      "una contraseña vacía sería un ingreso anónimo (RFC 4513 §5.1.2)"
    ),
    ("an empty password", "la contraseña está vacía"),
    ("a simple bind needs a name", "un ingreso simple necesita un nombre"),
    ("[mechanism] is not a SCRAM mechanism", "[mechanism] no es un mecanismo SCRAM"),
    ("SCRAM needs a user and a password", "SCRAM necesita usuario y contraseña"),
    (
      "[mechanism] bind: [~error]; is the SASL mechanism installed (libsasl2-modules, for GSSAPI "
        + "libsasl2-modules-gssapi-mit)?",
      "ingreso ([mechanism]): [~error]; ¿está instalado el mecanismo SASL (libsasl2-modules, para GSSAPI "
        + "libsasl2-modules-gssapi-mit)?"
    ),
    ("[server]: GSSAPI bind: [~error]", "[server]: ingreso (GSSAPI): [~error]"),
    ("[mechanism] bind: [~error]", "ingreso ([mechanism]): [~error]"),
    ("libcrypt made no yescrypt hash: [~error]", "libcrypt no cifró la contraseña con yescrypt: [~error]"),

    // What can't be sent, or isn't what RFC 4533 says: faults of a program.
    ("libldap does not work", "libldap no funciona"),
    ("libldap does not speak protocol version 3", "libldap no habla la versión 3 del protocolo"),
    ("libldap refuses option 0x[option]", "libldap rechaza la opción 0x[option]"),
    ("libldap refuses a network timeout", "libldap rechaza el límite de tiempo de la red"),
    ("[~part] contains a NUL", "[~part] contiene un byte NUL"), ("the DN", "el DN"), ("the base", "la base"),
    ("the filter", "el filtro"), ("the new RDN", "el nombre nuevo"), ("the new superior", "la entrada superior nueva"),
    ("an attribute's name", "el nombre de un atributo"), ("a control's type", "el tipo de un control"),
    ("the operation's type", "el tipo de la operación"),
    ("\"[name]\" is not an attribute's name", "«[name]» no es el nombre de un atributo"),
    (
      "\"[name]\" is not a distinguished name (RFC 4514)",
      "«[name]» no es un nombre distinguido (RFC 4514)"
    ),
    (
      "search: the base has an attribute type that can't be one",
      "la búsqueda: la base tiene un tipo de atributo imposible"
    ),
    (
      "search: the filter has an impossible attribute or no piece",
      "la búsqueda: el filtro tiene un atributo imposible o ninguna parte"
    ),
    ("modifyDN: an attribute type can't be one", "el cambio de nombre: tiene un tipo de atributo imposible"),
    (
      "passwordModify: the DN has an attribute type that can't be one",
      "el cambio de contraseña: el DN tiene un tipo de atributo imposible"
    ),
    (
      "[operation]: the DN has an attribute type that can't be one",
      "[operation]: el DN tiene un tipo de atributo imposible"
    ),
    (
      "[server]: the synchronization brought [*what] (RFC 4533)",
      "[server]: la sincronización trajo [*what] (RFC 4533)"
    ),
    ("an entry without a whole Sync State Control", "una entrada sin Sync State Control completo"),
    ("a Sync Info Message that isn't one", "un Sync Info Message que no lo es"),
    ("an end without a Sync Done Control", "un final sin Sync Done Control"),
    ("a Sync Done Control that isn't one", "un Sync Done Control que no lo es"),
    ("an end in the middle of the refresh", "un final en medio de la actualización"),
    (
      "the directory sent [count] entries that were not asked for, or that have another entryUUID",
      "el directorio envió [count] entradas que no se le pidieron, o que tienen otro entryUUID"
    ),
    ("timed out", "se acabó el tiempo"),
    ("can't contact LDAP server", "no se puede llegar al servidor LDAP"),
  ]
}
