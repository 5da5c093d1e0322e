#!/usr/bin/env bash
# One cron line, four libraries: in the night that the clocks go forward it runs four times, once or not at all.
#
# Packages: cron-parser@5.10.3, croner@11.0.1, cron@4.4.0, cronosjs@1.7.1, luxon@3.7.2
# Guess:    they follow Vixie cron, or at least one another: what falls into the missing hour runs once right after it;
#           `*/30 2` runs twice in the night with two such hours, and an hourly line runs in both of them.
# Seen:     in the missing hour cron and cronosjs run `*/15 2` once, croner never; cron-parser once if it is asked anew for
#           each run, as BullMQ does, and four times, an hour later, if its iterator is kept. In the night with two hours
#           from 2 to 3 only croner runs in both, and cronosjs leaves an hourly line out in the second. (2026-11-28)
#> */15 2, clocks go forward: cron-parser            03:00
#> */15 2, clocks go forward: the same, one iterator 03:00 03:15 03:30 03:45
#> */15 2, clocks go forward: croner                 none
#> */15 2, clocks go forward: cron                   03:00
#> */15 2, clocks go forward: cronosjs               03:00
#> 30 2, clocks go forward:   cron-parser            03:30
#> 30 2, clocks go forward:   the same, one iterator 03:30
#> 30 2, clocks go forward:   croner                 03:00
#> 30 2, clocks go forward:   cron                   03:00
#> 30 2, clocks go forward:   cronosjs               03:00
#> */30 2, clocks go back:    cron-parser            02:00 02:30
#> */30 2, clocks go back:    the same, one iterator 02:00 02:30
#> */30 2, clocks go back:    croner                 02:00 02:30 02:00 02:30
#> */30 2, clocks go back:    cron                   02:00 02:30
#> */30 2, clocks go back:    cronosjs               02:00 02:30
#> hourly, clocks go back:    cron-parser            00:00 01:00 02:00 02:00 03:00
#> hourly, clocks go back:    the same, one iterator 00:00 01:00 02:00 02:00 03:00
#> hourly, clocks go back:    croner                 00:00 01:00 02:00 02:00 03:00
#> hourly, clocks go back:    cron                   00:00 01:00 02:00 02:00 03:00
#> hourly, clocks go back:    cronosjs               00:00 01:00 02:00 03:00
set -euo pipefail
here=$(realpath "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts --prefix . \
  cron-parser@5.10.3 croner@11.0.1 cron@4.4.0 cronosjs@1.7.1 luxon@3.7.2

cat >runs.mjs <<'JS'
import { CronTime } from 'cron';
import { CronExpressionParser } from 'cron-parser';
import { Cron } from 'croner';
import { CronosExpression } from 'cronosjs';
import { DateTime } from 'luxon';
const zone = 'Europe/Berlin';

// Each gives the next run after a moment.
const libraries = {
  'cron-parser': (line) => (after) =>
    CronExpressionParser.parse(line, { tz: zone, currentDate: after }).next().toDate(),
  'the same, one iterator': (line) => {
    let runs;
    return (after) => {
      runs ??= CronExpressionParser.parse(line, { tz: zone, currentDate: after });
      return runs.next().toDate();
    };
  },
  croner: (line) => (after) => new Cron(line, { timezone: zone }).nextRun(after),
  cron: (line) => (after) => new CronTime(line, zone).getNextDateFrom(after, zone).toJSDate(),
  cronosjs: (line) => (after) => CronosExpression.parse(line, { timezone: zone }).nextDate(after),
};

function show(title, line, night, untilHour) {
  const begin = DateTime.fromISO(night, { zone });
  const end = begin.set({ hour: untilHour });
  for (const [library, nextOf] of Object.entries(libraries)) {
    const next = nextOf(line);
    const runs = [];
    let at = next(new Date(begin.toMillis() - 1000));
    while (at < end.toJSDate() && runs.length < 20) {
      runs.push(DateTime.fromJSDate(at, { zone }).toFormat('HH:mm'));
      at = next(at);
    }
    console.log(`${title.padEnd(26)} ${library.padEnd(22)} ${runs.join(' ') || 'none'}`);
  }
}
show('*/15 2, clocks go forward:', '*/15 2 * * *', '2026-03-29', 12);
show('30 2, clocks go forward:', '30 2 * * *', '2026-03-29', 12);
show('*/30 2, clocks go back:', '*/30 2 * * *', '2026-10-25', 12);
show('hourly, clocks go back:', '0 * * * *', '2026-10-25', 4);
JS
timeout 60 node runs.mjs | tee seen
sed -n 's/^#> //p' "$here" | diff - seen
