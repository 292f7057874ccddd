import Foundation
import Support

/// A disk whose power can be cut, and on it an institution at work: directory, spool, state and records.
///
/// Four layers, each a loop device on a file of the one below:
///
///     live/      ext4, in disk/live.img: the disk of the host; all that must survive is here
///     disk/      ext4, in pool/disk.img: its page cache of live.img is the disk's volatile write cache
///     pool/      btrfs, in an unlinked file: copies a file of any size in milliseconds (FICLONE, ioctl_ficlone(2))
///     the folder itself, a tmpfs: nothing of this reaches the machine's own disk
///
/// What the kernel holds of `live/` in memory is lost by a cut, as by any power cut: a copy of the image is what the
/// device was given. What it was given but not told to flush (REQ_PREFLUSH, which the loop driver answers with fsync(2)
/// of `live.img`) is in `disk/`'s page cache, and ``Cache`` says what of it a disk would have kept.
///
/// All of it, slapd and agent too, lives in a mount and a process namespace of its own (unshare(1)) that ends with its
/// first process, and that ends when its standard input does. So whatever becomes of the harness, be it SIGKILL, no
/// mount, no loop device and no process stays behind.
final class PowerCutLab: Office {
  /// Where it stands inside, and the mount point outside.
  let folder: String
  private let keeper: Program
  /// The keeper's standard input; it ends with this process.
  private let lifeline: Int32
  private let process: String

  /// Makes disk and institution, with its directory running.
  init() async throws {
    Self.removeLeftovers()
    // Short, so that the directory's socket has room in it. Outside it is only ever an empty folder.
    folder = "/tmp/buzon-power-\(getpid())-\(UUID().uuidString.prefix(4))"
    guard mkdir(folder, 0o700) == 0 else { throw SiteError("mkdir \(folder): errno \(errno)") }
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw SiteError("pipe: errno \(errno)") }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    lifeline = ends[1]
    let keeper = try Program(
      "/usr/bin/unshare", ["-m", "-p", "--fork", "--kill-child", "/bin/bash", "-c", Self.layers, "lab", folder],
      descriptor: ends[0])
    close(ends[0])
    self.keeper = keeper
    func ready() -> Substring? { keeper.written.output.firstMatch(of: /ready ([0-9]+)\n/)?.1 }
    _ = await comesTrue { ready() != nil || !keeper.isRunning }
    process = ready().map(String.init) ?? ""
    guard !process.isEmpty else { throw SiteError("no disk to cut the power of: \(keeper.written.errors)") }
    let made = try await shell(Self.institution, [folder, Program.built("buzon")])
    guard made.status == 0 else { throw SiteError("no institution to cut the power of: \(made)") }
  }

  deinit {
    // With unshare its child goes, and with that all that is inside.
    keeper.signal(SIGKILL)
    _ = keeper.wait()
    close(lifeline)
    rmdir(folder)
  }

  /// Mount points of harnesses that were killed.
  private static func removeLeftovers() {
    for name in (try? FileManager.default.contentsOfDirectory(atPath: "/tmp")) ?? [] {
      let parts = name.split(separator: "-")
      guard name.hasPrefix("buzon-power-"), parts.count == 4, let process = pid_t(parts[2]), process > 0,
        kill(process, 0) != 0
      else { continue }
      rmdir("/tmp/" + name)
    }
  }

  private static let layers = """
    set -e
    # The shell's own number as the harness knows it, for the first /proc is still that of outside.
    read -r process _ </proc/self/stat
    mount -t tmpfs -o size=4g,mode=700 lab "$1"
    cd "$1"
    mkdir pool disk live forms cuts
    truncate -s 3G pool.img
    mkfs.btrfs -q pool.img >&2
    mount -o loop pool.img pool
    rm pool.img
    truncate -s 512M pool/disk.img
    mkfs.ext4 -q -F pool/disk.img
    mount -o loop pool/disk.img disk
    # Written, not sparse: what of it is written back later then needs no commit of the journal below to be there.
    head -c 256M /dev/zero >disk/live.img
    sync disk/live.img
    mkfs.ext4 -q -F disk/live.img
    mount -o loop disk/live.img live
    mount -t proc proc /proc
    cd /
    echo "ready $process"
    read -r _ || true
    """

  /// The directory's own log of writes is to survive as the directory does: the sandbox doesn't sync it as a rule. What
  /// was made up to here is there in any case.
  private static let institution = """
    set -e
    home=$1/live/site
    "$2" sandbox start --home "$home" --json >"$1/sandbox.json"
    ldapmodify -x -H "ldapi://$(echo "$home/ldapi" | sed 's|/|%2F|g')" -D cn=admin,dc=example,dc=org \\
      -y "$home/admin.password" >/dev/null <<LDIF
    dn: olcDatabase={2}mdb,cn=config
    changetype: modify
    delete: olcDbNoSync
    LDIF
    sync -f "$home"
    """

  // MARK: Places

  /// The institution as the harness reaches it.
  var site: String { outside(folder + "/live/site") }
  /// As its own programs know it.
  var config: String { folder + "/live/site/buzon.yaml" }
  var spool: String { site + "/spool" }
  var state: String { site + "/state" }
  var records: String { site + "/records" }

  /// A path of inside as the harness reaches it.
  func outside(_ path: String) -> String { "/proc/\(process)/root" + path }

  // MARK: Programs

  /// Starts a program inside.
  func start(_ program: [String], environment: [String: String] = [:]) throws -> Program {
    // env(1), so that what is preloaded isn't preloaded into nsenter.
    let settings = environment.merging(["BUZON_CONFIG": config]) { $1 }.map { "\($0.key)=\($0.value)" }
    return try Program(
      "/usr/bin/nsenter", ["-t", process, "-m", "-p", "--", "/usr/bin/env"] + settings + program)
  }

  /// Runs a script inside to its end.
  func shell(
    _ script: String, _ arguments: [String], environment: [String: String] = [:], atMost bound: Duration = .seconds(60)
  ) async throws -> Outcome {
    try await start(["/bin/sh", "-c", script, "sh"] + arguments, environment: environment).outcome(atMost: bound)
  }
}
