#!/usr/bin/env bash
# csvkit: csvsort and csvlook keep all 18 digits of an id, csvjson rounds them.
#
# Packages: csvkit 1.0.7 with agate 1.6.3 (Debian 12)
# Guess:    one library below them (decimal numbers) gives one answer: exact in all of them.
# Seen:     only csvjson turns numbers into doubles on their way out: 7.849123456789012e+17. With `-I`, which leaves
#           types alone, it writes the id as text. (2026-11-28)
#> csvsort:    A,784912345678901234
#> csvjson:    [{"sku": "A", "video_id": 7.849123456789012e+17}]
#> csvjson -I: [{"sku": "A", "video_id": "784912345678901234"}]
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python=/usr/bin/python3 csvkit=/usr/bin
if [[ ! -x $csvkit/csvjson ]]; then
  # Unpacks it, and what it depends on and the system lacks, without installing anything.
  mkdir -p debs/partial
  apt-get install -qq --download-only --no-install-recommends -o Debug::NoLocking=1 -o Dir::Cache::archives="$work/debs" csvkit \
    >/dev/null 2>&1
  for deb in debs/*.deb; do dpkg -x "$deb" unpacked; done
  csvkit=$work/unpacked/usr/bin
  export PYTHONPATH=$work/unpacked/usr/lib/python3/dist-packages LD_LIBRARY_PATH=$work/unpacked/usr/lib/x86_64-linux-gnu:$work/unpacked/lib/x86_64-linux-gnu
  if [[ ! -x $python ]]; then
    python=$csvkit/python3
    export PYTHONHOME=$work/unpacked/usr
  fi
fi

printf 'sku,video_id\nA,784912345678901234\n' >ids.csv
{
  echo "csvsort:    $("$python" "$csvkit/csvsort" ids.csv | tail -n 1)"
  echo "csvjson:    $("$python" "$csvkit/csvjson" <ids.csv)"
  echo "csvjson -I: $("$python" "$csvkit/csvjson" -I <ids.csv)"
} | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
