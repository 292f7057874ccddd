// How agent, directory, mirror, clock and spool are: what the status page says.

extension SpanishMessages {
  static let service: [(english: String, spanish: String)] = [
    // Signatures of approvals.
    (
      "waits until [time] for the signature of [approver] over [file]: buzon sign FILE --key KEY, then buzon submit FILE; "
        + "the signature of [count] more with this number too",
      "espera hasta [time] la firma de [approver] sobre [file]: buzon sign ARCHIVO --key CLAVE y luego buzon submit "
        + "ARCHIVO; también la de [count] más con este número"
    ),
    (
      "waits until [time] for the signature of [approver] over [file]: buzon sign FILE --key KEY, then buzon submit FILE",
      "espera hasta [time] la firma de [approver] sobre [file]: buzon sign ARCHIVO --key CLAVE y luego buzon submit "
        + "ARCHIVO"
    ),
    (
      "its signature could not be checked yet (buzon status says why)",
      "su firma aún no se pudo comprobar (buzon status dice por qué)"
    ),
    (
      "ssh-keygen is not installed, so no signature can be checked",
      "ssh-keygen no está instalado, así que no se puede comprobar ninguna firma"
    ),
    ("apt-get install openssh-client", "apt-get install openssh-client"),
    ("[path] names no signer", "[path] no nombra a nadie que firme"),
    (
      "write a line for each approver: PRINCIPAL namespaces=\"buzon-request\" KEYTYPE KEY",
      "escriba una línea para cada persona que aprueba: PRINCIPAL namespaces=\"buzon-request\" TIPO CLAVE"
    ),
    (
      "put the file back, or correct [key]; the agent looks again within 30 s",
      "devuelva el archivo o corrija [key]; el agente mira otra vez antes de 30 s"
    ),
    (
      "correct [key], or let the agent's user read that file",
      "corrija [key], o deje que el usuario del agente lea ese archivo"
    ),
    (
      "[path] is neither a list of public keys nor a KRL", "[path] no es ni una lista de claves públicas ni una KRL"
    ),
    (
      "write a public key a line, or make it with ssh-keygen -k",
      "escriba una clave pública por línea, o hágala con ssh-keygen -k"
    ),
    ("[path] has a mistake in line [~detail]", "[path] tiene un error en la línea [~detail]"),
    (
      "correct the line (ssh-keygen(1), ALLOWED SIGNERS)", "corrija la línea (ssh-keygen(1), ALLOWED SIGNERS)"
    ),
    ("ssh-keygen was ended by signal [signal]", "la señal [signal] terminó a ssh-keygen"),
    (
      "see the kernel's log (dmesg), and whether the unit lets it run",
      "mire el registro del núcleo (dmesg), y si la unidad lo deja funcionar"
    ),
    ("ssh-keygen did not end in time", "ssh-keygen no terminó a tiempo"),
    ("see whether the host is overloaded", "mire si el equipo está sobrecargado"),
    ("ssh-keygen can't be started (errno [code])", "no se puede iniciar ssh-keygen (errno [code])"),
    (
      "install openssh-client, and let the agent's user run ssh-keygen",
      "instale openssh-client, y deje que el usuario del agente ejecute ssh-keygen"
    ),
    (
      "ssh-keygen says what can't be understood: [~output]", "lo que dice ssh-keygen no se entiende: [~output]"
    ),
    ("install OpenSSH 8.9 or later", "instale OpenSSH 8.9 o más reciente"),
    ("[path] can't be read", "[path] no se puede leer"),
    ("let the agent's user read it", "deje que el usuario del agente lo lea"),
    // The agent.
    (
      "it ended without a word since then: it was killed, or its state could not be written",
      "desde entonces terminó sin avisar: alguien lo mató, o no se pudo escribir su estado"
    ),
    (
      "read its last lines (journalctl -u buzon), then start it (systemctl start buzon, or buzon run)",
      "lea sus últimas líneas (journalctl -u buzon) e inícielo (systemctl start buzon, o buzon run)"
    ),
    (
      "start the agent (systemctl start buzon, or buzon run)",
      "inicie el agente (systemctl start buzon, o buzon run)"
    ),
    ("it was stopped", "lo detuvieron"),
    ("the last run --once did all that was there", "la última ejecución (run --once) hizo todo lo que había"),
    ("run --once ended with [code]: [*why]", "la ejecución (run --once) terminó con [code]: [*why]"),
    ("buzon run --once ended with [code]: [*why]", "la ejecución (buzon run --once) terminó con [code]: [*why]"),
    ("buzon run ended with [code]: [*why]", "la ejecución (buzon run) terminó con [code]: [*why]"),
    ("error [code]", "error [code]"),
    ("[path]: everybody may write in it; [remedy]", "[path]: cualquiera puede escribir ahí; [remedy]"),
    ("[path]: group [group] may write in it; [remedy]", "[path]: el grupo [group] puede escribir ahí; [remedy]"),
    ("[path]: everybody may read it; [remedy]", "[path]: cualquiera puede leerlo; [remedy]"),
    ("[path]: its group may read it; [remedy]", "[path]: su grupo puede leerlo; [remedy]"),
    ("[path]: it is not a regular file; [remedy]", "[path]: no es un archivo común; [remedy]"),
    ("[path]: it belongs to user [owner]; [remedy]", "[path]: es del usuario [owner]; [remedy]"),
    ("do what it says, then start the agent again", "haga lo que dice e inicie el agente otra vez"),
    ("it could not read the directory", "no pudo leer el directorio"),
    (
      "something waits or is held, or a program keeps a file open",
      "algo espera o está detenido, o un programa tiene abierto un archivo"
    ),
    ("a file could not be read or moved", "un archivo no se pudo leer o mover"),
    (
      "do what helps against the directory's own finding, then run it again",
      "haga lo que ayuda contra el hallazgo del directorio y ejecútelo otra vez"
    ),
    (
      "see what waits, and why (buzon queue); release or cancel what is held (buzon release NUMBER), then run it again",
      "mire qué espera y por qué (buzon queue); deje seguir o cancele lo detenido (buzon release NÚMERO) y ejecútelo otra vez"
    ),
    (
      "see what could not be read or moved (buzon queue), then run it again",
      "mire qué no se pudo leer o mover (buzon queue) y ejecútelo otra vez"
    ),
    (
      "[state] has no register, but [records] has delivery records",
      "[state] no tiene registro interno, pero [records] tiene actas"
    ),
    ("no agent has ever run here", "aquí nunca ha funcionado un agente"),
    ("mount or restore the state (buzon restore)", "monte o restaure la carpeta de estado (buzon restore)"),

    // The directory.
    (
      "run --once could not read the directory: [~why]",
      "la ejecución (run --once) no pudo leer el directorio: [~why]"
    ),
    ("no agent runs, so nobody asks the directory", "el agente no está en marcha y nadie consulta el directorio"),
    ("run --once could not read the directory", "la ejecución (run --once) no pudo leer el directorio"),
    (
      "nobody asks the directory until the next run --once",
      "nadie consulta el directorio hasta la próxima ejecución (run --once)"
    ),
    (
      "the agent has just started, and the directory has not answered it yet",
      "el agente acaba de empezar y el directorio todavía no le ha respondido"
    ),
    (
      "the directory has not answered the agent for [seconds] s or more",
      "el directorio no le responde al agente desde hace [seconds] s o más"
    ),

    // The mirror.
    ("run --once read the directory", "la ejecución (run --once) leyó el directorio"),
    ("the agent isn't running", "el agente no está en marcha"),
    ("the directory has not been heard yet", "todavía no se ha recibido nada del directorio"),
    (
      "the directory has no syncprov (buzon init)",
      "el directorio no tiene syncprov (buzon init)"
    ),
    (
      "the directory ends every search that stays open: [~error]",
      "el directorio termina toda búsqueda que queda abierta: [~error]"
    ),
    ("the directory ends every search that stays open", "el directorio termina toda búsqueda que queda abierta"),

    // The clock.
    (
      "the host's time was [held], [*span] ahead of [known], the newest time known (policy.clock_jump)",
      "la hora del equipo era [held], [*span] por delante de [known], la más reciente que se conoce (policy.clock_jump)"
    ),
    ("[hours] h", "[hours] h"), ("[days] days", "[days] días"),
    (
      "the clock suspends, purges, scrambles and settles nothing",
      "el reloj no suspende, depura, anula contraseñas ni resuelve nada"
    ),
    ("check the host's time (date)", "compruebe la hora del equipo (date)"),
    ("when it is right: buzon release [clock]", "cuando esté bien: buzon release [clock]"),
  ]

  static let spool: [(english: String, spanish: String)] = [
    // Files, requests and changes of a finding.
    ("[*few] and [count] more", "[*few] y [count] más"),
    ("the reports are [files]", "los informes son [files]"),
    ("the changes are [changes]", "los cambios son [changes]"),
    ("a program has [file] open for writing", "un programa tiene [file] abierto para escribir"),
    ("end that program (fuser [file]), or remove the file", "termine ese programa (fuser [file]), o quite el archivo"),
    ("[file] is not taken", "nadie toma [file]"),
    (
      "start the agent (systemctl start buzon, or buzon run); buzon run --once takes it too",
      "inicie el agente (systemctl start buzon, o buzon run); buzon run --once también lo toma"
    ),
    (
      "see whether a program holds it open (fuser [file]), and whether the agent works (journalctl -u buzon)",
      "mire si un programa lo tiene abierto (fuser [file]) y si el agente trabaja (journalctl -u buzon)"
    ),
    ("everybody may drop forms into [folder]", "cualquiera puede dejar formatos en [folder]"),
    (
      "who may drop forms into [folder] may take away those of others",
      "quien puede dejar formatos en [folder] puede llevarse los de otros"
    ),
    ("chmod 3730 [folder]", "chmod 3730 [folder]"),
    ("everybody may list the forms in [folder]", "cualquiera puede ver qué formatos hay en [folder]"),
    ("chown [owner]", "chown [owner]"),
    (
      "systemd-tmpfiles --create buzon.conf (or chgrp buzon-submit [folder], then chmod 3730 [same])",
      "systemd-tmpfiles --create buzon.conf (o chgrp buzon-submit [folder] y luego chmod 3730 [same])"
    ),
    (
      "the owner of [folder] may not read it, so the agent can't take forms",
      "el dueño de [folder] no puede leerla; por eso el agente no puede tomar formatos"
    ),
    ("nobody but its owner may drop forms into [folder]", "solo su dueño puede dejar formatos en [folder]"),
    (
      "[folder] has no set-group-ID bit, so the agent may not be able to read what others drop there",
      "[folder] no tiene el bit set-group-ID; el agente quizá no pueda leer lo que otros dejen allí"
    ),
    (
      "[folder] belongs to user [owner], and the agent is user [agent]: it can't take forms",
      "[folder] es del usuario [owner] y el agente es el usuario [agent]: no puede tomar formatos"
    ),
    ("[folder] could not be read: [~error]", "[folder] no se pudo leer: [~error]"),
    (
      "put it back, or start the agent, which makes it anew",
      "póngala otra vez, o inicie el agente, que la hace de nuevo"
    ),
    ("see that the spool can be read", "procure que la bandeja de solicitudes se pueda leer"),
    ("see that [path] can be read", "procure que [path] se pueda leer"),
    (
      "check that the spool can be read and written", "compruebe que la bandeja de solicitudes se puede leer y escribir"
    ),
    ("see that the records folder can be written", "procure que la carpeta de registros se pueda escribir"),
  ]
}
