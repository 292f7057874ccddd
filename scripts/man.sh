#!/bin/bash
# usage: man.sh PROGRAM FOLDER: writes the manual into FOLDER, as it lies below /usr/share/man: man1, man5, man7 and es/.
#
# What can be made is made: buzon(1) and the commands' pages of the program's own help, buzon.yaml(5) of config/buzon.yaml,
# buzon-form(5) of schema/request.schema.json; their Spanish is in docs/man/es/*.po. Written by hand are buzon(7), and
# buzon(1) in Spanish. Needs perl alone, which every Debian has.
set -euo pipefail
cd "$(dirname "$0")/.."
program=$(realpath "$1") folder=$2
# The day of the pages: of the commit, so that the same sources make the same pages.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
export SOURCE_DATE_EPOCH
day=$(date -u -d "@$SOURCE_DATE_EPOCH" +%F)
spanish=docs/man/es

rm -rf "$folder"
mkdir -p "$folder"/man{1,5,7} "$folder"/es/man{1,5,7}
"$program" --experimental-dump-help > "$folder/help.json"
perl scripts/manual/commands.pl "$folder/man1" < "$folder/help.json"
rm "$folder/help.json"
perl scripts/manual/config.pl > "$folder/man5/buzon.yaml.5"
perl scripts/manual/config.pl $spanish/buzon.yaml.po > "$folder/es/man5/buzon.yaml.5"
perl scripts/manual/form.pl > "$folder/man5/buzon-form.5"
perl scripts/manual/form.pl $spanish/buzon-form.po > "$folder/es/man5/buzon-form.5"
sed "s/@DATE@/$day/" docs/man/buzon.7 > "$folder/man7/buzon.7"
sed "s/@DATE@/$day/" $spanish/buzon.7 > "$folder/es/man7/buzon.7"
sed "s/@DATE@/$day/" $spanish/buzon.1 > "$folder/es/man1/buzon.1"

# What is written by hand names every command.
failed=0
for page in "$folder"/man1/buzon-*.1; do
  command=$(basename "$page" .1)
  command=${command#buzon-}
  case $command in *-*) continue ;; esac
  grep -qx "\.B $command" "$folder/es/man1/buzon.1" || { echo "man.sh: $spanish/buzon.1 has no $command" >&2; failed=1; }
done
exit $failed
