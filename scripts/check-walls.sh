#!/bin/bash
# What no compiler checks: who may import the C neighbours, and that the C code itself is free of warnings.
set -euo pipefail
cd "$(dirname "$0")/.."
failed=0

# wall MODULE OWNER...: only Sources/OWNER and its own tests may import MODULE.
wall() {
  local module=$1 owner allowed=''
  shift
  for owner in "$@"; do allowed+="${allowed:+|}Sources/$owner/|Tests/${owner}Tests/"; done
  local import="^[[:space:]]*(@[A-Za-z_]+[[:space:]]+)*((public|package|internal|fileprivate|private)[[:space:]]+)?import[[:space:]]+([a-z]+[[:space:]]+)?$module([.[:space:]]|\$)"
  if grep -rnE --include='*.swift' "$import" Sources Tests | grep -vE "^($allowed)"; then
    echo "check-walls: $module is for Sources/$* alone" >&2
    failed=1
  fi
}
wall CLDAP LDAP
wall CTranslations Translations
wall CXLSX Records
wall CYAML Forms
wall GRDB Register

# Foundation's Process waits for all children on one thread, which a child that closes its descriptors stops for ever
# (Tests/Support/Program.swift).
if grep -rnE --include='*.swift' '(^|[^[:alnum:]_.])(Foundation\.)?(Process|NSTask)(\(\)|\.run\()' Sources Tests \
  | grep -vE ':[0-9]+:[[:space:]]*//'; then
  echo "check-walls: programs are started with Sandbox's, benchmark's or Support's runner" >&2
  failed=1
fi

# SwiftPM compiles C without warnings; clang of the same toolchain is asked again.
clang=$(command -v clang || echo "$(dirname "$(readlink -f "$(command -v "${SWIFT:-swift}")")")/clang")
for folder in Sources/C*/ Tests/C*/; do
  for file in "$folder"*.c; do
    [ -e "$file" ] || continue
    "$clang" -fsyntax-only -std=gnu17 -Wall -Wextra -Werror -I"${folder}include" "$file" || failed=1
  done
done
exit $failed
