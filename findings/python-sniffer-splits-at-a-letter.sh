#!/usr/bin/env bash
# Python's csv.Sniffer takes a letter for the delimiter of a list of addresses, and pandas with sep=None renames video_url.
#
# Packages: python3 3.11.2, python3-pandas 1.5.3 (Debian 12)
# Guess:    with one column there is nothing to find, so `sniff` fails with "Could not determine delimiter", and pandas
#           falls back to a comma.
# Seen:     the delimiter is "r", which each line holds as often. pandas looks at the header only and takes its "v":
#           the columns are "Unnamed: 0", with the addresses, and "ideo_url", which is empty. Without a header it cuts each
#           address at the colon. With a second column both are right. (2026-11-29)
#> sniffer, one column:         'r'
#> pandas, one column:          Unnamed: 0,ideo_url
#>                              https://c.example/spring/clip-01.mp4,
#> pandas, without a header:    https,//c.example/spring/clip-01.mp4
#> pandas, two columns:         sku,video_url
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python=/usr/bin/python3
if ! "$python" -c 'import pandas' &>/dev/null; then
  # Unpacks it, and what it depends on and the system lacks, without installing anything.
  mkdir -p debs/partial
  apt-get install -qq --download-only --no-install-recommends -o Debug::NoLocking=1 -o Dir::Cache::archives="$work/debs" \
    python3-pandas >/dev/null 2>&1
  for deb in debs/*.deb; do dpkg -x "$deb" unpacked; done
  libraries=$work/unpacked/usr/lib/x86_64-linux-gnu
  export PYTHONPATH=$work/unpacked/usr/lib/python3/dist-packages
  export LD_LIBRARY_PATH=$libraries:$libraries/blas:$libraries/lapack:$work/unpacked/lib/x86_64-linux-gnu
  if [[ ! -x $python ]]; then
    python=$work/unpacked/usr/bin/python3
    export PYTHONHOME=$work/unpacked/usr
  fi
fi

cat >sniff.py <<'PY'
import csv, io
import pandas

addresses = [f"https://c.example/spring/clip-{n:02}.mp4" for n in range(1, 5)]
one = "\n".join(["video_url", *addresses, ""])
two = "\n".join(["sku,video_url", *(f"A,{address}" for address in addresses), ""])


def written(text, **options):
    table = pandas.read_csv(io.StringIO(text), sep=None, engine="python", **options)
    return table.to_csv(index=False, header="header" not in options).split("\n")


print("sniffer, one column:        ", repr(csv.Sniffer().sniff(one).delimiter))
print("pandas, one column:         ", written(one)[0])
print("                            ", written(one)[1])
print("pandas, without a header:   ", written("\n".join(addresses), header=None)[0])
print("pandas, two columns:        ", written(two)[0])
PY
"$python" -W ignore sniff.py | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
