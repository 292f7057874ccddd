// Files and disks: what could not be done, what the system said (errno(3), gai_strerror(3)), and what helps.

extension SpanishMessages {
  static let files: [(english: String, spanish: String)] =
    [
      ("examine", "examinar"), ("list", "listar"), ("move", "mover"), ("remove", "quitar"), ("sync", "sincronizar"),
      ("lock", "bloquear"), ("write", "escribir"), ("make", "crear"), ("change the mode of", "cambiar los permisos de"),
      ("watch", "vigilar"), ("read", "leer"), ("find", "encontrar"), ("look up", "buscar"), ("open", "abrir"),
      ("close", "cerrar"), ("link", "enlazar"),
    ].map { ("cannot \($0) [path]: [~error]", "no se pudo \($1) [path]: [~error]") }
    + [
      ("cannot [call] [path]: [~error]", "no se pudo hacer [call] con [path]: [~error]"),
      (
        "[~error]: what was written last may not be on the disk",
        "[~error]: lo último escrito quizá no esté en el disco"
      ),

      ("give the agent's user access to [path]", "dé acceso a [path] al usuario del agente"),
      ("raise fs.inotify.max_user_watches (sysctl)", "aumente fs.inotify.max_user_watches (sysctl)"),
      ("raise fs.inotify.max_user_instances (sysctl)", "aumente fs.inotify.max_user_instances (sysctl)"),
      ("free space on the file system of [folder]", "libere espacio en el sistema de archivos de [folder]"),
      ("mount the file system of [folder] writable", "monte el sistema de archivos de [folder] para escritura"),
      ("put both folders on one file system", "ponga las dos carpetas en un mismo sistema de archivos"),
      ("put a regular file at [path]", "ponga un archivo corriente en [path]"),
      (
        "use a local file system that has RENAME_NOREPLACE (ext4, xfs, btrfs)",
        "use un sistema de archivos local que tenga RENAME_NOREPLACE (ext4, xfs, btrfs)"
      ),
      (
        "look for errors of the disk in the kernel's log (dmesg)",
        "busque errores del disco en el registro del núcleo (dmesg)"
      ),
      ("free memory", "libere memoria"),
      (
        "raise the system's limit of open files (fs.file-max)",
        "aumente el límite de archivos abiertos del sistema (fs.file-max)"
      ),
      (
        "check that the file system of [path] can lock files",
        "compruebe que el sistema de archivos de [path] puede bloquear archivos"
      ),
      ("raise the limit of open files (LimitNOFILE)", "aumente el límite de archivos abiertos (LimitNOFILE)"),
      ("create [path]", "cree [path]"),
      (
        "a part of the path [path] is not a folder; move it away",
        "una parte de la ruta [path] no es una carpeta; quítela de ahí"
      ),
      (
        "check the disk (dmesg), then start the agent again: it resumes there",
        "compruebe el disco (dmesg) e inicie el agente otra vez: continúa donde iba"
      ),

      (
        "the ledger's file [path] does not fit the register: [*what]",
        "el archivo [path] del libro de asientos no concuerda con el registro: [*what]"
      ),
      ("the register has no line [n] any more", "el registro ya no tiene el asiento [n]"),
      ("the file is missing", "el archivo no está"),
      ("it ends before line [n], which was written", "termina antes del asiento [n], que estaba escrito"),
      (
        "line [n] is not the register's, or does not stand where it stood",
        "el asiento [n] no es el del registro, o no está donde estaba"
      ),
      ("line [n] is not the register's", "el asiento [n] no es el del registro"),
      ("line [n] is of another ledger", "el asiento [n] es de otro libro"),
      (
        "it goes on where the register ends, at line [n]",
        "sigue donde el registro termina, en el asiento [n]"
      ),
      ("what follows line [n] is no line", "lo que sigue al asiento [n] no es un asiento"),
      (
        "put the file back as it was (buzon verify says what differs); where it can't be had any more, stop the agent, "
          + "run buzon rebuild, which keeps the files aside and writes them again, and start the agent",
        "devuelva el archivo como estaba (buzon verify dice qué difiere); si ya no existe, detenga el agente, ejecute "
          + "buzon rebuild, que aparta los archivos y los escribe de nuevo, e inicie el agente"
      ),
      (
        "it has [n] bytes, and the agent wrote [m]: something else writes into it, or it was cut",
        "tiene [n] bytes y el agente escribió [m]: otro programa escribe en él, o fue cortado"
      ),
      (
        "an older register was put in its place; put the right one back (buzon restore keeps the one it replaces as "
          + "register.sqlite.before-restore-TIME). Where it is lost, restore this one properly, which notes what was done "
          + "since: buzon backup FILE, then buzon restore FILE, then buzon rebuild",
        "se puso en su lugar un registro más antiguo; ponga de nuevo el correcto (buzon restore guarda el que reemplaza como "
          + "register.sqlite.before-restore-TIME). Si se perdió, restaure este como es debido, lo que anota lo hecho desde "
          + "entonces: buzon backup FILE, luego buzon restore FILE y luego buzon rebuild"
      ),
    ] + system

  /// The system's own words, with the first letter small.
  private static let system: [(english: String, spanish: String)] = [
    ("operation not permitted", "operación no permitida"), ("permission denied", "permiso denegado"),
    ("no such file or directory", "no existe el archivo o la carpeta"), ("file exists", "el archivo ya existe"),
    ("input/output error", "error de entrada o salida"), ("bad file descriptor", "descriptor de archivo inválido"),
    ("no space left on device", "no queda espacio en el disco"), ("disk quota exceeded", "se pasó la cuota de disco"),
    ("read-only file system", "el sistema de archivos es de solo lectura"),
    ("file too large", "el archivo es demasiado grande"),
    ("not a directory", "no es una carpeta"), ("is a directory", "es una carpeta"),
    ("directory not empty", "la carpeta no está vacía"), ("invalid argument", "argumento inválido"),
    ("invalid cross-device link", "las dos rutas están en discos distintos"),
    ("too many open files in system", "hay demasiados archivos abiertos en el sistema"),
    ("too many open files", "hay demasiados archivos abiertos"), ("too many links", "hay demasiados enlaces"),
    ("too many levels of symbolic links", "hay demasiados enlaces simbólicos"),
    ("file name too long", "el nombre del archivo es demasiado largo"),
    ("cannot allocate memory", "no hay memoria"), ("no locks available", "no hay bloqueos disponibles"),
    ("device or resource busy", "el dispositivo está ocupado"), ("text file busy", "el archivo se está ejecutando"),
    ("resource temporarily unavailable", "no está disponible por el momento"),
    ("interrupted system call", "la llamada se interrumpió"), ("operation not supported", "operación no admitida"),
    ("function not implemented", "función no disponible"), ("stale file handle", "el archivo remoto ya no existe"),
    ("broken pipe", "la conexión se rompió"), ("connection refused", "conexión rechazada"),
    ("connection reset by peer", "el otro lado cortó la conexión"),
    ("connection timed out", "la conexión se demoró demasiado"),
    ("software caused connection abort", "la conexión se abandonó"),
    ("no route to host", "no hay ruta hasta el equipo"),
    ("network is unreachable", "no se llega a la red"), ("host is down", "el equipo está apagado"),
    ("transport endpoint is not connected", "no está conectado"),
    ("name or service not known", "el nombre no se conoce en la red"),
    ("temporary failure in name resolution", "los nombres de la red no se pueden consultar por ahora"),
    ("no address associated with hostname", "el nombre no tiene dirección de red"),
  ]
}
