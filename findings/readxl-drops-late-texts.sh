#!/usr/bin/env bash
# readxl: a column that is empty in the first 1,000 rows, as that of errors may be, comes as NA to its end.
#
# Packages: r-cran-readxl 1.4.2, r-cran-openxlsx 4.2.5 with R 4.2.2 (Debian 12), python3-openpyxl 3.0.9 (makes the
#           workbook)
# Guess:    the cells of a workbook have types, so texts arrive as texts, wherever the first one stands.
# Seen:     `read_excel` guesses a type for each column from its first 1,000 rows. One without a value there becomes
#           logical, and each later text NA, with a warning per cell of which R shows the number 50. A report of a
#           batch that went well at first has no errors then. `guess_max = 1e6`, or openxlsx, reads them. (2026-11-29)
#> read_excel:                  logical, 0 of 101 texts, 50 or more warnings
#> read_excel, guess_max = 1e6: character, 101 of 101 texts, 0 warnings
#> openxlsx:                    character, 101 of 101 texts, 0 warnings
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >write.py <<'PY'
import openpyxl

workbook = openpyxl.Workbook()
workbook.active.append(["sku", "kling_error"])
for row in range(1, 1202):
    workbook.active.append([f"SKU-{row}", "refused by the API" if row > 1100 else None])
workbook.save("report.xlsx")
PY
cat >read.R <<'R'
show <- function(name, read) {
  told <- 0
  d <- withCallingHandlers(read(), warning = function(w) { told <<- told + 1; invokeRestart("muffleWarning") })
  cat(sprintf("%-28s %s, %d of 101 texts, %s warnings\n", name, class(d$kling_error), sum(!is.na(d$kling_error)),
    if (told >= 50) "50 or more" else told))
}
show("read_excel:", function() readxl::read_excel("report.xlsx"))
show("read_excel, guess_max = 1e6:", function() readxl::read_excel("report.xlsx", guess_max = 1e6))
show("openxlsx:", function() openxlsx::read.xlsx("report.xlsx"))
R
cat >run.sh <<'SH'
/usr/bin/python3 write.py
Rscript read.R
SH
if command -v Rscript >/dev/null && Rscript -e 'library(readxl); library(openxlsx)' &>/dev/null &&
  /usr/bin/python3 -c 'import openpyxl' &>/dev/null; then
  bash run.sh >printed 2>run.log
else
  # Unpacks them, and what they depend on and the system lacks, and lays that over the system in a mount namespace of its
  # own: R looks for its files in fixed places. Nothing is installed, and nobody else sees it.
  mkdir -p debs/partial unpacked/usr unpacked/etc
  apt-get install -qq --download-only --no-install-recommends -o Debug::NoLocking=1 -o Dir::Cache::archives="$work/debs" \
    r-base-core r-cran-readxl r-cran-openxlsx python3-openpyxl >/dev/null 2>&1
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
    bash run.sh' >printed 2>run.log || true
fi
grep -q openxlsx printed || { cat run.log; echo 'Not run: install r-cran-readxl, r-cran-openxlsx and python3-openpyxl, and try again.'; exit 1; }
tee seen <printed
sed -n 's/^#> //p' "$here" | diff - seen
