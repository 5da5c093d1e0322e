#!/usr/bin/env bash
# Perl's Text::CSV: the usual loop over `getline` ends at the first cell with a line break, as if the file ended there.
#
# Packages: libtext-csv-perl 2.02, libtext-csv-xs-perl 1.49 (Debian 12)
# Guess:    a module for CSV reads a quoted line break with its defaults; what it cannot read is an exception.
# Seen:     by default `binary` is off: `getline` returns undef at a line break within quotes, and at the first letter
#           beyond ASCII. That is what it returns at the end of the file, too, so `while (my $row =
#           $csv->getline($fh))` ends well after 2 of 5 rows. With `binary => 1` it has all rows, with `auto_diag => 2`
#           it dies; `csv(in => …)` sets both. (2026-11-29)
#> a line break in row 3:  2 of 5 rows, exit 0, nothing on stderr
#> an umlaut in row 3:     2 of 5 rows, exit 0, nothing on stderr
#> binary => 1:            5 of 5 rows, exit 0, nothing on stderr
#> csv(in => …):           5 of 5 rows, exit 0, nothing on stderr
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
if ! perl -MText::CSV -MText::CSV_XS -e 1 2>/dev/null; then
  # Unpacks them, and what they depend on and the system lacks, without installing anything.
  mkdir -p debs/partial
  apt-get install -qq --download-only --no-install-recommends -o Debug::NoLocking=1 -o Dir::Cache::archives="$work/debs" \
    libtext-csv-perl libtext-csv-xs-perl >/dev/null 2>&1
  for deb in debs/*.deb; do dpkg -x "$deb" unpacked; done
  PERL5LIB=$work/unpacked/usr/share/perl5:$(find "$work/unpacked/usr/lib/x86_64-linux-gnu/perl5" -mindepth 1 -maxdepth 1 | head -n 1)
  export PERL5LIB
fi

table() { printf 'LAMP,a\nSOFA,b\nVASE,"%s"\nRUG,d\nBED,e\n' "$1"; }
table $'two\nlines' >break.csv
table Stühle >umlaut.csv
cat >loop.pl <<'PERL'
use strict;
use warnings;
use Text::CSV;
my ($file, %options) = @ARGV;
my $csv = Text::CSV->new(\%options);
open(my $fh, '<', $file) or die;
my $rows = 0;
while (my $row = $csv->getline($fh)) { $rows++ }
print $rows;
PERL
cat >function.pl <<'PERL'
use strict;
use warnings;
use Text::CSV 'csv';
print scalar @{csv(in => $ARGV[0])};
PERL
row() { # NAME COMMAND…
  local rows code=0 said=nothing
  rows=$("${@:2}" 2>errors) || code=$?
  [[ ! -s errors ]] || said=something
  echo "$1 $rows of 5 rows, exit $code, $said on stderr"
}
{
  row 'a line break in row 3: ' perl loop.pl break.csv
  row 'an umlaut in row 3:    ' perl loop.pl umlaut.csv
  row 'binary => 1:           ' perl loop.pl break.csv binary 1
  row 'csv(in => …):          ' perl function.pl break.csv
} | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
