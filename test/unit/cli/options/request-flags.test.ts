import { Command, type CommanderError } from 'commander';
import { expect, it } from 'vitest';
import { addRequestFlags, requestFrom } from '../../../../src/cli/options/request-flags.ts';
import { IMPORT_OPTIONS } from '../../../../src/lib/requests/import-request.ts';

function parse(...flags: string[]) {
  const command = addRequestFlags(new Command('import'), IMPORT_OPTIONS);
  command.exitOverride().configureOutput({ writeErr: () => undefined });
  command.parse(flags, { from: 'user' });
  return requestFrom(IMPORT_OPTIONS, command.opts());
}

const DEFAULTS = {
  batch: null,
  map: {},
  delimiter: null,
  format: null,
  sheet: null,
  skipHidden: false,
  limit: null,
  strictFps: false,
  maxFailures: { kind: 'share', percent: 50 },
  reuse: false,
  canary: null,
  priority: 10,
  maxSessions: null,
  continue: null,
  key: null,
  mends: null,
  tag: [],
  finishBy: null,
  window: null,
  keepAlive: null,
  keepAliveUntil: null,
  tz: null,
  out: null,
};

it('the flags make a request with every default if none is given', () => {
  expect(parse()).toEqual(DEFAULTS);
});

it('the parser reads every flag, and collects those that may be repeated', () => {
  const flags =
    '--batch night --map video_url=Link --map=task_id=a=b --delimiter TAB --format csv --sheet Clips --skip-hidden --limit 5 --strict-fps ' +
    '--max-failures 12 --reuse --canary 3 --priority 70 --max-sessions 500 --continue clips --key sku,size --mends other --tag spring,ads --tag spring --tag x ' +
    '--finish-by 06:00 --window 22:00-06:00 --keep-alive 36h --keep-alive-until 18:00 --tz Europe/Berlin --out /srv/out/{yyyy-MM-dd}.xlsx';
  expect(parse(...flags.split(' '))).toEqual({
    batch: 'night',
    map: { video_url: 'Link', task_id: 'a=b' },
    delimiter: '\t',
    format: 'csv',
    sheet: 'Clips',
    skipHidden: true,
    limit: 5,
    strictFps: true,
    maxFailures: { kind: 'count', rows: 12 },
    reuse: true,
    canary: 3,
    priority: 70,
    maxSessions: 500,
    continue: 'clips',
    key: ['sku', 'size'],
    mends: 'other',
    tag: ['spring', 'ads', 'x'],
    finishBy: '06:00',
    window: { from: '22:00', to: '06:00' },
    keepAlive: 129_600_000,
    keepAliveUntil: '18:00',
    tz: 'Europe/Berlin',
    out: '/srv/out/{yyyy-MM-dd}.xlsx',
  });
});

it.each([
  ['--batch', '123', 'Use letters, digits, - and _, at least one letter, at most 100.'],
  ['--map', 'Link', 'Write role=column; the role is one of'],
  ['--map', 'video=Link', 'Write role=column; the role is one of'],
  ['--map', 'video_url=', 'Write role=column; the role is one of'],
  ['--delimiter', 'x', 'Use one of , ; | or TAB.'],
  ['--format', 'doc', 'Allowed choices are csv, tsv,'],
  ['--limit', '0', 'Use a whole number from 1.'],
  ['--limit', '1e3', 'Use a whole number from 1.'],
  ['--limit', '1.5', 'Use a whole number from 1.'],
  ['--priority', '101', 'Use a whole number from 1 to 100.'],
  ['--max-failures', '101%', 'Use a share such as 50%'],
  ['--max-failures', '0', 'Use a share such as 50%'],
  ['--tag', ',', 'Use letters, digits and'],
  ['--tag', 'a b', 'Use letters, digits and'],
  ['--finish-by', '24:00', 'Use a time of day from 00:00 to 23:59'],
  ['--window', '06:00-06:00', 'Use two different times of day'],
  ['--tz', 'local', 'Use the name of a time zone'],
])('the parser refuses %s %s and says what can be used', (flag, value, advice) => {
  const error = (() => {
    try {
      return parse(flag, value);
    } catch (thrown) {
      return thrown as CommanderError;
    }
  })();
  expect(error).toMatchObject({
    message: expect.stringMatching(/^error: option '--.* is invalid\. /),
  });
  expect((error as CommanderError).message).toContain(advice);
});

it('the help shows each default once', () => {
  const help = addRequestFlags(new Command('import'), IMPORT_OPTIONS).helpInformation();
  const defaults = [...help.replaceAll(/\s+/g, ' ').matchAll(/\(default: ([^)]*)\)/g)];
  expect(defaults.map(([, words]) => words)).toEqual([
    ...['by their names', 'false', '10', '50%', 'none', 'false', 'false'],
  ]);
});

it.each([
  ['--max-sessions', 'set-max-sessions'],
  ['--keep-alive', 'set-keep-alive'],
  ['--keep-alive-until', 'set-keep-alive'],
])('the refusal of %s off names the command that takes off', (flag, command) => {
  expect(() => parse(flag, 'off')).toThrow(`\`kling-sessions batches ${command} <batch> off\``);
  expect(() => parse(flag, 'never')).toThrow(/^(?!.*kling-sessions batches)/);
});
