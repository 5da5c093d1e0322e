import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { NightLab } from './night-lab.ts';

describe('manifest', () => {
  test.each([
    ['is not there', 'manifest_missing', async () => undefined],
    ['is empty', 'manifest_empty', (lab: NightLab) => lab.putText('clips.csv', '')],
    ['has no rows', 'manifest_empty', (lab: NightLab) => lab.put('clips.csv', [])],
    [
      'has no column',
      'manifest_unreadable',
      (lab: NightLab) => lab.putText('clips.csv', 'a,b\n1,2\n'),
    ],
    ['is a folder', 'manifest_unreadable', (lab: NightLab) => lab.put('clips.csv/x.csv', ['a'])],
  ] as const)(
    'a manifest that cannot be read is an entry in the history and a notice: %s',
    async (_, code, prepare) => {
      const lab = await NightLab.open();
      await lab.set({ zone: 'UTC' });
      await prepare(lab);
      await lab.passUntil('2026-11-01T02:01Z');
      expect(await lab.story()).toEqual([`11-01T02:00 → 11-01T02:00: skipped (${code})`]);
      expect(lab.notices).toMatchObject([{ kind: 'run_skipped', why: code }]);
    },
  );

  test('a manifest that is a pipe without a writer ends the run at once', async () => {
    const lab = await NightLab.open();
    await lab.set({ zone: 'UTC' });
    await promisify(execFile)('mkfifo', [join(lab.folder, 'clips.csv')]);
    await lab.passUntil('2026-11-01T02:01Z');
    expect(await lab.story()).toEqual(['11-01T02:00 → 11-01T02:00: skipped (manifest_unreadable)']);
  });

  test('a manifest that is the same as the night before runs again', async () => {
    const lab = await NightLab.open();
    await lab.set({ zone: 'UTC' });
    await lab.put('clips.csv', ['a']);
    await lab.passUntil('2026-11-01T02:01Z');
    await lab.endBatch('nightly-20261101-020000');
    await lab.passUntil('2026-11-02T02:01Z');
    expect((await lab.runs()).map(({ isUnchanged }) => isUnchanged)).toEqual([false, true]);
    expect((await lab.runs()).map(({ batchId }) => batchId)).toEqual([
      'nightly-20261101-020000',
      'nightly-20261102-020000',
    ]);
  });

  test('an unchanged manifest does not run again until it changes', async () => {
    const lab = await NightLab.open();
    await lab.set({ zone: 'UTC', unchanged: 'skip' });
    await lab.put('clips.csv', ['a']);
    await lab.passUntil('2026-11-01T02:01Z');
    await lab.endBatch('nightly-20261101-020000');
    await lab.passUntil('2026-11-03T02:01Z');
    await lab.put('clips.csv', ['b']);
    await lab.passUntil('2026-11-04T02:01Z');
    expect((await lab.story()).map((line) => line.replace(/^.*: /, ''))).toEqual([
      'finished',
      'skipped (manifest_unchanged)',
      'skipped (manifest_unchanged)',
      'running',
    ]);
  });

  test('the newest match of a glob is the manifest', async () => {
    const lab = await NightLab.open();
    await lab.set({ zone: 'UTC', manifest: '*/clips-{yyyy-MM}-*.csv' });
    await lab.put('b/clips-2026-11-x.csv', ['old']);
    lab.nowMs += 1_000;
    await lab.put('a/clips-2026-11-x.csv', ['new']);
    lab.nowMs += 1_000;
    await lab.put('c/clips-2026-10-x.csv', ['another month']);
    await lab.passUntil('2026-11-01T02:01Z');
    expect((await lab.runs())[0]?.manifest).toMatch(/a\/clips-2026-11-x\.csv$/);
  });
});

describe('manifest at an address', () => {
  const serve = async (answer: (nth: number) => [status: number, body: string]) => {
    let nth = 0;
    const server = createServer((_request, response) => {
      nth += 1;
      const [status, body] = answer(nth);
      response.writeHead(status).end(body);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    return { url: `http://127.0.0.1:${port}/clips.csv`, asked: () => nth };
  };

  test('a manifest at an address is waited for while its server fails for a while', async () => {
    const lab = await NightLab.open();
    const server = await serve((nth) => (nth < 4 ? [503, ''] : [200, 'video_url\nnowhere\n']));
    await lab.set({ zone: 'UTC', manifest: server.url });
    await lab.passUntil('2026-11-01T02:00:35Z');
    expect((await lab.runs())[0]).toMatchObject({
      state: 'importing',
      reason: { code: 'manifest_unreadable', sentence: expect.stringContaining('HTTP 503') },
    });
    await lab.passUntil('2026-11-01T02:01Z');
    expect(await lab.story()).toEqual(['11-01T02:00 → 11-01T02:00: finished']);
    expect(server.asked()).toBe(4);
    expect(lab.notices).toEqual([]);
  });

  test('a manifest at an address that never answers is given up after ten minutes, with a notice', async () => {
    const lab = await NightLab.open();
    const server = await serve(() => [503, '']);
    await lab.set({ zone: 'UTC', manifest: server.url });
    await lab.passUntil('2026-11-01T02:09:59Z');
    expect(lab.notices).toEqual([]);
    await lab.passUntil('2026-11-01T02:10Z');
    expect(await lab.story()).toEqual(['11-01T02:00 → 11-01T02:00: skipped (manifest_unreadable)']);
    expect(lab.notices).toMatchObject([{ kind: 'run_skipped', why: 'manifest_unreadable' }]);
  });

  test('a manifest at an address is not read if it has more bytes than the limit, and a sentence says so', async () => {
    const lab = await NightLab.open();
    const server = await serve(() => [200, 'x'.repeat(lab.bounds.maxBytes + 1)]);
    await lab.set({ zone: 'UTC', manifest: server.url });
    await lab.passUntil('2026-11-01T02:01Z');
    const [run] = await lab.runs();
    expect(run).toMatchObject({ state: 'skipped', reason: { code: 'manifest_unreadable' } });
    expect(run?.reason?.sentence).toContain('is larger than 1 MiB, the most that a schedule reads');
  });

  test('inside the network is not read, and not requested again', async () => {
    const lab = await NightLab.open();
    const server = await serve(() => [200, 'video_url\nnowhere\n']);
    lab.bounds.guard.allowHosts = [];
    await lab.set({ zone: 'UTC', manifest: server.url });
    await lab.passUntil('2026-11-01T02:01Z');
    expect(await lab.story()).toEqual(['11-01T02:00 → 11-01T02:00: skipped (manifest_unreadable)']);
    expect(server.asked()).toBe(0);
  });

  test('a manifest at an address does not keep the next run waiting', async () => {
    const lab = await NightLab.open();
    const server = await serve((nth) => (nth < 5 ? [503, ''] : [200, 'video_url\nnowhere\n']));
    const timing = { zone: 'UTC', cron: '* 2 * * *' };
    await lab.set({ ...timing, manifest: server.url, overlap: 'cancel-previous' });
    await lab.passUntil('2026-11-01T02:01:30Z');
    expect(await lab.story()).toEqual([
      '11-01T02:00 → 11-01T02:00: skipped (cancelled)',
      '11-01T02:01 → 11-01T02:01: finished',
    ]);
    expect(await lab.store.readBatch('nightly-20261101-020000')).toBeNull();
  });
});
