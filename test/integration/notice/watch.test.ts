import { Redis } from 'ioredis';
import { pino } from 'pino';
import { Webhook } from 'standardwebhooks';
import { expect, onTestFinished, test } from 'vitest';
import { changeBatch } from '../../../src/lib/batch/pausing/by-person.ts';
import { keepToWindow } from '../../../src/lib/batch/pausing/by-window.ts';
import { NO_ARRANGEMENTS } from '../../../src/lib/core/batch/batch.ts';
import { newGate } from '../../../src/lib/core/gate/gate.ts';
import { RedisGateStore } from '../../../src/lib/gate/redis-gate-store.ts';
import { parseAllowHosts } from '../../../src/lib/network/allow-hosts.ts';
import { resolveBySystem } from '../../../src/lib/network/guarded-lookup.ts';
import { createNoticeSender } from '../../../src/lib/notice/notice-sender.ts';
import { QueuedNotices } from '../../../src/lib/notice/queued-notices.ts';
import { type StandardBody, standardBody } from '../../../src/lib/notice/standard-body.ts';
import { NoticeQueue } from '../../../src/lib/queue/notice-queue.ts';
import { startQueueWorker } from '../../../src/lib/queue/queue-worker.ts';
import { Queues } from '../../../src/lib/queue/queues.ts';
import { ReportQueue } from '../../../src/lib/queue/report-queue.ts';
import { createKeys } from '../../../src/lib/store/keys.ts';
import { RedisBatchOverview } from '../../../src/lib/store/redis/redis-batch-overview.ts';
import { RedisBatchSteering } from '../../../src/lib/store/redis/redis-batch-steering.ts';
import { RedisBatchStore } from '../../../src/lib/store/redis/redis-batch-store.ts';
import { RedisBatchWatch } from '../../../src/lib/store/redis/redis-batch-watch.ts';
import { deliverNotice } from '../../../src/worker/notices/deliver-notice.ts';
import { sendBatchNotices } from '../../../src/worker/upkeep/send-batch-notices.ts';
import { sendGateNotice } from '../../../src/worker/upkeep/send-gate-notice.ts';
import { watchDeadlines } from '../../../src/worker/upkeep/watch-deadlines.ts';
import {
  draft,
  failed,
  manifestRow,
  outcome,
  ref,
  SHAPE,
  SOURCE,
} from '../../contract/batch-store/examples.ts';
import { prefixForTest, testRedisUrl } from '../../setup/redis/redis.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../../setup/webhook-receiver.ts';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

/** Does upkeep and delivers, as a worker does, for a receiver on loopback. */
async function openOffice(receiver: WebhookReceiver, clock = { nowMs: Date.now() }) {
  const redis = new Redis(testRedisUrl(), { maxRetriesPerRequest: null });
  const subscriber = redis.duplicate();
  const keys = createKeys(prefixForTest());
  const store = new RedisBatchStore(redis, keys);
  const steering = new RedisBatchSteering(redis, keys);
  const watch = new RedisBatchWatch(redis, keys, store);
  const gateStore = await RedisGateStore.open(redis, subscriber, keys);
  const queues = new Queues(redis, keys);
  const queue = new NoticeQueue(redis, keys);
  const reports = new ReportQueue(redis, keys);
  const log = pino({ level: 'silent' });
  const now = (): number => clock.nowMs;
  const notices = new QueuedNotices({
    queue,
    everyones: { url: receiver.url, format: 'standard' },
    listOwn: async () => [],
    dashboardUrl: null,
    now,
  });
  const sender = createNoticeSender({
    guard: {
      allowHosts: parseAllowHosts(receiver.host),
      allowedPorts: [],
      resolveHost: resolveBySystem,
      allowSetting: 'NOTIFY_ALLOW_HOSTS',
    },
    secret: SECRET,
    now: Date.now,
  });
  const { signal: halting } = new AbortController();
  const worker = startQueueWorker({
    queue: 'notice',
    connection: redis,
    keys,
    concurrency: 1,
    onError: () => undefined,
    handle: (job, attempt) =>
      deliverNotice({ sender, random: () => 0, log, halting }, job, attempt),
  });
  onTestFinished(async () => {
    for (const one of [worker, queue, reports, queues]) await one[Symbol.asyncDispose]();
    subscriber.disconnect();
    redis.disconnect();
  });
  const paceSources = {
    overview: new RedisBatchOverview(redis, keys, store),
    gateStore,
    listWorkers: async () => [],
    limits: { concurrency: 5, ratePerSecond: 0, sessionsPerDay: 0 },
  };
  const context = { store, steering, queues, watch, gateStore, paceSources, notices, now, log };
  /** All upkeep of a worker, once. */
  const look = async (): Promise<void> => {
    await sendBatchNotices({ ...context, reports });
    await sendGateNotice(context);
    for await (const batch of watch.listArranged()) await keepToWindow(context, batch);
    await watchDeadlines(context);
  };
  /** An action of a person. */
  const act = (id: string, event: 'pause' | 'resume', reason: string | null = null) =>
    changeBatch(context, ref(id), event, { who: 'ann@desk', reason });
  return { look, act, store, steering, gateStore };
}

type Office = Awaited<ReturnType<typeof openOffice>>;

/** A batch with one waiting row. */
async function importOneRow({ store }: Office, patch: Parameters<typeof draft>[0] = {}) {
  const wanted = draft({ identity: patch.id ?? 'one', ...patch });
  await store.openBatch(wanted, 1);
  const chunk = { index: 0, rows: [manifestRow(1)], outcomes: new Map(), sharedUrls: [] };
  await store.appendChunk(ref(wanted.id), chunk);
  await store.finishImport(ref(wanted.id), SHAPE, 2);
  return wanted.id;
}

const bodies = (receiver: WebhookReceiver): StandardBody[] =>
  receiver.received.map(({ headers, body }) =>
    standardBody.parse(new Webhook(SECRET).verify(body, headers as Record<string, string>)),
  );

test('every end of a batch is announced once, with its counts and errors', async () => {
  await using receiver = await startWebhookReceiver();
  const office = await openOffice(receiver);
  const good = await importOneRow(office, { id: 'good' });
  const bad = await importOneRow(office, { id: 'bad' });
  await office.store.recordOutcome(ref(good), 1, '', outcome(), SOURCE);
  await office.look();
  await receiver.waitFor(1);
  await office.store.recordOutcome(ref(bad), 1, '', failed('1301', 'policy'), SOURCE);
  await office.look();
  await office.look();
  await receiver.waitFor(2);
  expect(bodies(receiver)).toMatchObject([
    { type: 'batch.finished', data: { batch: { id: 'good', withoutSession: 0 }, errors: [] } },
    {
      type: 'batch.finished_with_failures',
      data: { batch: { id: 'bad', withoutSession: 1 }, errors: [{ code: '1301', count: 1 }] },
    },
  ]);
});

test('a batch that ends with its import is announced, a cancelled one is not', async () => {
  await using receiver = await startWebhookReceiver();
  const office = await openOffice(receiver);
  const cancelled = await importOneRow(office, { id: 'cancelled' });
  await office.steering.cancel(ref(cancelled), null, 3);
  const wanted = draft({ id: 'empty', identity: 'empty' });
  await office.store.openBatch(wanted, 1);
  await office.store.finishImport(ref(wanted.id), SHAPE, 2);
  await office.look();
  await receiver.waitFor(1);
  expect(bodies(receiver).map(({ data }) => 'batch' in data && data.batch.id)).toEqual(['empty']);
});

test('a batch that paused itself is announced once each time, unless a person has resumed it', async () => {
  await using receiver = await startWebhookReceiver();
  const office = await openOffice(receiver);
  const { steering, look, act } = office;
  const id = await importOneRow(office);
  await steering.pauseItself(ref(id), 'too many rows failed', 10);
  await look();
  await look();
  await act(id, 'resume');
  await steering.pauseItself(ref(id), 'seen by somebody', 20);
  await act(id, 'resume');
  await look();
  await steering.pauseItself(ref(id), 'too many again', 30);
  expect(await steering.pauseItself(ref(id), 'twice', 31)).toBeNull();
  await look();
  await receiver.waitFor(2);
  expect(bodies(receiver)).toMatchObject(
    ['too many rows failed', 'too many again'].map((reason) => ({
      type: 'batch.paused',
      data: { reason, batch: { id, counts: { waiting: 1 } } },
    })),
  );
});

test('a notice is sent again to a receiver that was down', async () => {
  await using receiver = await startWebhookReceiver((response, nth) =>
    response.writeHead(nth === 1 ? 410 : 200).end(),
  );
  const office = await openOffice(receiver);
  for (const id of ['first', 'second']) {
    await office.store.recordOutcome(
      ref(await importOneRow(office, { id })),
      1,
      '',
      outcome(),
      SOURCE,
    );
    await office.look();
  }
  // 410 ends the first one; if it had been kept, it would come again.
  await receiver.waitFor(2);
  expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(2);
});

test('a blocking of the gate is announced once, however often a trial call fails', async () => {
  await using receiver = await startWebhookReceiver();
  const office = await openOffice(receiver);
  const block = (sinceMs: number, generation: number): Promise<void> =>
    office.gateStore.update(() => ({
      gate: {
        ...newGate(0),
        ...{
          mode: 'blocked',
          sinceMs,
          untilMs: sinceMs + 60_000,
          generation,
          needsTrialCall: true,
        },
        cause: { kind: 'account', code: '1102', message: 'used up' },
      },
      result: undefined,
    }));
  await office.look();
  await block(1_000, 1);
  await office.look();
  await block(1_000, 2);
  await office.look();
  await block(2_000, 3);
  await office.look();
  await receiver.waitFor(2);
  expect(bodies(receiver)).toMatchObject([
    { type: 'gate.blocked', timestamp: '1970-01-01T00:00:01.000Z', data: { code: '1102' } },
    { type: 'gate.blocked', timestamp: '1970-01-01T00:00:02.000Z' },
  ]);
});

const EVENING = Date.parse('2026-11-25T13:00Z');
const NIGHT = Date.parse('2026-11-25T15:00Z');
const MORNING = Date.parse('2026-11-25T22:00Z');
const night = { from: '22:00', to: '06:00', zone: 'Asia/Taipei' };
const arrangements = { ...NO_ARRANGEMENTS, window: night };

test("a batch keeps to its window, and a person's act takes precedence", async () => {
  await using receiver = await startWebhookReceiver();
  const clock = { nowMs: EVENING };
  const office = await openOffice(receiver, clock);
  const id = await importOneRow(office, { arrangements });
  const { store, steering, look, act } = office;
  const state = async () => (await store.readBatch(id))?.state;

  await look();
  expect(await store.readBatch(id)).toMatchObject({
    state: 'paused',
    stateReason: 'outside its window 22:00–06:00 (Asia/Taipei)',
    isOutsideWindow: true,
  });
  clock.nowMs = NIGHT;
  await look();
  expect(await store.readBatch(id)).toMatchObject({ state: 'running', isOutsideWindow: false });
  expect(await store.readDispatch(id)).toMatchObject({ epoch: 1, wasResumed: false });

  // A person's pause does not end with the window.
  await act(id, 'pause', 'budget');
  clock.nowMs = MORNING;
  await look();
  clock.nowMs = NIGHT + 86_400_000;
  await look();
  expect(await store.readBatch(id)).toMatchObject({ state: 'paused', stateReason: 'budget' });

  // A person's resumption lasts until the window has opened and closed again.
  clock.nowMs = MORNING + 86_400_000;
  await act(id, 'resume');
  await look();
  expect(await state()).toBe('running');
  clock.nowMs += 86_400_000;
  await look();
  expect(await state()).toBe('paused');

  const history = await steering.readHistory(id);
  expect(history.map(({ who, what, reason }) => [who, what, reason]).toReversed()).toEqual([
    ['its window', 'paused', 'outside its window 22:00–06:00 (Asia/Taipei); continues at 22:00'],
    ['its window', 'resumed', null],
    ['ann@desk', 'paused', 'budget'],
    ['ann@desk', 'resumed', null],
    ['its window', 'paused', expect.stringContaining('continues at 22:00')],
  ]);
});

test("a window's pause that a person repeats becomes the person's", async () => {
  await using receiver = await startWebhookReceiver();
  const clock = { nowMs: EVENING };
  const office = await openOffice(receiver, clock);
  const id = await importOneRow(office, { arrangements });
  await office.look();
  expect(await office.act(id, 'pause', 'budget')).toBe('paused');
  expect(await office.act(id, 'pause', 'again')).toBeNull();
  clock.nowMs = NIGHT;
  await office.look();
  expect(await office.store.readBatch(id)).toMatchObject({
    state: 'paused',
    stateReason: 'budget',
  });
});

test('a deadline that will be missed is announced once', async () => {
  await using receiver = await startWebhookReceiver();
  const clock = { nowMs: NIGHT };
  const office = await openOffice(receiver, clock);
  const finishBy = { atMs: MORNING, zone: 'Asia/Taipei' };
  await importOneRow(office, { arrangements: { ...NO_ARRANGEMENTS, finishBy } });
  await office.look();
  // One row takes two seconds at the pace that is assumed for five calls at once.
  clock.nowMs = MORNING - 1_000;
  await office.look();
  await office.look();
  clock.nowMs = MORNING + 1_000;
  await office.look();
  await importOneRow(office, { id: 'other', arrangements: { ...NO_ARRANGEMENTS, finishBy } });
  await office.look();
  await receiver.waitFor(2);
  const sentences = bodies(receiver).map(({ data }) => data.sentence);
  expect(sentences).toEqual([
    'Batch batch-1 may not end by 06:00 (Asia/Taipei): 1 row is left, which at an assumed pace ends within a minute after it.',
    'Batch other may not end by 06:00 (Asia/Taipei): 1 row is left, which at an assumed pace ends within a minute after it.',
  ]);
});
