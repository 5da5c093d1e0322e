import { describe, expect } from 'vitest';
import { klingManifest, test } from '../e2e-test.ts';

const BUSY = { status: 503, code: 5001, message: 'down for maintenance' };
const REFUSED = { status: 400, code: 1301, message: 'content policy' };

describe.concurrent('row', () => {
  test("shows every call, and the row's outcome before it was retried", async ({ place }) => {
    await place.redis();
    const answers = [BUSY, REFUSED];
    await place.api({ fail: () => answers.shift() ?? null });
    await place.write('clips.csv', klingManifest(1));
    place.start(['worker', '--retry-pause', '100ms']);
    await place.cli(['import', 'clips.csv', '--batch', 'clips', '--wait']);
    const retried = await place.cli(['retry', 'clips', '--code', '5001,1301', '--json']);
    await place.cli(['import', 'clips.csv', '--batch', 'clips', '--wait']);

    const shown = await place.cli(['row', 'clips', '1']);
    const { status, source, attempts, earlier } = JSON.parse(
      (await place.cli(['row', 'clips', '1', '--json'])).stdout,
    );

    expect(JSON.parse(retried.stdout)).toMatchObject({ batchId: 'clips', rows: 1 });
    expect(status).toBe('succeeded');
    expect(source).toMatchObject({ kind: 'kling', videoId: '100000000000000001' });
    expect(attempts).toMatchObject([{ number: 1, failure: null, requestId: 'request-3' }]);
    expect(earlier).toMatchObject([
      {
        outcome: { status: 'failed', error: { code: '1301' }, attempts: 2 },
        attempts: [
          { number: 1, failure: { code: '5001' }, httpStatus: 503 },
          { number: 2, failure: { code: '1301' }, httpStatus: 400 },
        ],
      },
    ]);
    const lines = shown.stdout.split('\n');
    expect(lines[0]).toBe('clips  row 1  succeeded');
    expect(lines.indexOf('Before that:')).toBeGreaterThan(
      lines.findIndex((line) => line.includes('700000000000000003, until ')),
    );
    expect(shown.stdout).toMatch(/attempt 1 .*HTTP 503, 5001: .*maintenance/);
  });

  test('shows the sessions that unclear answers named, and calls no more often than allowed', async ({
    place,
  }) => {
    await place.redis();
    const unclear = { status: 200, code: 200, message: 'SUCCEED' };
    const api = await place.api({
      fail: (_call, nth) => ({ ...unclear, data: { session_id: `session-${nth}` } }),
    });
    await place.write('clips.csv', klingManifest(1));
    place.start(['worker', '--retry-pause', '10ms', '--max-unconfirmed', '1']);
    await place.cli(['import', 'clips.csv', '--batch', 'clips', '--wait']);

    const { stdout } = await place.cli(['row', 'clips', '1']);
    const report = await place.cli(['results', 'clips', '--format', 'jsonl']);
    const { kling_unclear_calls: times, kling_sent: sent } = JSON.parse(report.stdout);

    expect(times).toMatch(/^\d{4}-[\d-]+T[\d:.]+Z; \d{4}-[\d-]+T[\d:.]+Z$/);
    expect(JSON.parse(sent)).toEqual(api.calls[0]?.body);
    expect(stdout.match(/unclear call {2}20/g)).toHaveLength(2);
    expect(stdout).toContain(`it sent       ${sent}`);
    expect(api.calls).toHaveLength(2);
    expect(stdout.split('\n')[0]).toBe('clips  row 1  unconfirmed');
    expect(stdout).toMatch(/attempt 1 .*names session session-1, but its code is 200/);
    expect(stdout).toMatch(/2 of 2 calls got no clear answer; up to 2 sessions may exist/);
    expect(stdout).toMatch(/names session session-2, but its code is 200/);
  });

  test('shows what a session cost, and the calls that a row under way has lost', async ({
    place,
  }) => {
    await place.redis();
    const data = { status: 0, session_id: '7', final_unit_deduction: '1.5' };
    const api = await place.api({
      fail: () => ({ status: 200, code: 0, message: 'SUCCEED', data }),
    });
    await place.write('clips.csv', klingManifest(2));
    await place.cli(['import', 'clips.csv', '--batch', 'clips', '--limit', '1']);
    const worker = place.start(['worker', '--shutdown-grace', '0s']);
    await place.cli(['import', 'clips.csv', '--batch', 'clips', '--limit', '1', '--wait']);
    api.delayMs = 600_000;
    await place.cli(['import', 'clips.csv', '--batch', 'more']);
    await api.waitForCalls(2);
    worker.kill('SIGTERM');
    await worker.result();

    expect((await place.cli(['row', 'clips', '1'])).stdout).toMatch(/cost +1\.5 units/);
    const lost = (await place.cli(['row', 'more', '1'])).stdout;
    expect(lost).toMatch(/lost calls +1; each may have opened a session/);
    expect(lost).toMatch(/unclear call +20/);
    expect(lost).toContain(JSON.stringify(api.calls[0]?.body));
  });

  test('hides signatures from people, and lists the existing rows for a wrong number', async ({
    place,
  }) => {
    await place.redis();
    await place.api();
    await place.write('clips.csv', 'video_url\nhttps://u:p@v.example/a.mp4?sig=secret\n');
    await place.cli(['import', 'clips.csv', '--batch', 'clips']);

    const shown = await place.cli(['row', 'clips', '1']);
    const missing = await place.cli(['row', 'clips', '2']);

    expect(shown.stdout).toContain('v.example/a.mp4');
    expect(shown.stdout).not.toMatch(/secret|u:p/);
    expect(shown.stdout).toContain('it is waiting');
    expect(missing).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('1 row') });
  });
});
