#!/bin/bash
# Shows Buzón at work: starts a private directory, submits the sample forms, lets the agent do them, and tells what became
# of each. Nothing outside a new folder below /tmp is touched; the folder is left for a look.
set -euo pipefail
cd "$(dirname "$0")/.."
buzon=$(readlink -f "${1:-.build/debug/buzon}")

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
[ -t 1 ] || say() { printf '\n== %s\n' "$*"; }

home=$(mktemp -d /tmp/buzon-demo-XXXXXX)
stop() { "$buzon" sandbox stop --home "$home/sandbox" || true; }
trap stop EXIT
trap 'exit 130' INT TERM

say "A private directory"
sandbox=$("$buzon" sandbox start --home "$home/sandbox" --domain putumayo.gov.co --json)
# The folder's name needs no escapes, so neither do the values.
value() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" <<<"$sandbox"; }
export BUZON_CONFIG; BUZON_CONFIG=$(value config)
records=$(value records)
echo "OpenLDAP answers at $(value uri)"

say "The sample forms (config/forms)"
# An approval must not be older than 90 days: the samples' is made yesterday's.
yesterday=$(date -u -d yesterday +%F)
mkdir "$home/forms"
numbers=()
for sample in config/forms/*.yaml config/forms/*.json; do
  form=$home/forms/$(basename "$sample")
  sed -E "s/(\bdate\"?: *\"?)[0-9]{4}-[0-9]{2}-[0-9]{2}/\1$yesterday/" "$sample" > "$form"
  echo "$sample"
  if told=$("$buzon" submit "$form"); then
    echo "$told"
    numbers+=("${told%% *}")
  fi
done

say "The agent: buzon run --once"
code=0
"$buzon" run --once 2> "$home/agent.log" || code=$?
cat "$home/agent.log"
case $code in
  0) echo "all done" ;;
  1) echo "some were rejected or failed, as told below" ;;
  75) echo "some wait" ;;
  *) echo "the agent ended with $code" >&2; exit "$code" ;;
esac

for number in "${numbers[@]}"; do
  say "Request $number"
  "$buzon" show "$number" || true
done

say "The corporate account list"
"$buzon" accounts

say "One entry, by OpenLDAP's own tool"

LDAPNOINIT=1 ldapsearch -x -LLL -o ldif-wrap=no -H "$(value uri)" -D "$(value admin)" -y "$(value password_file)" \
  -b "ou=people,$(value base)" '(mail=ana.rosero@putumayo.gov.co)'

say "Where it stands"
find "$records" -type f | sort
echo "$home holds all of it; remove it when you have seen enough"
