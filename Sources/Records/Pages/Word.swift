/// A word or a sentence of printed pages, in each language. A template has it as `{{words.NAME}}`.
protocol PageWord: RawRepresentable<String> {
  var both: (es: String, en: String) { get }
}

extension PageWord {
  /// The word in a language.
  func text(_ language: PageLanguage) -> String {
    switch language {
    case .es: both.es
    case .en: both.en
    }
  }
}

/// The words that every page has; ``SlipWord`` and ``StatusWord`` are those of one page.
enum Word: String, CaseIterable, PageWord {
  // The head.
  case code, version, date, page, of, procedure
  // The delivery record.
  case actaTitle, recordTitle, request, requestFacts, madeBy, clockStatement, clockFollowed
  case orders, orderHeld, orderReleased, orderCancelled, orderForgotten
  case department, requester, address, approvedBy, approvalDate, reference
  case signature, received, submittedBy, completed, changes, number, operation, outcome, handover, dn, error, remedy,
    directoryWords, orphans, reused, retentionOver
  case password, passwordReset, passwordExpired, passwordSettled
  case reason, values, handoverEvents, handoverBy, handoverRecordedBy
  case noChanges, evidence, digest, ledger, signatures, deliveredBy, receivedBy, name, position, sign
  case deliveryStatement, receiptStatement
  // The account list.
  case listTitle, updated, accounts, oneAccount, noAccounts, departments, departmentList, totals, total, byKind,
    byStatus
  case toTotals, toIndex, noDepartment
  case kind, status, aliases, quota, owner, lists, created, changed
  case drift, driftEntry, driftRemoved, driftLegend
  case person, functional, list, otherKind, active, suspended, retained, locked, otherStatus
  case persons, functionals, listsOfAll, actives, suspendeds, retaineds, lockeds
  // Values of the delivery record.
  case create, modify, adopt, delete
  case applied, unchanged, failed, undone, skipped, waiting
  case requestApplied, requestPartly, requestFailed, requestCancelled
  case stateAwaitingSignature, stateReady, stateHeld, stateWorking, stateDone
  case verified, recorded, unverified, noSignature
  // The form's keys, and the values that are words.
  case document, phone, forward, keepCopy, members, expires, yes, no, kept
  // The story of a hand-over.
  case eventGranted, eventShown, eventReceived, eventChanged, eventClosed, eventOverridden, eventReleased, eventExpired
  case byClock, byDelete, byReset
  case handoverNone, handoverOpen, handoverDelivered, handoverClosed, handoverExpired

  var both: (es: String, en: String) {
    switch self {
    case .code: ("Código", "Code")
    case .version: ("Versión", "Version")
    case .date: ("Fecha", "Date")
    case .page: ("Página", "Page")
    case .of: ("de", "of")
    case .procedure: ("Procedimiento", "Procedure")

    case .actaTitle: ("Acta de entrega de cuentas de correo", "Delivery record of mail accounts")
    case .recordTitle: ("Constancia de la solicitud", "Record of the request")
    case .request: ("Solicitud", "Request")
    case .requestFacts: ("Datos de la solicitud", "The request")
    case .madeBy: ("Origen", "Origin")
    case .clockStatement:
      (
        "Buzón hizo estos cambios por sí mismo al cumplirse un plazo (política de cuentas). Nadie los solicitó.",
        "Buzón made these changes by itself when a term ended (policy of accounts). Nobody asked for them."
      )
    case .clockFollowed:
      (
        "Buzón corrigió por sí mismo el responsable o las listas de estas cuentas, porque cambió la dirección que nombraban.",
        "Buzón corrected the owner or the lists of these accounts by itself, because the address that they named changed."
      )
    case .orders: ("Detenciones y cancelación", "Holds and cancellation")
    case .orderHeld: ("Detenida", "Held")
    case .orderReleased: ("Se dejó seguir", "Released")
    case .orderCancelled: ("Cancelada", "Cancelled")
    case .orderForgotten: ("Datos suprimidos", "Data forgotten")
    case .department: ("Dependencia", "Department")
    case .requester: ("Funcionario responsable", "Responsible official")
    case .address: ("Dirección", "Address")
    case .approvedBy: ("Aprobada por", "Approved by")
    case .approvalDate: ("Fecha de aprobación", "Approved on")
    case .reference: ("Referencia", "Reference")
    case .signature: ("Firma de la aprobación", "Signature of the approval")
    case .received: ("Recibida", "Received")
    case .submittedBy: ("Radicada por", "Submitted by")
    case .completed: ("Terminada", "Completed")
    case .changes: ("Cambios realizados", "Changes")
    case .number: ("N.º", "No.")
    case .operation: ("Operación", "Operation")
    case .outcome: ("Resultado", "Outcome")
    case .handover: ("Entrega", "Hand-over")
    case .dn: ("Entrada en el directorio", "Entry in the directory")
    case .error: ("Error", "Error")
    case .remedy: ("Qué hacer", "What to do")
    case .directoryWords: ("palabras del directorio:", "the directory's words:")
    case .orphans: ("Quedan sin responsable", "Left without an owner")
    case .reused:
      ("Direcciones que otra cuenta tuvo hace poco (reuse)", "Addresses that another account had not long ago (reuse)")
    case .reason: ("Motivo", "Reason")
    case .retentionOver:
      ("terminó el plazo de retención (policy.retention)", "the time of retention is over (policy.retention)")
    case .password: ("Contraseña", "Password")
    case .passwordReset: ("restablecida; se asignó una temporal", "reset; a temporary one was granted")
    case .passwordExpired: ("la temporal venció y ya no sirve", "the temporary one expired and serves no more")
    case .passwordSettled:
      (
        "la persona tiene la suya; se quitó el plazo de la temporal",
        "the user has one of their own; the end of the temporary one was taken away"
      )
    case .values: ("Valores", "Values")
    case .handoverEvents: ("Historia de la entrega", "Story of the hand-over")
    case .handoverBy: ("por", "by")
    case .handoverRecordedBy: ("registró", "recorded by")
    case .noChanges: ("La solicitud no tiene cambios.", "The request has no changes.")
    case .evidence: ("Comprobación", "Evidence")
    case .digest: ("Huella del formulario", "Digest of the form")
    case .ledger: ("Asiento en el libro", "Line of the ledger")
    case .signatures: ("Firmas", "Signatures")
    case .deliveredBy: ("Entrega", "Delivered by")
    case .receivedBy: ("Recibe", "Received by")
    case .name: ("Nombre", "Name")
    case .position: ("Cargo", "Position")
    case .sign: ("Firma", "Signature")
    case .deliveryStatement:
      (
        "Entregué las cuentas relacionadas y di la inducción en su manejo.",
        "I delivered the accounts above and gave the induction in their use."
      )
    case .receiptStatement:
      (
        "Recibí las cuentas y la inducción en su manejo, y daré a cada usuario su hoja de entrega. Quien usa una cuenta firma "
          + "esa hoja y cambia la contraseña temporal en el primer ingreso.",
        "I received the accounts and the induction in their use, and will give each user the slip. The user of an account "
          + "signs that slip, and changes the temporary password at first login."
      )

    case .listTitle: ("Lista de correos corporativos", "Corporate account list")
    case .updated: ("Actualizada", "As of")
    case .accounts: ("Cuentas", "Accounts")
    case .oneAccount: ("Cuenta", "Account")
    case .noAccounts: ("La lista no tiene cuentas.", "There are no accounts.")
    case .departments: ("Dependencias", "Departments")
    case .departmentList: ("Cuentas por dependencia", "Accounts by department")
    case .totals: ("Totales", "Totals")
    case .total: ("Total", "Total")
    case .byKind: ("Por tipo", "By kind")
    case .byStatus: ("Por estado", "By status")
    case .toTotals: ("Ir a los totales", "To the totals")
    case .toIndex: ("Todas las dependencias", "All departments")
    case .noDepartment: ("Sin dependencia", "Without department")
    case .kind: ("Tipo", "Kind")
    case .status: ("Estado", "Status")
    case .aliases: ("Otras direcciones", "Aliases")
    case .quota: ("Cuota", "Quota")
    case .owner: ("Responsable", "Owner")
    case .lists: ("Listas", "Lists")
    case .created: ("Creada", "Created")
    case .changed: ("Modificada", "Changed")
    case .drift: ("Por fuera", "Drift")
    case .driftEntry: ("entrada hecha por fuera", "entry made outside Buzón")
    case .driftRemoved: ("entrada borrada por fuera", "entry removed outside Buzón")
    case .driftLegend:
      (
        "La cuenta se cambió por fuera del procedimiento; se nombra lo que cambió.",
        "The account was changed outside the procedure; the attributes are named."
      )
    case .person: ("Persona", "Person")
    case .functional: ("Funcional", "Functional")
    case .list: ("Lista", "List")
    case .otherKind: ("Otras", "Other")
    case .active: ("Activa", "Active")
    case .suspended: ("Suspendida", "Suspended")
    case .retained: ("En retención", "Retained")
    case .locked: ("Bloqueada", "Locked")
    case .otherStatus: ("Otras", "Other")
    case .persons: ("Personas", "Persons")
    case .functionals: ("Funcionales", "Functional")
    case .listsOfAll: ("Listas", "Lists")
    case .actives: ("Activas", "Active")
    case .suspendeds: ("Suspendidas", "Suspended")
    case .retaineds: ("En retención", "Retained")
    case .lockeds: ("Bloqueadas", "Locked")

    case .create: ("Creación", "Creation")
    case .modify: ("Modificación", "Modification")
    case .adopt: ("Adopción", "Adoption")
    case .delete: ("Eliminación", "Deletion")
    case .applied: ("Aplicado", "Applied")
    case .unchanged: ("Sin cambio", "Unchanged")
    case .failed: ("Fallido", "Failed")
    case .undone: ("Deshecho", "Undone")
    case .skipped: ("Omitido", "Skipped")
    case .waiting: ("En espera", "Waiting")
    case .requestApplied: ("Aplicada", "Applied")
    case .requestPartly: ("Aplicada en parte", "Partly applied")
    case .requestFailed: ("Fallida", "Failed")
    case .requestCancelled: ("Cancelada", "Cancelled")
    case .stateAwaitingSignature: ("En espera de firma", "Awaiting signature")
    case .stateReady: ("En cola", "Ready")
    case .stateHeld: ("Detenida", "Held")
    case .stateWorking: ("En proceso", "Working")
    case .stateDone: ("Terminada", "Done")
    case .verified: ("Verificada", "Verified")
    case .recorded: ("Sin firma: como lo declara el formato", "Unsigned: as the form states")
    case .unverified:
      (
        "Firma archivada, sin verificar: como lo declara el formato",
        "Signature archived, not verified: as the form states"
      )
    case .noSignature: ("No se requiere: lo hizo el reloj", "None needed: the clock did it")
    case .document: ("Documento", "Identity document")
    case .phone: ("Teléfono", "Telephone")
    case .forward: ("Reenvío", "Forward")
    case .keepCopy: ("Conserva copia", "Keeps a copy")
    case .members: ("Miembros externos", "External members")
    case .expires: ("Último día", "Last day")
    case .yes: ("sí", "yes")
    case .no: ("no", "no")
    case .kept: ("reservado", "not shown")
    case .eventGranted: ("Se asignó una contraseña temporal", "A temporary password was granted")
    case .eventShown: ("Se mostró la hoja de entrega", "The slip was shown")
    case .eventReceived: ("Se recibió la hoja de entrega", "The slip was received")
    case .eventChanged: ("Se fijó la contraseña definitiva", "The final password was set")
    case .eventClosed: ("La persona cambió la contraseña", "The user changed the password")
    case .eventOverridden: ("Otro administrador cambió la contraseña", "Another administrator changed the password")
    case .eventReleased:
      ("Otro administrador quitó el deber de cambiarla", "Another administrator took the duty to change it away")
    case .eventExpired: ("Venció", "Expired")
    case .byClock: ("el plazo", "the clock")
    case .byDelete: ("la eliminación de la cuenta", "the deletion of the account")
    case .byReset: ("otra contraseña temporal", "another temporary password")
    case .handoverNone: ("—", "—")
    case .handoverOpen: ("Pendiente", "Open")
    case .handoverDelivered: ("Entregada", "Delivered")
    case .handoverClosed: ("Cerrada", "Closed")
    case .handoverExpired: ("Vencida", "Expired")
    }
  }
}
