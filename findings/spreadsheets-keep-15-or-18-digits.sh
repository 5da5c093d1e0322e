#!/usr/bin/env bash
# LibreOffice keeps 15 digits of an id in what it saves, Gnumeric all 18; 17 digits come back looking whole.
#
# Packages: libreoffice-calc 7.4.7, gnumeric 1.12.55 (Debian 12); fflate@0.8.2 looks into the workbooks
# Guess:    every spreadsheet holds numbers as doubles, so all lose the same last digits, and what was lost shows as 7.8E+17.
# Seen:     LibreOffice saves 7.84912345678901E+017 for 18 digits (15 of them; a double would hold 16 or 17). For 17
#           digits its workbook says 12345678901234600: no exponent, no sign of loss, and no double's digits either.
#           Gnumeric writes every digit, even into the number cells of a workbook, where the other programs then
#           round them. (2026-11-28)
#> LibreOffice, CSV to CSV:      7.84912345678901E+017 1.23456789012346E+016
#> LibreOffice, CSV to workbook: 7.84912345678901E+017 12345678901234600
#> Gnumeric, CSV to CSV:         784912345678901234 12345678901234567
#> Gnumeric, CSV to workbook:    784912345678901234 12345678901234567
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . fflate@0.8.2

printf 'video_id\n784912345678901234\n12345678901234567\n' >ids.csv
cat >convert.sh <<'SH'
export HOME=$PWD/home
for format in csv xlsx; do
  soffice -env:UserInstallation="file://$HOME/profile" --headless --convert-to $format --outdir libreoffice ids.csv
  ssconvert ids.csv gnumeric.$format
done
SH
mkdir home

if command -v soffice >/dev/null && command -v ssconvert >/dev/null; then
  bash convert.sh >convert.log 2>&1
else
  # Unpacks both, and what they depend on and the system lacks, and lays that over the system in a mount namespace of its
  # own: they look for their files in fixed places. Nothing is installed, and nobody else sees it.
  mkdir -p debs/partial unpacked/usr unpacked/etc
  apt-get install -qq --download-only --no-install-recommends -o Debug::NoLocking=1 -o Dir::Cache::archives="$work/debs" \
    libreoffice-calc gnumeric >/dev/null 2>&1
  for deb in debs/*.deb; do dpkg -x "$deb" unpacked; done
  [[ ! -d unpacked/lib ]] || cp -a unpacked/lib/. unpacked/usr/lib/ # as on the system, where /lib is a link
  # Its installation would put LibreOffice's registry there.
  mkdir -p unpacked/etc/libreoffice/registry
  cp -a unpacked/usr/lib/libreoffice/share/.registry/. unpacked/etc/libreoffice/registry/
  unshare --mount bash -c '
    mount -t overlay overlay -o "lowerdir=$PWD/unpacked/usr:/usr" /usr
    mount -t overlay overlay -o "lowerdir=$PWD/unpacked/etc:/etc" /etc
    bash convert.sh' >convert.log 2>&1 || true
fi
[[ -e gnumeric.xlsx ]] || { cat convert.log; echo 'Not run: install libreoffice-calc and gnumeric, and try again.'; exit 1; }

rows_of() { tail -n +2 "$1" | paste -sd' '; }
numbers_of() { # the number cells of a workbook
  node -e 'const { unzipSync, strFromU8 } = require("fflate");
const sheet = strFromU8(unzipSync(fs.readFileSync(process.argv[1]))["xl/worksheets/sheet1.xml"]);
console.log(...[...sheet.matchAll(/<v>(\d[^<]{2,})<\/v>/g)].map(([, number]) => number));' "$1" | paste -sd' '
}
{
  echo "LibreOffice, CSV to CSV:      $(rows_of libreoffice/ids.csv)"
  echo "LibreOffice, CSV to workbook: $(numbers_of libreoffice/ids.xlsx)"
  echo "Gnumeric, CSV to CSV:         $(rows_of gnumeric.csv)"
  echo "Gnumeric, CSV to workbook:    $(numbers_of gnumeric.xlsx)"
} | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
