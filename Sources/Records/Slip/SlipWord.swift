/// The words of the slip, on paper and on a terminal.
enum SlipWord: String, CaseIterable, PageWord {
  case slipTitle, account, askedBy, login, temporaryPassword, validUntil
  case passwordHint, passwordLetters
  case steps, stepOpen, stepAsk, stepLogin, stepChoose, stepBegin, stepLate
  case duties, dutyService, dutySecret, dutyRead, dutyDoubt, dutyRequest
  case cutUpper, cutLower
  case receipt, induction, inductionLogin, inductionChange, inductionUse, inductionDoubt, inductionOther
  case document, receives, delivers, receiptStatement, deliveryStatement
  case printed, printedBy, pageNumber

  var both: (es: String, en: String) {
    switch self {
    case .slipTitle: ("Entrega de cuenta de correo institucional", "Hand-over of an institutional mail account")
    case .account: ("Cuenta", "Account")
    case .askedBy: ("La pidió", "Asked for by")
    case .login: ("Usuario para ingresar", "Log in as")
    case .temporaryPassword: ("Contraseña temporal", "Temporary password")
    case .validUntil: ("Sirve hasta", "Serves until")
    case .passwordHint:
      ("Escríbala tal como está: los guiones son parte de ella.", "Type it as it stands: the hyphens belong to it.")
    case .passwordLetters:
      (
        "Solo lleva minúsculas y cifras; nunca la ele, la o, el cero ni el uno.",
        "It has small letters and digits only; never the letters l and o, nor zero or one."
      )
    case .steps: ("Para empezar", "How to begin")
    case .stepOpen: ("Abra la página para cambiar la contraseña:", "Open the page where passwords are changed:")
    case .stepAsk:
      (
        "Acuda a la oficina de sistemas con esta hoja: allí le ayudan a cambiar la contraseña.",
        "Go to the systems office with this sheet: they help you to change the password."
      )
    case .stepLogin:
      ("Ingrese con su usuario y la contraseña temporal.", "Log in with your account and the temporary password.")
    case .stepChoose:
      (
        "Escoja una contraseña nueva, larga, que nadie más conozca. Es lo primero que se hace: con la temporal el "
          + "correo no abre.",
        "Choose a new password, a long one that nobody else knows. This comes first: with the temporary one the "
          + "mail doesn't open."
      )
    case .stepBegin:
      (
        "Ingrese a su correo con la contraseña nueva y destruya esta hoja.",
        "Log in to your mail with the new password, and destroy this sheet."
      )
    case .stepLate:
      (
        "Si vence sin que la haya cambiado, su dependencia pide otra con el formato",
        "If it ends before you changed it, your department asks for another with form"
      )
    case .duties: ("Sus deberes", "Your duties")
    case .dutyService:
      (
        "La cuenta es de la entidad y se le confía para el servicio: lo que sale de ella habla por la entidad.",
        "The account is the institution's, entrusted to you for your work: what leaves it speaks for the institution."
      )
    case .dutySecret:
      (
        "La contraseña es solo suya. No la comparta ni la deje escrita; nadie se la pedirá, tampoco sistemas.",
        "The password is yours alone. Don't share it or leave it written; nobody will ask for it, not even systems."
      )
    case .dutyRead:
      (
        "Revise el correo cada día de trabajo y conserve lo que deba quedar en el archivo.",
        "Read your mail each working day and keep what belongs on file."
      )
    case .dutyDoubt:
      (
        "No abra enlaces ni adjuntos dudosos, y avise a sistemas enseguida si nota algo extraño.",
        "Don't open doubtful links or attachments, and tell systems at once when something looks strange."
      )
    case .dutyRequest:
      (
        "Cambios, traslados y retiros los pide su dependencia con el formato",
        "Changes, transfers and leavings are asked for by your department with form"
      )
    case .cutUpper: ("Arriba: para quien recibe la cuenta", "Above: for who receives the account")
    case .cutLower: ("Abajo: para el archivo de sistemas", "Below: for the files of systems")
    case .receipt: ("Constancia de entrega", "Receipt of the account")
    case .induction: ("Inducción recibida (marque lo visto)", "Induction given (tick what was covered)")
    case .inductionLogin: ("Ingreso al correo y cierre de sesión", "Logging in and logging out")
    case .inductionChange: ("Cambio de la contraseña temporal", "Changing the temporary password")
    case .inductionUse: ("Manejo de mensajes, carpetas y cuota", "Handling messages, folders and quota")
    case .inductionDoubt: ("Correos sospechosos y a quién avisar", "Suspicious mail and whom to tell")
    case .inductionOther: ("Otro:", "Other:")
    case .document: ("Documento", "Identity doc.")
    case .receives: ("Recibe: quien usa la cuenta", "Received by the account's user")
    case .delivers: ("Entrega, por sistemas", "Delivered by, for systems")
    case .receiptStatement:
      (
        "Recibí la cuenta y la inducción marcada, conozco mis deberes y cambiaré la contraseña temporal en el primer "
          + "ingreso.",
        "I received the account and the induction ticked above, know my duties, and will change the temporary "
          + "password at first login."
      )
    case .deliveryStatement:
      (
        "Entregué la cuenta a quien la usa y di la inducción marcada.",
        "I delivered the account to its user, and gave the induction ticked above."
      )
    case .printed: ("Impresa", "Printed")
    case .printedBy: ("por", "by")
    case .pageNumber: ("Hoja", "Sheet")
    }
  }

  /// For the how-manieth time the slip is shown.
  static func showing(_ number: Int, _ language: PageLanguage) -> String {
    switch language {
    case .es: return "Se muestra por \(number).ª vez"
    case .en:
      let ending =
        switch (number % 10, number % 100) {
        case (_, 11...13): "th"
        case (1, _): "st"
        case (2, _): "nd"
        case (3, _): "rd"
        default: "th"
        }
      return "Shown for the \(number)\(ending) time"
    }
  }
}
