import Support

extension PowerCutLab {
  /// Starts what the disk holds after a cut, lets the agent recover, and leaves in `cuts/NAME/out` what directory and
  /// commands then say. The copy is mounted over the place of the original in namespaces of its own, so all paths of the
  /// configuration hold; for looking at the files it stays mounted at `cuts/NAME/live` until ``clear(_:)``.
  func recover(_ notes: CutNotes) async throws {
    let second = notes.secondCut.map { "0.\(String($0 + 1_000).dropFirst())" } ?? ""
    let outcome = try await shell(
      Self.recovery, [folder, notes.name, Program.built("buzon"), second],
      environment: ["RUN": Self.run, "LOOK": Self.look])
    guard outcome.status == 0 else { throw SiteError("\(notes.name) \(notes.what): \(outcome)") }
  }

  /// Throws the copy away.
  func clear(_ notes: CutNotes) async throws {
    let outcome = try await shell(Self.end, [folder, notes.name])
    guard outcome.status == 0 else { throw SiteError("\(notes.name): \(outcome)") }
  }

  private static let recovery = """
    set -e
    cut=$1/cuts/$2 image=$1/pool/$2.img
    mkdir -p "$cut/disk" "$cut/live" "$cut/out"
    mounted() {
      mount -o loop "$image" "$cut/disk"
      mount -o loop "$cut/disk/live.img" "$cut/live"
      # So that the copy can't outlive its mount.
      rm "$image"
    }
    # Over the place of the original, in namespaces that end with it.
    in_its_place() {
      exec unshare -m -p --fork --kill-child /bin/sh -c '
        set -e
        live=$1/live out=$2/out program=$3 home=$1/live/site
        mount -t proc proc /proc
        mount --bind "$2/live" "$live"
        cd "$out"
        "$program" sandbox start --home "$home" --json >sandbox.json
        eval "$4"
      ' sh "$1" "$cut" "$2" "$3"
    }
    if [ -n "$4" ]; then
      ln "$image" "$image.first"
      mounted
      in_its_place "$1" "$3" "$RUN" &
      sleep "$4"
      cp --reflink=always "$image.first" "$image"
      kill -9 $! || true
      wait $! || true
      rm "$image.first"
      umount -l "$cut/live" "$cut/disk"
    fi
    mounted
    in_its_place "$1" "$3" "$RUN; $LOOK"
    """

  private static let run = #"status=0; "$program" run --once 2>run.log || status=$?; echo "$status" >run.status"#

  private static let look = #"""
    search() {
      ldapsearch -x -LLL -o ldif-wrap=no -H "ldapi://$(echo "$home/ldapi" | sed "s|/|%2F|g")" \
        -D cn=admin,dc=example,dc=org -y "$home/admin.password" -z none "$@"
    }
    search -b ou=people,dc=example,dc=org "(objectClass=inetOrgPerson)" "*" entryUUID pwdReset >people.ldif
    search -b cn=accesslog "(&(objectClass=auditWriteObject)(reqResult=0)(reqMod=buzonRequest:*))" reqMod >writes.ldif
    "$program" drift --json >drift.json || true
    "$program" status --json >status.json || true
    """#

  /// Lazily, for a check that began meanwhile has these mounts in its namespace too, as long as it lasts.
  private static let end = """
    set -e
    umount -l "$1/cuts/$2/live" "$1/cuts/$2/disk"
    rm -r "$1/cuts/$2"
    """
}
