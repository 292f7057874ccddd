import Glibc
import Sandbox

/// A folder on a real disk in which directories under test come and go.
struct Place {
  let path: String

  /// - Throws: where the folder is on a file system without a disk: nothing is durable there.
  init(below folder: String) throws(Failure) {
    try makeFolder(folder)
    var template = Array("\(folder)/buzon-bench-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw Failure(message: "\(folder): \(String(cString: strerror(errno)))", code: 73)
    }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    spreadFolders()
    if ["tmpfs", "ramfs"].contains(fileSystem) {
      remove()
      throw Failure(
        message: "\(folder) is on \(fileSystem), which keeps nothing; give a real disk with --dir", code: 64)
    }
  }

  func remove() { removeTree(path) }

  /// Asks ext4 to lay each folder made here in a part of the disk of its own (chattr(1), `T`).
  ///
  /// On ext4 without a journal a new file costs a look at each inode nearby that was freed in the last minutes. Without
  /// this a contender would pay for what was removed before: 1.3 ms of CPU a form were seen. Other file systems refuse.
  private func spreadFolders() {
    let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else { return }
    defer { close(folder) }
    // FS_IOC_GETFLAGS, FS_IOC_SETFLAGS and FS_TOPDIR_FL of <linux/fs.h>, which Glibc's module doesn't have.
    var flags: Int = 0
    guard ioctl(folder, 0x8008_6601, &flags) == 0 else { return }
    flags |= 0x0002_0000
    _ = ioctl(folder, 0x4008_6602, &flags)
  }

  /// The type of the file system, of the mount whose path is the longest that leads here (proc_pid_mountinfo(5)).
  var fileSystem: String {
    var best = (length: 0, type: "unknown")
    try? forEachLine(of: "/proc/self/mountinfo") { line in
      let fields = line.split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
      guard fields.count > 6, let dash = fields.firstIndex(of: "-"), dash + 1 < fields.count else { return }
      let mount = fields[4] == "/" ? "/" : fields[4] + "/"
      if path.utf8.starts(with: mount.utf8), mount.utf8.count >= best.length {
        best = (mount.utf8.count, fields[dash + 1])
      }
    }
    return best.type
  }

  /// Makes an empty directory, lends it, and takes it away again. The writes of making it are on the disk before.
  func withSandbox<Value>(_ body: (Sandbox.Description) throws -> Value) throws -> Value {
    // A name of its own each time: where the folder comes to lie goes by the name.
    let home = "\(path)/\(UInt64(now() * 1e6))"
    defer {
      try? Sandbox.stop(home: home)
      removeTree(home)
    }
    let sandbox = try Sandbox.start(home: home, options: Sandbox.Options(durable: true, accesslog: false))
    // A bulk form is larger than a form may be by default.
    try writeFile(sandbox.config, "limits:\n  form_size: 64 MiB\n", append: true)
    sync()
    return try body(sandbox)
  }
}

extension Sandbox.Description {
  /// Seconds of CPU that slapd has used, user and system, to a clock tick (proc_pid_stat(5)).
  var slapdCPU: Double {
    // The command's name is the only field that could hold a parenthesis or a space.
    guard let line = try? readText("/proc/\(pid)/stat"), let end = line.utf8.lastIndex(of: UInt8(ascii: ")")) else {
      return 0
    }
    let fields = line[end...].split(separator: " ")
    // Fields 14 and 15; the piece with the parenthesis is field 2.
    guard fields.count > 13, let user = Double(fields[12]), let system = Double(fields[13]) else { return 0 }
    return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
  }
}
