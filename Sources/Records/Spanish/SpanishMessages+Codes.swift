// The result codes of LDAP by their numbers (RFC 4511 §4.1.9 and the RFCs of controls).

extension SpanishMessages {
  static let codes: [Int32: String] = [
    0: "éxito", 1: "error de operaciones", 2: "error de protocolo", 3: "límite de tiempo superado",
    4: "límite de tamaño superado", 5: "la comparación es falsa", 6: "la comparación es verdadera",
    7: "método de ingreso no admitido", 8: "se exige un ingreso más fuerte", 10: "remite a otro servidor",
    11: "límite administrativo superado", 12: "falta una extensión crítica", 13: "se exige una conexión cifrada",
    14: "ingreso SASL sin terminar", 16: "no existe el atributo", 17: "tipo de atributo no definido",
    18: "comparación no adecuada", 19: "no cumple una restricción", 20: "el atributo o el valor ya existe",
    21: "sintaxis de atributo inválida", 32: "no existe la entrada", 33: "problema de alias",
    34: "sintaxis de DN inválida", 36: "problema al seguir un alias", 48: "ingreso no adecuado",
    49: "credenciales inválidas", 50: "permisos insuficientes", 51: "directorio ocupado",
    52: "directorio no disponible",
    53: "el directorio no quiere hacerlo", 54: "se detectó un bucle", 64: "nombre no permitido",
    65: "no cumple la clase de objeto", 66: "no permitido: tiene entradas debajo",
    67: "no permitido: es parte del nombre", 68: "la entrada ya existe", 69: "la clase de objeto no se puede cambiar",
    71: "afecta a varios servidores", 80: "otro error", 118: "cancelada", 119: "no existe la operación",
    120: "demasiado tarde", 121: "no se puede cancelar", 122: "la guarda no se cumple", 123: "autorización denegada",
    4096: "hay que sincronizar de nuevo", 16654: "se habría aplicado",
  ]
}
