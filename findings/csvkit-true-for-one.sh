#!/usr/bin/env bash
# csvkit: `csvsort` and `csvjoin` write True for 1, 0001-05-01 for May, nothing for "None", and 7 for 007.
#
# Packages: csvkit 1.0.7 with agate 1.6.3 (Debian 12)
# Guess:    sorting and joining change the order of rows, not what is in their cells; at worst zeros in front are lost.
# Seen:     each column gets a type by its values, and is written by that type: a column that holds only 1 and 0, such
#           as a count of attempts, becomes True and False, and a clip called May a date of the year 1. None, N/A and a
#           dot become empty, `1E5` becomes 1E+5, 10% becomes 10. One other value in the column, and all stay. `-I`
#           switches types off, but for the empty cells, which need `--blanks` too; `csvcut` changes nothing.
#           (2026-11-29)
#> csvsort, kling_attempts: 0 1 1 becomes False True True
#> csvsort, title:          April June May becomes 0001-04-01 0001-06-01 0001-05-01
#> csvsort, colour:         None red blue becomes  red blue
#> csvsort, sku:            007 008 009 becomes 7 8 9
#> csvsort, article:        1E5 2E5 3E5 becomes 1E+5 2E+5 3E+5
#> csvsort, discount:       10% 20% 30% becomes 10 20 30
#> csvsort -I:              changed
#> csvsort -I --blanks:     nothing changed
#> csvcut:                  nothing changed
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python=/usr/bin/python3
if ! "$python" -c 'import csvkit' &>/dev/null; then
  # Unpacks it, and what it depends on and the system lacks, without installing anything.
  mkdir -p debs/partial
  apt-get install -qq --download-only --no-install-recommends -o Debug::NoLocking=1 -o Dir::Cache::archives="$work/debs" \
    csvkit >/dev/null 2>&1
  for deb in debs/*.deb; do dpkg -x "$deb" unpacked; done
  export PYTHONPATH=$work/unpacked/usr/lib/python3/dist-packages
  if [[ ! -x $python ]]; then
    python=$work/unpacked/usr/bin/python3
    export PYTHONHOME=$work/unpacked/usr LD_LIBRARY_PATH=$work/unpacked/usr/lib/x86_64-linux-gnu
  fi
fi
csvkit() { "$python" -W ignore -c 'import importlib, sys
importlib.import_module("csvkit.utilities." + sys.argv.pop(1)).launch_new_instance()' "$@"; }

cat >table.csv <<'CSV'
sku,title,colour,article,discount,kling_attempts
007,April,None,1E5,10%,0
008,June,red,2E5,20%,1
009,May,blue,3E5,30%,1
CSV
csvkit csvsort -c sku table.csv >sorted.csv
csvkit csvsort -I -c sku table.csv >sorted-I.csv
csvkit csvsort -I --blanks -c sku table.csv >sorted-blanks.csv
csvkit csvcut -c 1-6 table.csv >cut.csv

column() { tail -n +2 "$2" | cut -d, -f "$1" | paste -sd' '; }
same() { if cmp -s table.csv "$1"; then echo 'nothing changed'; else echo changed; fi; }
{
  for number in 6 2 3 1 4 5; do
    name=$(head -n 1 table.csv | cut -d, -f "$number")
    printf '%-24s %s becomes %s\n' "csvsort, $name:" "$(column "$number" table.csv)" "$(column "$number" sorted.csv)"
  done
  echo "csvsort -I:              $(same sorted-I.csv)"
  echo "csvsort -I --blanks:     $(same sorted-blanks.csv)"
  echo "csvcut:                  $(same cut.csv)"
} | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
