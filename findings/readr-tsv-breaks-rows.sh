#!/usr/bin/env bash
# readr's write_tsv doubles quotes without quoting, and breaks rows at tabs and line breaks; read_tsv does not undo it.
#
# Packages: r-cran-readr 2.1.4, r-cran-data.table 1.14.8 with R 4.2.2, miller 6.6.0 (Debian 12)
# Guess:    TSV is quoted like CSV, or a tab in a cell is written as \t; in any case a library reads what it wrote.
# Seen:     by default `quote` is "none" and `escape` is "double": a quote becomes two although nothing is quoted. A cell
#           with a tab gives its row one cell more, one with a line break gives two rows. Nothing is said when it is
#           written. What read_tsv reads has two rows for one, and the address is in another column. (2026-11-29)
#> write_tsv:  2 lines, 3 and 4 cells: Box 24"" high
#> read_tsv:   2 rows; video_url is NA, and the note Box 24"" high
#> fwrite:     quoted: "Box 24"" high"
#> Miller:     1 line, 5 cells: two\nlines a\tb
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >write.R <<'R'
d <- data.frame(sku = "A", note = "Box 24\" high", text = "two\nlines", tab = "a\tb", video_url = "https://c.example/a.mp4")
readr::write_tsv(d, "readr.tsv")
data.table::fwrite(d, "fwrite.tsv", sep = "\t")
again <- suppressWarnings(readr::read_tsv("readr.tsv", show_col_types = FALSE))
cat(nrow(again), "rows; video_url is", format(again$video_url[1]), "and the note", again$note[1], "\n", sep = " ", file = "again")
R
cat >in.csv <<'CSV'
sku,note,text,tab,video_url
A,"Box 24"" high","two
lines",a	b,https://c.example/a.mp4
CSV
cat >run.sh <<'SH'
Rscript write.R
mlr --icsv --otsv cat in.csv >miller.tsv
SH

if command -v Rscript >/dev/null && command -v mlr >/dev/null && Rscript -e 'library(readr); library(data.table)' &>/dev/null; then
  bash run.sh >run.log 2>&1
else
  # Unpacks them, and what they depend on and the system lacks, and lays that over the system in a mount namespace of its
  # own: R looks for its files in fixed places. Nothing is installed, and nobody else sees it.
  mkdir -p debs/partial unpacked/usr unpacked/etc
  apt-get install -qq --download-only --no-install-recommends -o Debug::NoLocking=1 -o Dir::Cache::archives="$work/debs" \
    r-base-core r-cran-readr r-cran-data.table miller >/dev/null 2>&1
  for deb in debs/*.deb; do dpkg -x "$deb" unpacked; done
  [[ ! -d unpacked/lib ]] || cp -a unpacked/lib/. unpacked/usr/lib/ # as on the system, where /lib is a link
  cp unpacked/usr/lib/R/etc/Renviron.ucf unpacked/etc/R/Renviron # as its installation does, and the links that follow
  for name in blas lapack; do
    library=$(find unpacked/usr/lib/x86_64-linux-gnu/$name -name "lib$name.so.3" 2>/dev/null | head -n 1)
    [[ -z $library ]] || cp -a "$(dirname "$library")/." unpacked/usr/lib/x86_64-linux-gnu/
  done
  unshare --mount bash -c '
    mount -t overlay overlay -o "lowerdir=$PWD/unpacked/usr:/usr" /usr
    mount -t overlay overlay -o "lowerdir=$PWD/unpacked/etc:/etc" /etc
    bash run.sh' >run.log 2>&1 || true
fi
[[ -e miller.tsv && -e again ]] || { cat run.log; echo 'Not run: install r-cran-readr, r-cran-data.table and miller, and try again.'; exit 1; }

cells_of() { awk -F'\t' 'NR > 1 { printf "%s%d", (NR > 2 ? " and " : ""), NF }' "$1"; }
{
  echo "write_tsv:  $(tail -n +2 readr.tsv | wc -l) lines, $(cells_of readr.tsv) cells: $(sed -n 2p readr.tsv | cut -f 2)"
  echo "read_tsv:   $(sed 's/ NA / NA, /; s/ *$//' again)"
  echo "fwrite:     quoted: $(sed -n 2p fwrite.tsv | cut -f 2)"
  echo "Miller:     $(tail -n +2 miller.tsv | wc -l) line, $(cells_of miller.tsv) cells: $(sed -n 2p miller.tsv | cut -f 3,4 | tr '\t' ' ')"
} | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
