import { describe, expect } from 'vitest';
import { klingManifest, test } from '../e2e-test.ts';

interface Line {
  kling_row: number;
  kling_status: string;
  kling_session_id: string | null;
  kling_batch: string;
  kling_position: string;
}

const linesOf = (text: string): Line[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);

describe.concurrent('results --follow', () => {
  test('prints every row once as it ends, and ends with its batch', async ({ place }) => {
    await place.redis();
    await place.api();
    await place.write('clips.csv', `${klingManifest(40)},,\n`);
    await place.cli(['import', 'clips.csv', '--batch', 'clips']);
    place.start(['worker']);

    const followed = await place.cli(['results', 'clips', '--follow']);
    const again = await place.cli(['results', 'clips', '--follow', '--after', '']);

    const lines = linesOf(followed.stdout);
    const [names = []] = followed.stdout
      .split('\n')
      .map((line) => line.match(/"kling_\w+"(?=:)/g) ?? []);
    expect(names).toEqual([...new Set(names)]);
    expect(followed.exitCode).toBe(0);
    expect(new Set(linesOf(again.stdout).map(({ kling_row }) => kling_row)).size).toBe(40);
    expect(lines.map(({ kling_row }) => kling_row).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 40 }, (_, index) => index + 1),
    );
    expect(lines.every(({ kling_session_id }) => kling_session_id !== null)).toBe(true);
    expect(new Set(lines.map(({ kling_batch }) => kling_batch))).toEqual(new Set(['clips']));
  });

  test('continues after any line, though the reader was killed and Redis restarted', async ({
    place,
  }) => {
    const redis = await place.redis(['--appendonly', 'yes']);
    const api = await place.api({ delayMs: 20 });
    await place.write('clips.csv', klingManifest(60));
    await place.cli(['import', 'clips.csv', '--batch', 'clips']);
    place.start(['worker', '--api-concurrency', '2']);
    const first = place.start(['results', '--follow', '--all']);
    await api.waitForCalls(20);
    first.kill('SIGKILL');
    const taken = linesOf((await first.result()).stdout.replace(/[^\n]*$/, ''));
    const after = taken.at(-1)?.kling_position;

    const second = place.start([
      'results',
      'clips',
      '--follow',
      ...(after ? ['--after', after] : []),
    ]);
    // It reads: a Redis that is away while it starts would end it.
    await second.waitForText('"kling_row"');
    await redis.restart();
    const { stdout, exitCode } = await second.result();

    const rows = [...taken, ...linesOf(stdout)].map(({ kling_row }) => kling_row);
    expect(exitCode).toBe(0);
    expect(rows.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
  });

  test.for([
    [['results'], 'Name a batch'],
    [['results', '--all'], '--all and --after need --follow.'],
    [['results', 'clips', '--follow', '--all'], 'Name a batch or give --all, not both.'],
    [['results', '--follow'], 'Name a batch, or give --all.'],
    [['results', 'clips', '--follow', '--out', 'x.csv'], '--follow prints all rows as JSON lines'],
    [['results', 'clips', '--follow', '--after', 'x'], 'kling_position'],
    [['results', '--follow', '--all', '--after', '99-0'], 'Position 99-0 is beyond the end'],
  ] as const)('refuses %s', async ([args, sentence], { place }) => {
    await place.redis();
    const { exitCode, stderr } = await place.cli([...args]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(sentence);
  });
});
