internal import Text

/// The words of the operator's page.
enum StatusWord: String, CaseIterable, PageWord {
  case statusTitle, generated, valid, untilNextRun, answered, since, process, stopped, zone, agent, directory, mirror,
    provider, lag, reason
  case healthOK, healthWarning, healthCritical
  case foundAgentStopped, foundDirectoryWaiting, foundMirrorDown, foundClockHeld, foundHeld, foundRefused,
    foundFailedToday, foundDrift, foundProviderLags, foundProviderSwitched, doProviderSwitched, foundSpoolWaiting,
    foundRecordsWaiting, foundLedgerDiffers, foundApprovalWaiting,
    foundRejected, foundOverridden,
    foundSpoolUnreadable, foundRunUnfinished, foundStuck, foundSpoolMode
  case doStart, doMirror, doHeld, doRefused, doStuck, doRejected, doFailed, doOverridden, doDrift
  case spool, incoming, taken, rejected, readable, unreadable
  case neverRan, ranOnce, ranUnfinished, onceRead
  case running, up, notAsked, waitingDirectory, persist, polling, comparing, down
  case inQueue, failedToday, openHandovers, drifted, allAccounts
  case oneFailedToday, oneOpenHandover, oneDrifted, oneAccount
  case holds, kept, queue, clock, age
  case requests, noRequests, more, seeAbove, ago
  case failures, noFailures, at
  case handovers, noHandovers, handoversByDepartment, oldest, granted, ends, handoverState, open, delivered
  case drift, noDrift, attributes, by, unknown
  case activity, accepted, applied, failed, figures, day, highest
  case accountsTitle, total

  var both: (es: String, en: String) {
    switch self {
    case .statusTitle: ("Estado del servicio de cuentas", "State of the account service")
    case .generated: ("Generado", "Written")
    case .valid: ("Vale hasta", "Valid until")
    case .untilNextRun: ("la próxima ejecución del agente", "the agent's next run")
    case .answered: ("Última respuesta", "Answered last")
    case .since: ("Desde", "Since")
    case .process: ("Proceso", "Process")
    case .stopped: ("Detenido", "Stopped")
    case .zone: ("Hora de", "Time of")
    case .agent: ("Agente", "Agent")
    case .directory: ("Directorio", "Directory")
    case .mirror: ("Espejo", "Mirror")
    case .provider: ("Servidor", "Provider")
    case .lag: ("Retraso", "Lag")
    case .reason: ("Motivo", "Reason")

    case .healthOK: ("Todo en orden", "All is well")
    case .healthWarning: ("Hay algo que mirar", "Something needs a look")
    case .healthCritical: ("El servicio está parado", "The service does not work")
    case .foundAgentStopped: ("El agente no está en marcha", "The agent isn't running")
    case .foundDirectoryWaiting: ("El directorio no responde como debe", "The directory doesn't answer as it should")
    case .foundMirrorDown:
      ("El espejo no recibe los cambios del directorio", "The mirror does not receive the directory's changes")
    case .foundProviderLags:
      (
        "El servidor en uso muestra algunas cuentas como estaban antes",
        "The server in use shows some accounts as they were before"
      )
    case .foundProviderSwitched: ("Se usa otro servidor que antes", "Another server is in use than before")
    case .foundClockHeld:
      ("El reloj está detenido: la hora del equipo saltó", "The clock is held: the host's time jumped")
    case .foundHeld: ("Solicitudes detenidas", "Requests held")
    case .foundRefused:
      ("Solicitudes que el directorio rechaza por ahora", "Requests that the directory refuses for now")
    case .foundSpoolWaiting:
      ("No se pueden leer o mover formatos de la bandeja de solicitudes", "Forms in the spool can't be read or moved")
    case .foundRecordsWaiting: ("No se pueden escribir los registros", "The records can't be written")
    case .foundLedgerDiffers:
      ("El libro de asientos no concuerda con el registro", "The ledger's files don't fit the register")
    case .foundApprovalWaiting:
      ("No se pueden comprobar las firmas de las aprobaciones", "Signatures of approvals can't be checked")
    case .foundRejected: ("Archivos rechazados, sin revisar", "Files rejected, not seen yet")
    case .foundOverridden:
      ("Contraseñas temporales cambiadas por otra persona", "Temporary passwords overridden by somebody else")
    case .foundSpoolUnreadable: ("No se pudo leer la bandeja de solicitudes", "The spool could not be read")
    case .foundRunUnfinished: ("La última ejecución (run --once) dejó algo", "The last run --once left something")
    case .foundStuck:
      ("Archivos de la bandeja de solicitudes que nadie toma", "Files in the spool that are not taken")
    case .foundSpoolMode:
      ("Permisos equivocados de la bandeja de solicitudes", "The spool's permissions are wrong")
    case .foundFailedToday: ("Cambios fallidos hoy", "Changes failed today")
    case .foundDrift: ("Cuentas cambiadas por fuera", "Accounts changed outside Buzón")

    case .doStart: ("inicie el agente (systemctl start buzon)", "start the agent (systemctl start buzon, or buzon run)")
    case .doMirror:
      (
        "compruebe que el directorio funciona y que el agente puede leerlo",
        "check that the directory runs and that the agent may read it"
      )
    case .doProviderSwitched:
      (
        "ponga en marcha ese servidor (buzon doctor); el agente sigue con este; buzon reload --first vuelve al primero; luego "
          + "buzon status --acknowledge",
        "bring that server back (buzon doctor); the agent stays with this one; buzon reload --first goes back to the "
          + "first; then buzon status --acknowledge"
      )
    case .doHeld:
      (
        "lea el motivo de cada una (buzon show NÚMERO); luego buzon release NÚMERO, o buzon cancel NÚMERO",
        "read the reason of each (buzon show NUMBER); then buzon release NUMBER, or buzon cancel NUMBER"
      )
    case .doRefused:
      (
        "corrija la causa (buzon queue la muestra); el agente vuelve a intentarlo, y buzon retry ALL lo intenta ya",
        "correct the cause (buzon queue shows it); the agent tries again, and buzon retry ALL tries now"
      )
    case .doStuck:
      (
        "buzon queue los muestra; mire si un programa los tiene abiertos y si el agente trabaja (su registro de eventos)",
        "buzon queue lists them; see whether a program holds them open, and whether the agent works (its log)"
      )
    case .doRejected:
      (
        "cada ARCHIVO de rejected/ tiene su ARCHIVO.report; corrija el formato y envíelo otra vez; luego buzon status "
          + "--acknowledge",
        "each FILE in the spool's rejected/ has a FILE.report; correct the form and submit it again; then buzon status "
          + "--acknowledge"
      )
    case .doFailed:
      (
        "cada uno dice abajo qué ayuda; envíe un formato nuevo con otro número; luego buzon status --acknowledge",
        "each says below what helps; submit a new form with another number; then buzon status --acknowledge"
      )
    case .doOverridden:
      (
        "buzon handover --all muestra cuáles; lo impreso ya no sirve (un formato: reset: password); luego buzon status "
          + "--acknowledge",
        "buzon handover --all shows which; what is on those slips opens nothing (a form: reset: password); then buzon "
          + "status --acknowledge"
      )
    case .doDrift:
      (
        "buzon drift muestra qué cambió; buzon drift --repair ARCHIVO --number NÚMERO --department DEPENDENCIA --requester "
          + "NOMBRE --approved-by NOMBRE --approved-on FECHA escribe el formato que lo deshace; buzon drift --accept "
          + "DIRECCIÓN lo deja como está",
        "buzon drift shows what changed; buzon drift --repair FILE --number NUMBER --department DEPARTMENT --requester NAME "
          + "--approved-by NAME --approved-on DAY writes the form that undoes it; buzon drift --accept ADDRESS leaves it "
          + "as it is"
      )

    case .spool: ("Bandeja de solicitudes", "Spool")
    case .incoming: ("Sin tomar", "Not taken yet")
    case .taken: ("Tomados", "Taken")
    case .rejected: ("Rechazados", "Rejected")
    case .readable: ("Se lee", "Readable")
    case .unreadable: ("No se pudo leer", "Could not be read")

    case .neverRan: ("Nunca ha funcionado aquí", "Has never run here")
    case .ranOnce: ("Terminó bien (run --once)", "Ended well (run --once)")
    case .ranUnfinished: ("Terminó sin acabar (run --once)", "Ended, not all done (run --once)")
    case .onceRead: ("Leído (run --once)", "Read (run --once)")

    case .running: ("En marcha", "Running")
    case .up: ("Responde", "Up")
    case .notAsked: ("No se sabe", "Not known")
    case .waitingDirectory: ("En espera", "Waiting")
    case .persist: ("Al instante", "Live")
    case .polling: ("Por turnos", "Polling")
    case .comparing: ("Por comparación", "Comparing")
    case .down: ("Sin conexión", "Down")

    case .inQueue: ("En espera", "Waiting")
    case .failedToday: ("Fallidos hoy", "Failed today")
    case .openHandovers: ("Entregas abiertas", "Open hand-overs")
    case .drifted: ("Cambiadas por fuera", "Changed outside Buzón")
    case .allAccounts: ("Cuentas", "Accounts")
    case .oneFailedToday: ("Fallido hoy", "Failed today")
    case .oneOpenHandover: ("Entrega abierta", "Open hand-over")
    case .oneDrifted: ("Cambiada por fuera", "Changed outside Buzón")
    case .oneAccount: ("Cuenta", "Account")

    case .holds: ("Detenido hasta que alguien actúe", "Held until a person acts")
    case .kept: ("Qué", "What")
    case .queue: ("Toda la cola", "The whole queue")
    case .clock: ("El reloj", "The clock")
    case .age: ("Hace", "For")

    case .requests: ("Solicitudes que esperan", "Requests that wait")
    case .noRequests: ("No espera ninguna solicitud.", "No request waits.")
    case .more: ("Y otras:", "And others:")
    case .seeAbove: ("véase arriba", "see above")
    case .ago: ("hace #", "# ago")

    case .failures: ("Lo último que falló", "Latest failures")
    case .noFailures: ("No ha fallado nada.", "Nothing failed.")
    case .at: ("Cuándo", "When")

    case .handovers: ("Entregas abiertas, las más antiguas", "Open hand-overs, the oldest")
    case .noHandovers: ("No hay entregas abiertas.", "No hand-over is open.")
    case .handoversByDepartment: ("Entregas abiertas por dependencia", "Open hand-overs by department")
    case .oldest: ("La más antigua", "The oldest")
    case .granted: ("Otorgada", "Granted")
    case .ends: ("Vence", "Ends")
    case .handoverState: ("Entrega", "Hand-over")
    case .open: ("Sin entregar", "Not received")
    case .delivered: ("Entregada, sin cambio de contraseña", "Received, password not changed")

    case .drift: ("Cambios por fuera del procedimiento", "Changed outside Buzón")
    case .noDrift: ("Nadie ha cambiado cuentas por fuera.", "No account was changed outside Buzón.")
    case .attributes: ("Atributos", "Attributes")
    case .by: ("Por", "By")
    case .unknown: ("No se sabe", "Not known")

    case .activity: ("Actividad de los últimos días", "Activity of the last days")
    case .accepted: ("Solicitudes aceptadas", "Requests accepted")
    case .applied: ("Cambios aplicados", "Changes applied")
    case .failed: ("Cambios fallidos", "Changes failed")
    case .figures: ("Las cifras en una tabla", "The figures as a table")
    case .day: ("Día", "Day")
    case .highest: ("máximo", "highest")

    case .accountsTitle: ("Cuentas por tipo y estado", "Accounts by kind and status")
    case .total: ("Total", "Total")
    }
  }
}
