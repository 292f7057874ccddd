import Foundation
import Support

extension PowerCutLab {
  /// Whether power can be cut here; says why not.
  static let isPossible: Bool = {
    guard let obstacle else { return true }
    print("power cuts are left out: \(obstacle)")
    return false
  }()

  private static var obstacle: String? {
    if geteuid() != 0 { return "only root may mount" }
    for (program, package) in [
      ("/sbin/mkfs.btrfs", "btrfs-progs"), ("/sbin/mkfs.ext4", "e2fsprogs"), ("/usr/bin/unshare", "util-linux"),
      ("/usr/bin/nsenter", "util-linux"),
    ] where access(program, X_OK) != 0 { return "\(program) is missing (\(package))" }
    // A container's root may lack the right, the loop devices, or the kernel btrfs.
    guard let trial = try? Program("/usr/bin/unshare", ["-m", "-p", "--fork", "/bin/sh", "-c", trial]) else {
      return "unshare(1) doesn't start"
    }
    let outcome = Outcome(of: trial)
    return outcome.status == 0 ? nil : "no btrfs on a loop device: \(outcome.errors.split(separator: "\n").last ?? "")"
  }

  private static let trial = """
    set -e
    mount -t tmpfs trial /mnt
    truncate -s 256M /mnt/image
    mkfs.btrfs -q /mnt/image >/dev/null
    mkdir /mnt/mounted
    mount -o loop /mnt/image /mnt/mounted
    """
}
