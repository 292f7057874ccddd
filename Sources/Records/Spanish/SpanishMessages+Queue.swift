// Why requests wait or are held, and what is wrong with the directory that they wait for.

extension SpanishMessages {
  static let queue: [(english: String, spanish: String)] = [
    // Held by a person, whose words stay as they are, or by a limit.
    ("held by [actor]: [because]", "la detuvo [actor]: [because]"),
    ("held by [actor]", "la detuvo [actor]"),
    (
      "it asks for [*count], where policy.limits allows [most] a form",
      "pide [*count], y policy.limits permite [most] por formato"
    ),
    (
      "[*count] makes [sum] today, where policy.limits allows [most] a day",
      "[*count] llega a [sum] hoy, y policy.limits permite [most] por día"
    ),
    (
      "[*count] make [sum] today, where policy.limits allows [most] a day",
      "[*count] llegan a [sum] hoy, y policy.limits permite [most] por día"
    ),
    ("1 delete", "1 eliminación"), ("[count] deletes", "[count] eliminaciones"),
    ("1 suspension", "1 suspensión"), ("[count] suspensions", "[count] suspensiones"),
    ("1 reset", "1 contraseña nueva"), ("[count] resets", "[count] contraseñas nuevas"),
    ("check it (buzon show), then release or cancel it", "revísela (buzon show); luego déjela seguir o cancélela"),
    (
      "check the form (buzon show), then release or cancel it",
      "revise el formato (buzon show); luego deje seguir la solicitud o cancélela"
    ),
    ("operator", "una persona"), ("limits", "policy.limits"), ("trouble", "un tropiezo"),
    (
      "check it (buzon show [number]), then buzon release [number], or buzon cancel [number]",
      "revísela (buzon show [number]); luego buzon release [number], o buzon cancel [number]"
    ),
    ("buzon release [number], or cancel it", "buzon release [number], o cancélela"),
    ("correct the cause, then buzon retry [number]", "corrija la causa; luego buzon retry [number]"),

    // Held because of what happened to it.
    (
      "it was sent [times] times without an answer, while other requests were applied: [~error]",
      "se envió [times] veces sin respuesta, mientras otras solicitudes sí se aplicaban: [~error]"
    ),
    ("nothing waits for the directory any more", "ya nada espera al directorio"),
    ("check the directory's log", "revise el registro de eventos del directorio"),
    (
      "the agent died [times] times while it applied [change]",
      "el agente murió [times] veces mientras aplicaba [change]"
    ),
    (
      "check the log of those runs, and report it",
      "revise el registro de eventos de esas ejecuciones e informe de ello"
    ),
    ("the stored form can't be read", "el formato guardado no se puede leer"),
    ("restore the register from a backup", "restaure el registro interno desde una copia"),

    // What is wrong with one entry.
    (
      "the directory has [dn], but does not find it by its address [address]",
      "el directorio tiene [dn], pero no la encuentra por su dirección [address]"
    ),
    ("[dn] was added, but is not found by its address", "se agregó [dn], pero no se encuentra por su dirección"),
    (
      "[dn]: 122 assertionFailed, though the entry is as it was read",
      "[dn]: 122 la guarda no se cumple, aunque la entrada está como se leyó"
    ),
    (
      "[address] left an account, and [account] still names it as its owner or list",
      "[address] dejó otra cuenta, y [account] todavía la nombra como responsable o como lista"
    ),
    (
      "the clock corrects that account first, and this change follows; if the clock or its request is held, release it",
      "el reloj corrige primero esa cuenta y luego sigue este cambio; si el reloj o su solicitud está detenido, déjelo seguir"
    ),

    // What was going on when the directory refused; the error comes behind it.
    ("reading entries: [~error]", "al leer entradas: [~error]"),
    ("reading a stamp: [~error]", "al leer un sello: [~error]"),
    ("reading back a password: [~error]", "al comprobar una contraseña: [~error]"),
    (
      "the directory stored a password as clear text, on [dn], and refuses it a second time: [~error]",
      "el directorio guardó una contraseña sin cifrar, en [dn], y la rechaza la segunda vez: [~error]"
    ),
    (
      "the directory stored a password as clear text, on [dn]",
      "el directorio guardó una contraseña sin cifrar, en [dn]"
    ),

    // What to do with the directory.
    (
      "check that the directory runs; the queue continues by itself",
      "compruebe que el directorio funciona; la cola sigue sola"
    ),
    (
      "check the directory's log; the queue continues by itself",
      "revise el registro de eventos del directorio; la cola sigue sola"
    ),
    (
      "check the log of the proxy between the agent and the directory; the queue continues by itself",
      "revise el registro de eventos del intermediario entre el agente y el directorio; la cola sigue sola"
    ),
    (
      "check that the directory runs and that the agent may read it",
      "compruebe que el directorio funciona y que el agente puede leerlo"
    ),
    (
      "check that slapd runs and answers ([command]), and that the agent may read it",
      "compruebe que slapd funciona y responde ([command]), y que el agente puede leerlo"
    ),
    (
      "check that slapd runs and answers ([command]), and that the agent works (journalctl -u buzon)",
      "compruebe que slapd funciona y responde ([command]), y que el agente trabaja (journalctl -u buzon)"
    ),
    (
      "check that slapd runs and answers ([command])",
      "compruebe que slapd funciona y responde ([command])"
    ),
    (
      "let the agent's user read that file, which directory.bind names (chown, chmod 600)",
      "haga que el usuario del agente pueda leer ese archivo, que directory.bind nombra (chown, chmod 600)"
    ),
    (
      "give the agent a ticket, or a keytab to get one with (KRB5_CLIENT_KTNAME), and see that the KDC answers; run "
        + "as the agent's user with its environment, `kinit -k -i` says what is missing",
      "dé al agente un tique, o un keytab para obtenerlo (KRB5_CLIENT_KTNAME), y compruebe que el KDC responde; "
        + "ejecutado por el usuario del agente con su entorno, `kinit -k -i` dice qué falta"
    ),
    (
      "name the server in directory.uris as its certificate does, or give it a certificate for that name "
        + "([command])",
      "nombre el servidor en directory.uris como lo nombra su certificado, o dele un certificado con ese "
        + "nombre ([command])"
    ),
    (
      "name the server in directory.uris as its certificate does, or give it a certificate for that name",
      "nombre el servidor en directory.uris como lo nombra su certificado, o dele un certificado con ese nombre"
    ),
    (
      "give the server a new certificate ([command])",
      "dé al servidor un certificado nuevo ([command])"
    ),
    (
      "give the server a new certificate",
      "dé al servidor un certificado nuevo"
    ),
    (
      "check the clock of this host and the server's certificate ([command])",
      "revise el reloj de este equipo y el certificado del servidor ([command])"
    ),
    (
      "check the clock of this host and the server's certificate",
      "revise el reloj de este equipo y el certificado del servidor"
    ),
    (
      "name the authority that signs the server's certificate in directory.tls.ca_file ([command])",
      "nombre en directory.tls.ca_file la autoridad que firma el certificado del servidor ([command])"
    ),
    (
      "name the authority that signs the server's certificate in directory.tls.ca_file",
      "nombre en directory.tls.ca_file la autoridad que firma el certificado del servidor"
    ),
    (
      "compare the server's TLS with directory.tls ([command])",
      "compare el TLS del servidor con directory.tls ([command])"
    ),
    (
      "compare the server's TLS with directory.tls",
      "compare el TLS del servidor con directory.tls"
    ),
    (
      "name a certificate of the agent in directory.tls.certificate_file, or let the server ask for none "
        + "(olcTLSVerifyClient); see its log ([command])",
      "nombre un certificado del agente en directory.tls.certificate_file, o haga que el servidor no pida "
        + "ninguno (olcTLSVerifyClient); vea su registro ([command])"
    ),
    (
      "name a certificate of the agent in directory.tls.certificate_file, or let the server ask for none "
        + "(olcTLSVerifyClient); see its log",
      "nombre un certificado del agente en directory.tls.certificate_file, o haga que el servidor no pida "
        + "ninguno (olcTLSVerifyClient); vea su registro"
    ),
    (
      "let the server trust the authority of directory.tls.certificate_file (olcTLSCACertificateFile), or "
        + "renew that certificate; see its log ([command])",
      "haga que el servidor confíe en la autoridad de directory.tls.certificate_file "
        + "(olcTLSCACertificateFile), o renueve ese certificado; vea su registro ([command])"
    ),
    (
      "let the server trust the authority of directory.tls.certificate_file (olcTLSCACertificateFile), or "
        + "renew that certificate; see its log",
      "haga que el servidor confíe en la autoridad de directory.tls.certificate_file "
        + "(olcTLSCACertificateFile), o renueve ese certificado; vea su registro"
    ),
    (
      "correct directory.bind or directory.tls in the configuration, then reload the agent (systemctl reload buzon)",
      "corrija directory.bind o directory.tls en la configuración; luego recargue el agente (systemctl reload buzon)"
    ),
    (
      "let the server offer StartTLS (olcTLSCertificateFile), or correct directory.tls",
      "haga que el servidor ofrezca StartTLS (olcTLSCertificateFile), o corrija directory.tls"
    ),
    (
      "check directory.bind and its password file against the directory ([command])",
      "compare directory.bind y su archivo de contraseña con el directorio ([command])"
    ),
    (
      "check that directory.accounts names the container, and give the agent the access rights of config/slapd "
        + "(buzon init)",
      "compruebe que directory.accounts nombra el contenedor, y dé al agente los permisos de config/slapd (buzon init)"
    ),
    (
      "check the directory's log; the agent tries again by itself",
      "revise el registro de eventos del directorio; el agente lo intenta otra vez"
    ),
    (
      "check the log of the proxy between the agent and the directory; the agent tries again by itself",
      "revise el registro de eventos del intermediario entre el agente y el directorio; el agente lo intenta otra vez"
    ),
    (
      "run buzon doctor, and see the directory's log",
      "ejecute buzon doctor y lea el registro de eventos del directorio"
    ),
    ("run buzon doctor", "ejecute buzon doctor"),
    (
      "the directory lacks something the agent needs: run buzon doctor",
      "al directorio le falta algo que el agente necesita: ejecute buzon doctor"
    ),
    (
      "give the agent the access rights of config/slapd (search on mail and mailLocalAddress)",
      "dé al agente los permisos de config/slapd (buscar por mail y mailLocalAddress)"
    ),
    (
      "give the agent the access rights of config/slapd (search on entryUUID, buzonRequest and pwdReset)",
      "dé al agente los permisos de config/slapd (buscar por entryUUID, buzonRequest y pwdReset)"
    ),
    (
      "give the agent the access rights of config/slapd (buzon init)",
      "dé al agente los permisos de config/slapd (buzon init)"
    ),
    ("give the agent the limits of config/slapd (buzon init)", "dé al agente los límites de config/slapd (buzon init)"),
    (
      "map [identity] to the agent's identity with olcAuthzRegexp, then restart the agent",
      "asocie [identity] con la identidad del agente por olcAuthzRegexp y reinicie el agente"
    ),
    (
      "map the agent's user to the agent's identity with olcAuthzRegexp (buzon init), then restart the agent; "
        + "run as that user, `ldapwhoami -Q -Y EXTERNAL -H [server]` must print that identity",
      "asocie el usuario del agente a la identidad del agente con olcAuthzRegexp (buzon init) y reinicie el "
        + "agente; ejecutado por ese usuario, `ldapwhoami -Q -Y EXTERNAL -H [server]` debe mostrar esa identidad"
    ),
    (
      "let olcUniqueURI search below directory.accounts (buzon init --yes)",
      "haga que olcUniqueURI busque debajo de directory.accounts (buzon init --yes)"
    ),
    (
      "make the container of the accounts (directory.accounts)",
      "cree el contenedor de las cuentas (directory.accounts)"
    ),
    (
      "let the directory's password policy accept the passwords that policy.password makes; of hashes "
        + "(policy.password.hash: yescrypt) it can't check the quality: set pwdCheckQuality to 1, or the hash to directory",
      "haga que la política de contraseñas del directorio acepte las que hace policy.password; de una contraseña cifrada "
        + "(policy.password.hash: yescrypt) no puede comprobar la calidad: ponga pwdCheckQuality en 1, o hash en directory"
    ),
    (
      "load schema/buzon.ldif of this version into the directory (buzon init --yes)",
      "cargue schema/buzon.ldif de esta versión en el directorio (buzon init --yes)"
    ),
    ("load schema/buzon.ldif into the directory", "cargue schema/buzon.ldif en el directorio"),
    (
      "check directory.bind in the configuration against the directory",
      "compare directory.bind, en la configuración, con el directorio"
    ),
    (
      "set pwdSafeModify to FALSE in the directory's password policy (buzon init --yes)",
      "ponga pwdSafeModify en FALSE en la política de contraseñas del directorio (buzon init --yes)"
    ),
    (
      "name the container itself in directory.accounts, not an alias of it",
      "nombre en directory.accounts el contenedor mismo, no un alias de él"
    ),
    ("name the provider, not a replica, in directory.uris", "nombre en directory.uris el servidor, no una réplica"),
    ("report this: the plan made no valid operation", "informe de esto: el plan no hizo una operación válida"),
    (
      "set olcPPolicyHashCleartext: TRUE on the overlay ppolicy (buzon init --yes), and an olcPasswordHash that "
        + "is a hash; the agent then writes it again, and the queue continues by itself",
      "ponga olcPPolicyHashCleartext: TRUE en el overlay ppolicy (buzon init --yes) y un olcPasswordHash que "
        + "cifre; entonces el agente la escribe otra vez y la cola sigue sola"
    ),
  ]
}
