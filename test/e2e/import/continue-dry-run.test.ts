import { describe, expect } from 'vitest';
import { findProgram } from '../../../scripts/find-program.mjs';
import type { ApiServer } from '../../setup/api-server.ts';
import { klingManifest, test, type Workplace } from '../e2e-test.ts';

const hasScript =
  process.platform === 'linux' && findProgram(['script'], process.env.PATH) !== undefined;

/**
 * A batch `clips` of five rows, of which the last one failed; then the third row has another video and a sixth comes.
 */
async function withChangedTable(place: Workplace): Promise<ApiServer> {
  await place.redis();
  const refused = { status: 400, code: 1301, message: 'not allowed' };
  const api = await place.api({ fail: (_call, nth) => (nth === 5 ? refused : null) });
  await place.write('clips.csv', klingManifest(5));
  await place.cli(['run', 'clips.csv', '--batch', 'clips'], { env: { API_CONCURRENCY: '1' } });
  const [head, ...rows] = klingManifest(6).trim().split('\n');
  const other = klingManifest(1, 900).trim().split('\n')[1]?.replace('row 1', 'row 3') ?? '';
  await place.write('clips.csv', `${[head, ...rows.with(2, other)].join('\n')}\n`);
  return api;
}

const DRY = ['import', 'clips.csv', '--continue', 'clips', '--dry-run'];
const QUESTION = 'Continue? [y/N]';

describe.concurrent('import --dry-run --continue', () => {
  test('says what would be kept, changed and called, and changes nothing', async ({ place }) => {
    const api = await withChangedTable(place);
    const before = (await place.cli(['batches', '--json'])).stdout;

    const byCells = await place.cli(DRY);
    const byKey = await place.cli([...DRY, '--key', 'name', '--json']);
    const fresh = await place.cli([...DRY, '--fresh']);

    expect(byCells.stdout).toContain(
      'clips.csv has changed since clips: 3 rows are unchanged and keep their sessions, 1 changed, 1 is new, 1 had no session: 3 calls.',
    );
    expect(JSON.parse(byKey.stdout).continuation).toMatchObject({
      batchId: 'clips',
      counts: { kept: 3, changed: 1, isNew: 1, failed: 1, removed: 0 },
    });
    const timeOf = ({ stdout }: { stdout: string }) => JSON.parse(stdout).estimate.durationMs;
    const alone = await place.cli(['import', 'clips.csv', '--dry-run', '--json']);
    expect(timeOf(byKey)).toBe(timeOf(alone) / 2);
    expect(fresh.stdout).toMatch(
      /4 rows of clips have a session that lives, the longest for another 23 h \d+ min; none is kept, and all rows are called again\./,
    );
    expect((await place.cli(['batches', '--json'])).stdout).toBe(before);
    expect(api.calls).toHaveLength(5);
  });

  test('refuses a key column that the table does not have, as an import does', async ({
    place,
  }) => {
    await withChangedTable(place);

    const keys = await place.cli(['import', 'clips.csv', '--dry-run', '--key', 'task_id']);
    const unknown = await place.cli(['import', 'clips.csv', '--dry-run', '--key', 'sku']);

    expect(keys.stdout).not.toContain('cannot be told');
    expect([unknown.exitCode, unknown.stderr]).toEqual([2, expect.stringContaining('sku')]);
  });

  test('knows a report in every format', async ({ place }) => {
    await withChangedTable(place);
    for (const report of ['report.csv', 'report.jsonl', 'report.xlsx']) {
      await place.cli(['results', 'clips', '--out', report]);
      const { stdout } = await place.cli(['import', report, '--dry-run']);
      expect(stdout).toContain(
        `${report} is a report of clips: 4 rows are unchanged and keep their sessions, 1 had no session: 1 call.`,
      );
    }
  });

  test.runIf(hasScript)(
    'an import asks before it calls rows with live sessions again',
    async ({ place }) => {
      await withChangedTable(place);
      const command = ['import', 'clips.csv', '--continue', 'clips', '--fresh'];
      const asked = place.start(command, { terminal: { columns: 100, rows: 24 } });
      await asked.waitForText(QUESTION);
      asked.type('n\r');
      const refused = await asked.result();
      const told = await place
        .start([...command, '--yes'], { terminal: { columns: 100, rows: 24 } })
        .result();

      expect(refused.exitCode).toBe(130);
      expect(refused.stdout).toContain('4 rows of clips have a session that lives');
      expect(told.exitCode).toBe(0);
      expect(told.stdout).not.toContain(QUESTION);
    },
  );
});
