#!/usr/bin/env bash
# systemd-cron, which stands in for cron: `30 2 1-7 * 1` runs on one day of a month instead of ten or eleven.
#
# Packages: systemd-cron 1.15.19, systemd 252 (Debian 12); its generator is run by itself, and systemd-analyze asked
#           when
# Guess:    it runs the crontab as cron does: a day of the month and a weekday in one line mean either of both, and
#           CRON_TZ, which crontabs of other systems have, is obeyed or refused.
# Seen:     it writes a timer, and in a timer both must be true: of 1st to 7th and Mondays the first Monday is left.
#           Cron, by its manual, runs on all of them. CRON_TZ is handed to the command as a variable and changes no
#           time. Neither is reported. (2026-11-29)
#> 30 2 1-7 * 1: OnCalendar=Mon *-*-1,2,3,4,5,6,7 2:30:00
#> its runs from 1 December 2026 on: Mon 2026-12-07, Mon 2027-01-04, Mon 2027-02-01
#> 30 2 * * * with CRON_TZ=Asia/Shanghai: OnCalendar=*-*-* 2:30:00, Environment=CRON_TZ=Asia/Shanghai
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir -p debs/partial unpacked/usr units cron.d
printf '%s\n' '30 2 1-7 * 1 root /usr/local/bin/run-clips' >cron.d/days
printf '%s\n' 'CRON_TZ=Asia/Shanghai' '30 2 * * * root /usr/local/bin/run-clips' >cron.d/zone
# Unpacks it without installing anything: as a package it would take the place of cron.
(cd debs && apt-get download -qq systemd-cron >/dev/null 2>&1)
dpkg -x debs/systemd-cron_*.deb unpacked
generator=$work/unpacked/lib/systemd/system-generators/systemd-crontab-generator
python=/usr/bin/python3
if [[ ! -x $python ]]; then python=python3; fi
# It reads the crontabs of /etc, here in a mount namespace of its own.
[[ -d /etc/cron.d ]] || { echo 'Not run: there is no /etc/cron.d to lay these crontabs over.'; exit 1; }
GENERATOR=$generator PYTHON=$python unshare --mount bash -c '
  mount --bind cron.d /etc/cron.d
  "$PYTHON" "$GENERATOR" units units units' >generator.log 2>&1 || { cat generator.log; exit 1; }

calendar() { sed -n '/^OnCalendar=/p' "units/cron-$1-root-0.timer"; }
runs() {
  systemd-analyze calendar --base-time='2026-12-01 00:00:00 UTC' --iterations=3 "$(calendar "$1" | sed 's/.*=//') UTC" |
    sed -n 's/.*\(Next elapse\|Iter\. #[0-9]*\): \(Mon [0-9-]*\) .*/\2/p' | paste -sd, | sed 's/,/, /g'
}
{
  echo "30 2 1-7 * 1: $(calendar days)"
  echo "its runs from 1 December 2026 on: $(runs days)"
  echo "30 2 * * * with CRON_TZ=Asia/Shanghai: $(calendar zone), $(grep -h '^Environment=.*CRON_TZ' units/cron-zone-root-0.service)"
} | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
