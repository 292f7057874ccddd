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
  case deliveryTitle, request, requestFacts, department, requester, address, approvedBy, approvalDate, reference
  case signature, received, submittedBy, completed, changes, number, operation, outcome, handover, dn, error, remedy,
    orphans, reused
  case noChanges, evidence, digest, ledger, signatures, deliveredBy, receivedBy, name, position, sign
  case deliveryStatement, receiptStatement
  // The account list.
  case listTitle, updated, accounts, noAccounts, departments, departmentList, totals, total, byKind, byStatus
  case toTotals, toIndex, noDepartment
  case kind, status, aliases, quota, owner, lists, created, changed, drift, driftEntry, driftLegend
  case person, functional, list, otherKind, active, suspended, retained, otherStatus
  case persons, functionals, listsOfAll, actives, suspendeds, retaineds
  // Values of the delivery record.
  case create, modify, adopt, delete
  case applied, unchanged, failed, undone, skipped, waiting
  case requestApplied, requestPartly, requestFailed, requestCancelled
  case stateAwaitingSignature, stateReady, stateHeld, stateWorking, stateDone
  case verified, recorded
  case handoverNone, handoverOpen, handoverDelivered, handoverClosed, handoverExpired

  var both: (es: String, en: String) {
    switch self {
    case .code: ("Código", "Code")
    case .version: ("Versión", "Version")
    case .date: ("Fecha", "Date")
    case .page: ("Página", "Page")
    case .of: ("de", "of")
    case .procedure: ("Procedimiento", "Procedure")

    case .deliveryTitle: ("Acta de entrega de cuentas de correo", "Delivery record of mail accounts")
    case .request: ("Solicitud", "Request")
    case .requestFacts: ("Datos de la solicitud", "The request")
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
    case .orphans: ("Quedan sin responsable", "Left without an owner")
    case .reused:
      ("Direcciones que otra cuenta tuvo hace poco (reuse)", "Addresses that another account had not long ago (reuse)")
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
        "Recibí las cuentas y la inducción en su manejo, y cambiaré la contraseña temporal en el primer ingreso.",
        "I received the accounts and the induction in their use, and will change the temporary password at first login."
      )

    case .listTitle: ("Lista de correos corporativos", "Corporate account list")
    case .updated: ("Actualizada", "As of")
    case .accounts: ("Cuentas", "Accounts")
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
    case .driftLegend:
      (
        "Otras manos cambiaron la cuenta por fuera del procedimiento; se nombran los atributos.",
        "The account was changed outside the procedure; the attributes are named."
      )
    case .person: ("Persona", "Person")
    case .functional: ("Funcional", "Functional")
    case .list: ("Lista", "List")
    case .otherKind: ("Otras", "Other")
    case .active: ("Activa", "Active")
    case .suspended: ("Suspendida", "Suspended")
    case .retained: ("En retención", "Retained")
    case .otherStatus: ("Otras", "Other")
    case .persons: ("Personas", "Persons")
    case .functionals: ("Funcionales", "Functional")
    case .listsOfAll: ("Listas", "Lists")
    case .actives: ("Activas", "Active")
    case .suspendeds: ("Suspendidas", "Suspended")
    case .retaineds: ("En retención", "Retained")

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
    case .recorded: ("Según el formulario", "As the form states")
    case .handoverNone: ("—", "—")
    case .handoverOpen: ("Pendiente", "Open")
    case .handoverDelivered: ("Entregada", "Delivered")
    case .handoverClosed: ("Cerrada", "Closed")
    case .handoverExpired: ("Vencida", "Expired")
    }
  }
}
