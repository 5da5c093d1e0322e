import { createHash } from 'node:crypto';
import { mkdir, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { retryRows } from '../../../src/lib/batch/steer-batch.ts';
import { startQueueWorker } from '../../../src/lib/queue/queue-worker.ts';
import { Queues } from '../../../src/lib/queue/queues.ts';
import { writeReportJob } from '../../../src/worker/reports/write-report-job.ts';
import { outcome, ref } from '../../contract/batch-store/examples.ts';
import { startWebhookReceiver } from '../../setup/webhook-receiver.ts';
import { NOW_MS } from '../store/steering-bench.ts';
import { ReportLab } from './report-lab.ts';

describe('file', () => {
  it('a report file is written when the batch ends, with every row, and nothing lies beside it', async () => {
    const lab = await ReportLab.open();
    await lab.name(join(lab.folder, 'night.csv'));
    await lab.work();
    expect(await lab.state()).toMatchObject({ words: 'written when the batch ends' });
    await lab.endRows();
    expect(await lab.state()).toMatchObject({ words: 'about to be written' });
    expect(await lab.work()).toEqual({ kind: 'done' });
    expect(await lab.files()).toEqual(['night.csv']);
    const lines = (await lab.read('night.csv')).trim().split(/\r?\n/);
    expect(lines).toHaveLength(3);
    expect(lines[1]).toContain('session 1, end 1');
    expect(await lab.state()).toMatchObject({ words: 'written', writtenAtMs: NOW_MS });
  });

  it('a report file is written by a worker that takes the job from the queue', async () => {
    const lab = await ReportLab.open();
    await lab.name(join(lab.folder, 'night.jsonl'));
    await lab.endRows();
    await lab.look();
    const connection = lab.redis.duplicate({ maxRetriesPerRequest: null });
    onTestFinished(() => connection.disconnect());
    await new Promise<void>((resolve, reject) => {
      const worker = startQueueWorker({
        queue: 'report',
        connection,
        keys: lab.keys,
        concurrency: 1,
        onError: reject,
        handle: async (job, attempt) => {
          const result = await writeReportJob(lab.context, job, attempt);
          if (job.endedAtMs !== null) resolve();
          return result;
        },
      });
      onTestFinished(() => worker[Symbol.asyncDispose]());
    });
    expect((await lab.read('night.jsonl')).trim().split('\n')).toHaveLength(2);
  });

  it('a report file is written once more after rows were retried, and not twice for one end', async () => {
    const lab = await ReportLab.open();
    await lab.name(join(lab.folder, 'night.csv'));
    for (const row of [1, 2]) {
      const error = { code: '1301', message: 'words' };
      await lab.end(row, outcome({ status: 'failed', error, finishedAtMs: NOW_MS }));
    }
    const [job] = (await lab.look()).slice(-1);
    await lab.work();
    expect(await lab.read('night.csv')).toContain('failed');
    const queues = new Queues(lab.redis, lab.keys);
    const { store, steering } = lab;
    const chosen = { statuses: new Set(['failed' as const]), codes: null };
    await retryRows({ store, steering, queues, now: () => NOW_MS }, await lab.batch(), chosen, {
      who: 'ann',
      reason: null,
    });
    await queues[Symbol.asyncDispose]();
    expect(await lab.state()).toMatchObject({ words: 'written when the batch ends' });
    if (job === undefined) throw new Error('no job was queued');
    await writeFile(join(lab.folder, 'night.csv'), 'mine');
    expect(await writeReportJob(lab.context, job, 1)).toEqual({ kind: 'done' });
    expect(await lab.read('night.csv')).toBe('mine');
    await lab.endRows();
    await lab.work();
    expect(await lab.read('night.csv')).toContain('session 2, end 1');
  });

  it('a report file is written for a cancelled batch, too', async () => {
    const lab = await ReportLab.open();
    await lab.name(join(lab.folder, 'night.csv'));
    await lab.steering.cancel(ref('batch-1'), null, NOW_MS + 9);
    await lab.work();
    expect(await lab.read('night.csv')).toContain('cancelled');
  });

  it('a report file is not written by an older look at a batch that has changed meanwhile', async () => {
    const lab = await ReportLab.open();
    const path = join(lab.folder, 'night.csv');
    await lab.endRows();
    const stale = await lab.batch();
    await lab.redis.hset(lab.keys.batch('batch-1'), 'finishedAtMs', NOW_MS + 100);
    expect(await lab.context.writer.write(stale, path, lab.halting.signal)).toEqual({
      kind: 'outdated',
    });
    expect(await lab.files()).toEqual([]);
  });

  it('a report file is given back by a worker that is halted, which leaves no part of it', async () => {
    const lab = await ReportLab.open();
    await lab.name(join(lab.folder, 'night.csv'));
    await lab.endRows();
    const job = (await lab.look()).at(-1);
    if (job === undefined) throw new Error('no job was queued');
    lab.halting.abort();
    expect(await writeReportJob(lab.context, job, 1)).toEqual({ kind: 'back' });
    expect(await lab.files()).toEqual([]);
  });

  it('a report file is written beside what a killed worker left, which is removed', async () => {
    const lab = await ReportLab.open();
    const left = '.night.csv.5d3f6f0e-3a8c-4c64-9a55-0f6a1b2c3d4e.tmp';
    for (const name of [left, '.night.csv.mine.tmp', '.other.csv.tmp']) {
      await writeFile(join(lab.folder, name), 'half');
      await utimes(join(lab.folder, name), 1, 1);
    }
    await lab.name(join(lab.folder, 'night.csv'));
    await lab.endRows();
    await lab.work();
    expect(await lab.files()).toEqual(['.night.csv.mine.tmp', '.other.csv.tmp', 'night.csv']);
  });
});

describe('place that cannot be written', () => {
  it('a place that cannot be written is reported before the batch ends, and found good once its folder exists', async () => {
    const lab = await ReportLab.open();
    await lab.name(join(lab.folder, 'later', 'night.csv'));
    await lab.work();
    expect(await lab.state()).toMatchObject({ isTrouble: true });
    expect((await lab.state())?.words).toMatch(
      /directory does not exist.* It is tried when the batch ends\.$/,
    );
    expect(lab.told).toHaveLength(1);
    await lab.endRows();
    expect(await lab.work(1)).toEqual({ kind: 'later', delayMs: 10_000 });
    expect((await lab.state())?.words).toMatch(/A worker tries again\.$/);
    await mkdir(join(lab.folder, 'later'));
    expect(await lab.work(2)).toEqual({ kind: 'done' });
    expect(await lab.state()).toMatchObject({ words: 'written' });
    expect((await lab.batch()).state).toBe('completed');
  });

  it('a place that cannot be written gets one notice for one end of the batch, from the third attempt on', async () => {
    const lab = await ReportLab.open();
    await lab.name(join(lab.folder, 'later', 'night.csv'));
    await lab.endRows();
    await lab.work(1);
    await lab.work(2);
    expect(lab.told).toHaveLength(0);
    await lab.work(3);
    expect(lab.told).toHaveLength(1);
    expect(await lab.work(40)).toEqual({ kind: 'done' });
    expect((await lab.state())?.words).toMatch(/--out\.$/);
  });

  it.each([
    ['a folder that no setting names', () => '/var/tmp/night.csv', /REPORT_FOLDERS/],
    ['a file of the system', () => '/proc/self/night.csv', /belongs to the system/],
    [
      'a link out of the folder',
      (folder: string) => join(folder, 'out', 'n.csv'),
      /REPORT_FOLDERS/,
    ],
  ])('a place that cannot be written is refused at once: %s', async (_, placeIn, reason) => {
    const folder = (await ReportLab.open()).folder;
    await symlink('/var/tmp', join(folder, 'out'));
    const lab = await ReportLab.open({ folders: [folder] });
    await lab.name(placeIn(folder));
    await lab.endRows();
    expect(await lab.work(1)).toEqual({ kind: 'done' });
    expect((await lab.state())?.words).toMatch(reason);
    expect(lab.told).toHaveLength(1);
  });

  it('a place that cannot be written is refused when it is the manifest itself', async () => {
    const lab = await ReportLab.open();
    await writeFile(join(lab.folder, 'clips.csv'), 'video_url\n');
    const manifestSha256 = createHash('sha256').update('video_url\n').digest('hex');
    await lab.redis.hset(lab.keys.batch('batch-1'), { manifestSha256 });
    await lab.name(join(lab.folder, 'clips.csv'));
    await lab.endRows();
    expect(await lab.work(1)).toEqual({ kind: 'done' });
    expect((await lab.state())?.words).toMatch(/is the manifest itself/);
    expect(await lab.read('clips.csv')).toBe('video_url\n');
  });

  it('a place that cannot be written can be replaced by another one, where the report is written now', async () => {
    const lab = await ReportLab.open();
    await lab.name('/dev/full.csv');
    await lab.endRows();
    await lab.work();
    expect(await lab.name(join(lab.folder, 'night.csv'))).toBe(true);
    await lab.work();
    expect(await lab.files()).toEqual(['night.csv']);
    expect(await lab.name(join(lab.folder, 'night.csv'))).toBe(false);
  });
});

describe('address', () => {
  it('a report address gets the whole report with its length, and no page or log line shows its signature', async () => {
    await using receiver = await startWebhookReceiver();
    const lab = await ReportLab.open({ allowHosts: receiver.host });
    await lab.name(`http://${receiver.host}/bucket/night.csv?X-Amz-Signature=secret`);
    await lab.endRows();
    expect(await lab.work()).toEqual({ kind: 'done' });
    const [request] = receiver.received;
    expect(request?.headers['content-length']).toBe(String(Buffer.byteLength(request?.body ?? '')));
    expect(request?.headers['transfer-encoding']).toBeUndefined();
    expect(request?.headers['content-type']).toBeUndefined();
    expect(request?.body.trim().split(/\r?\n/)).toHaveLength(3);
    expect(await lab.state()).toMatchObject({
      place: `http://${receiver.host}/bucket/night.csv?…`,
      words: 'written',
    });
    expect(lab.lines.join()).not.toContain('secret');
    expect(JSON.stringify(await lab.batch())).not.toContain('secret');
  });

  it('a report address is tried again after an answer that passes, and not after a refusal', async () => {
    const statuses = [503, 403];
    await using receiver = await startWebhookReceiver((response, nth) => {
      response.statusCode = statuses[nth - 1] ?? 200;
      response.end();
    });
    const lab = await ReportLab.open({ allowHosts: receiver.host });
    await lab.name(`http://${receiver.host}/night.csv?signature=secret`);
    await lab.endRows();
    expect(await lab.work(1)).toEqual({ kind: 'later', delayMs: 10_000 });
    expect((await lab.state())?.words).toContain('the server answered 503 Service Unavailable');
    expect(await lab.work(2)).toEqual({ kind: 'done' });
    expect((await lab.state())?.words).toContain('403 Forbidden, so the address may be signed');
    expect(lab.told.join()).not.toContain('secret');
  });

  it('a report address within a network is refused, unless a setting names it', async () => {
    const lab = await ReportLab.open();
    await lab.name('http://127.0.0.1:9/night.csv');
    await lab.work();
    expect((await lab.state())?.words).toContain('add it to REPORT_ALLOW_HOSTS');
  });
});
