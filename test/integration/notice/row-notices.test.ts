import pino from 'pino';
import { Webhook } from 'standardwebhooks';
import { expect, it, onTestFinished } from 'vitest';
import type { NotifiedRows } from '../../../src/lib/core/notice/notified-rows.ts';
import type { Outcome } from '../../../src/lib/core/row/outcome.ts';
import { parseAllowHosts } from '../../../src/lib/network/allow-hosts.ts';
import { resolveBySystem } from '../../../src/lib/network/guarded-lookup.ts';
import { createNoticeSender } from '../../../src/lib/notice/notice-sender.ts';
import { rowsBody } from '../../../src/lib/notice/rows/compose-rows.ts';
import { RowNoticeStore } from '../../../src/lib/notice/rows/row-notice-store.ts';
import { keepRowNotices, type RowNotices } from '../../../src/worker/notices/keep-row-notices.ts';
import { chunk, draft, failed, ref, SHAPE } from '../../contract/batch-store/examples.ts';
import { startWebhookReceiver } from '../../setup/webhook-receiver.ts';
import { HOUR_MS, NOW_MS, opened, SteeringBench } from '../store/steering-bench.ts';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

/** A receiver of rows, and workers that send them to it. */
class RowsLab extends SteeringBench {
  readonly receiver: Awaited<ReturnType<typeof startWebhookReceiver>>;
  /** The statuses of the next answers; 200 after them. */
  readonly answers: number[];
  readonly lines: { msg: string }[] = [];
  nowMs = NOW_MS;

  private constructor(receiver: RowsLab['receiver'], answers: number[]) {
    super();
    this.receiver = receiver;
    this.answers = answers;
    onTestFinished(() => receiver[Symbol.asyncDispose]());
  }

  static async open(): Promise<RowsLab> {
    const answers: number[] = [];
    const receiver = await startWebhookReceiver((response) => {
      response.statusCode = answers.shift() ?? 200;
      response.end();
    });
    return new RowsLab(receiver, answers);
  }

  get places(): RowNoticeStore {
    return new RowNoticeStore(this.redis, this.keys, this.receiver.url);
  }

  worker(which: NotifiedRows): RowNotices {
    const guard = {
      allowHosts: parseAllowHosts(this.receiver.host),
      allowedPorts: [],
      resolveHost: resolveBySystem,
      allowSetting: 'NOTIFY_ALLOW_HOSTS',
    };
    const now = (): number => this.nowMs;
    const worker = keepRowNotices({
      store: this.store,
      rowIndex: this.rowIndex,
      feed: this.feed,
      which,
      target: { url: this.receiver.url, format: 'standard' },
      sender: createNoticeSender({ guard, secret: SECRET, now: Date.now }),
      places: this.places,
      now,
      log: pino({ level: 'debug' }, { write: (line: string) => this.lines.push(JSON.parse(line)) }),
    });
    onTestFinished(() => worker[Symbol.dispose]());
    return worker;
  }

  /** A batch whose rows have ended, in chunks of 500. */
  async endRows(id: string, rows: number, outcomeOf: (row: number) => Outcome): Promise<void> {
    await this.store.openBatch(draft({ id, identity: id, key: ['name'] }), NOW_MS);
    for (let index = 0; index * 500 < rows; index += 1) {
      const part = chunk(index, Math.min(rows, index * 500 + 500));
      const outcomes = new Map(part.rows.map(({ row }) => [row, outcomeOf(row)] as const));
      await this.store.appendChunk(ref(id), { ...part, outcomes });
    }
    await this.store.finishImport(ref(id), SHAPE, NOW_MS);
  }

  /** The rows of each request. */
  get groups() {
    return this.receiver.received.map(({ body }) => rowsBody.parse(JSON.parse(body)).data.rows);
  }
}

const session = (row: number): Outcome => opened(`session ${row}`);

it('row notices carry every row once, in signed groups of at most 500, each with its position', async () => {
  const lab = await RowsLab.open();
  await lab.endRows('before', 1, session);
  const worker = lab.worker('all');
  await worker.look();
  await lab.endRows('clips', 1_100, session);
  await worker.look();
  await worker.look();
  expect(lab.groups.map((rows) => rows.length)).toEqual([500, 500, 100]);
  const rows = lab.groups.flat();
  expect(rows.map(({ row }) => row)).toEqual(Array.from({ length: 1_100 }, (_, i) => i + 1));
  expect(new Set(rows.map(({ position }) => position)).size).toBe(1_100);
  expect(rows[0]).toEqual({
    position: expect.stringMatching(/^\d+-1$/),
    batch: 'clips',
    row: 1,
    key: 'clip 1',
    status: 'succeeded',
    sessionId: 'session 1',
    expiresAt: new Date(NOW_MS + 86_400_000).toISOString(),
    isExpired: false,
    errorCode: null,
    error: null,
    finishedAt: new Date(NOW_MS).toISOString(),
  });
  const [{ body, headers } = { body: '', headers: {} }] = lab.receiver.received;
  expect(() => new Webhook(SECRET).verify(body, headers as Record<string, string>)).not.toThrow();
});

it('row notices carry only rows without a session, if so set', async () => {
  const lab = await RowsLab.open();
  const worker = lab.worker('failed');
  await worker.look();
  const refused = failed('1301', 'see https://cdn.example/a.mp4?signature=secret');
  await lab.endRows('clips', 600, (row) => (row % 300 === 0 ? refused : session(row)));
  await worker.look();
  expect(lab.groups).toMatchObject([
    [
      { row: 300, status: 'failed', errorCode: '1301', sessionId: null },
      { row: 600, status: 'failed' },
    ],
  ]);
  expect(lab.receiver.received[0]?.body).not.toContain('secret');
});

it.each([
  ['all', [[{ row: 1, status: 'succeeded', sessionId: 'session 1', isExpired: true }]]],
  ['failed', []],
] as const)('row notices carry expired sessions if %s rows are sent', async (which, groups) => {
  const lab = await RowsLab.open();
  await lab.endRows('clips', 1, session);
  const worker = lab.worker(which);
  await worker.look();
  await lab.feed.announceExpired(NOW_MS + 25 * HOUR_MS);
  await worker.look();
  expect(lab.groups).toMatchObject(groups);
});

it('a row notice repeats the same bytes under the same id until the receiver confirms them', async () => {
  const lab = await RowsLab.open();
  const worker = lab.worker('all');
  await worker.look();
  await lab.endRows('clips', 2, session);
  lab.answers.push(503, 500);
  await worker.look();
  await worker.look();
  expect(lab.receiver.received).toHaveLength(1);
  lab.nowMs += 5_000;
  await lab.endRows('more', 3, session);
  await worker.look();
  lab.nowMs += 10_000;
  await worker.look();
  const sent = lab.receiver.received.map(({ headers, body }) => [headers['webhook-id'], body]);
  expect(sent).toHaveLength(4);
  expect(sent[1]).toEqual(sent[0]);
  expect(sent[2]).toEqual(sent[0]);
  expect(lab.groups[3]).toMatchObject([{ batch: 'more', row: 1 }, { row: 2 }, { row: 3 }]);
  expect(lab.lines.filter(({ msg }) => msg === 'rows not taken, trying again')).toHaveLength(2);
});

it('another worker repeats only what was not confirmed, once the killed one has lost its turn', async () => {
  const lab = await RowsLab.open();
  const killed = lab.worker('all');
  await killed.look();
  await lab.endRows('clips', 1_000, session);
  lab.answers.push(200, 503);
  await killed.look();
  const next = lab.worker('all');
  await next.look();
  expect(lab.groups).toHaveLength(2);
  const [lease = ''] = (await lab.keysLeft()).filter((key) => key.endsWith(':sender'));
  await lab.redis.del(`${lab.prefix}:${lease}`);
  await next.look();
  expect(lab.groups.map(([first]) => first?.row)).toEqual([1, 501, 501]);
});

it('row notices begin with the changes of now in a feed that they do not know, and say so', async () => {
  const lab = await RowsLab.open();
  await lab.endRows('before', 1, session);
  await lab.places.write({ feedId: 'another', position: { event: 9, row: 0 } });
  const worker = lab.worker('all');
  await worker.look();
  expect(lab.lines).toMatchObject([{ msg: 'rows continue in another feed' }]);
  await lab.endRows('clips', 1, session);
  await worker.look();
  expect(lab.groups).toMatchObject([[{ batch: 'clips', row: 1 }]]);
});
