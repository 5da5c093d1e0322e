import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { TroubleLog } from '../../../../src/worker/upkeep/trouble-log.ts';

interface Line {
  msg: string;
}

function openLog() {
  const lines: Line[] = [];
  const log = pino(
    { base: null, timestamp: false },
    { write: (text) => lines.push(JSON.parse(text)) },
  );
  const clock = { ms: 1_000 };
  return { clock, lines, trouble: new TroubleLog(log, () => clock.ms) };
}

const lost = () => new Error('Connection is closed.');
const messages = (lines: Line[]): string[] => lines.map(({ msg }) => msg);

describe('trouble with Redis', () => {
  test('trouble with Redis is one line however many errors an outage brings, and one with their number', () => {
    const { clock, lines, trouble } = openLog();
    for (let count = 0; count < 353; count += 1) trouble.report(lost());
    clock.ms += 10_000;
    trouble.settle();
    clock.ms += 5_000;
    trouble.settle();
    expect(messages(lines)).toEqual(['redis lost, waiting for it', 'redis is back']);
    expect(lines[1]).toMatchObject({ forMs: 10_000, errors: 353 });
  });

  test('trouble with Redis that returns within 5 s belongs to the same outage, as in a failover', () => {
    const { clock, lines, trouble } = openLog();
    trouble.report(lost());
    trouble.settle();
    clock.ms += 4_999;
    trouble.report(new Error('Command timed out'));
    clock.ms += 1;
    trouble.settle();
    clock.ms += 4_999;
    trouble.settle();
    expect(messages(lines)).toEqual(['redis lost, waiting for it']);
    clock.ms += 1;
    trouble.settle();
    expect(messages(lines)).toEqual(['redis lost, waiting for it', 'redis is back']);
    expect(lines[1]).toMatchObject({ forMs: 5_000, errors: 2 });
  });

  test('a right that Redis refuses is known until the outage has passed, whatever else fails meanwhile', () => {
    const { clock, trouble } = openLog();
    trouble.report(lost());
    expect(trouble.missingRight).toBeNull();
    trouble.report(new Error("NOPERM User kling has no permissions to run the 'evalsha' command"));
    trouble.report(lost());
    expect(trouble.missingRight).toMatch(/^NOPERM .*'evalsha'/);
    trouble.settle();
    clock.ms += 4_999;
    expect(trouble.missingRight).toMatch(/^NOPERM /);
    clock.ms += 1;
    trouble.settle();
    expect(trouble.missingRight).toBeNull();
  });

  test('trouble with Redis that comes later is another outage', () => {
    const { clock, lines, trouble } = openLog();
    trouble.report(lost());
    trouble.settle();
    clock.ms += 5_000;
    trouble.settle();
    trouble.report(lost());
    expect(messages(lines)).toEqual([
      'redis lost, waiting for it',
      'redis is back',
      'redis lost, waiting for it',
    ]);
  });

  test('trouble with Redis is the reason for waiting only until the first answer', () => {
    const { trouble } = openLog();
    trouble.report(lost());
    expect(trouble.reason).toBe('Connection is closed');
    trouble.settle();
    expect(trouble.reason).toBeNull();
  });

  test('trouble with Redis leaves the jobs that other workers took over to one line, once no more of them come', () => {
    const { clock, lines, trouble } = openLog();
    trouble.report(lost());
    trouble.report(new Error('could not renew lock for job 7'));
    trouble.settle();
    clock.ms += 5_000;
    trouble.settle();
    trouble.report(new Error('Missing lock for job 8. moveToFinished'));
    trouble.settle();
    expect(messages(lines)).not.toContain('jobs were taken over');
    trouble.settle();
    trouble.settle();
    expect(lines.slice(2)).toMatchObject([{ msg: 'jobs were taken over', jobs: 2 }]);
  });
});
