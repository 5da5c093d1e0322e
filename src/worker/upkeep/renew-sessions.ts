import type { Logger } from 'pino';
import { type Batch, formatRef } from '../../lib/core/batch/batch.ts';
import { countChunks } from '../../lib/core/batch/chunk.ts';
import { currentConcurrency, type GatePolicy } from '../../lib/core/gate/gate.ts';
import { sourceOf } from '../../lib/core/manifest/check-row.ts';
import { isDue, mayRenew, renewalDueMs } from '../../lib/core/renewal/decide-renewal.ts';
import type { Outcome } from '../../lib/core/row/outcome.ts';
import { isBeingRenewed } from '../../lib/core/row/renewal.ts';
import type { GateStore } from '../../lib/gate/gate-store.ts';
import { renewalJobOf } from '../../lib/queue/jobs.ts';
import type { Queues } from '../../lib/queue/queues.ts';
import type { BatchOverview } from '../../lib/store/batch-overview.ts';
import type { BatchStore } from '../../lib/store/batch-store.ts';
import type { BatchWatch } from '../../lib/store/batch-watch.ts';
import { every } from './every.ts';
import { passOver } from './pass-over.ts';

export interface RenewalContext {
  watch: Pick<BatchWatch, 'listArranged'>;
  overview: Pick<BatchOverview, 'readSessions'>;
  store: Pick<BatchStore, 'readChunk' | 'readOutcomes' | 'readOutcomesOf'>;
  queues: Pick<Queues, 'addRows' | 'findWithoutRenewal'>;
  gateStore: Pick<GateStore, 'read'>;
  gatePolicy: GatePolicy;
  /** Whether this worker is the leader, which looks on behalf of all. */
  isLeader: () => Promise<boolean>;
  /** The clock of Redis. */
  now: () => number;
  log: Logger;
}

const LOOK_MS = 5_000;
/** Chunks of a batch that one look reads: 25,000 rows. */
const CHUNKS_PER_LOOK = 50;
/** A chunk is read again after this time in any case, because other rows may have ended meanwhile. */
const LONGEST_REST_MS = 20 * 60_000;
/** The same for a chunk with renewals under way, whose jobs may get lost. */
const SHORT_REST_MS = 10_000;
/** Renewals of a batch in the queues: as many calls as run at once, times this, and more if they end quickly. */
const LEAST_AHEAD = 4;
const MOST_QUEUED = 2_000;

/** What the leader knows about a batch whose sessions are kept alive. A new leader finds out again. */
interface Memory {
  /** Rows whose renewal was queued here and has not ended, as far as is known. */
  queued: Set<number>;
  /** How many may be in the queues. */
  window: number;
  /** When to read a chunk again. */
  nextLookMs: Map<number, number>;
  /** Where the next look begins. */
  chunk: number;
}

/**
 * Finds rows whose session is about to expire in batches whose sessions are kept alive, and queues their renewal. An
 * installation without such batches costs nothing; a batch none of whose sessions expires within 4 h costs two reads.
 */
export class SessionRenewal {
  readonly #context: RenewalContext;
  #memories = new Map<string, Memory>();

  constructor(context: RenewalContext) {
    this.#context = context;
  }

  async look(): Promise<void> {
    const { watch, log, now, isLeader } = this.#context;
    const seen = new Map<string, Memory>();
    if (await isLeader()) {
      for await (const batch of watch.listArranged()) {
        // A call that was lost is settled even if sessions are no longer kept alive.
        if (batch.renewalCalls === 0 && !mayRenew(batch, now())) continue;
        const memory = this.#memories.get(formatRef(batch)) ?? newMemory();
        seen.set(formatRef(batch), memory);
        await passOver(log, batch.id, () => this.#lookAt(batch, memory));
      }
    }
    this.#memories = seen;
  }

  async #lookAt(batch: Batch, memory: Memory): Promise<void> {
    const { overview, now } = this.#context;
    const ended = await this.#settle(batch, memory);
    await this.#resize(memory, ended);
    if (memory.queued.size >= memory.window) return;
    const room = Math.min(memory.window, budgetOf(batch)) - memory.queued.size;
    if (room <= 0 && batch.renewalCalls === 0) return;
    const { expiringSoon } = await overview.readSessions(batch.id, now());
    if (expiringSoon === 0 && batch.renewalCalls === 0) return;
    await this.#scan(batch, memory, Math.max(0, room));
  }

  /** Forgets renewals that have ended, or that wait after a failure. Returns how many. */
  async #settle(batch: Batch, { queued }: Memory): Promise<number> {
    if (queued.size === 0) return 0;
    const { queues, store } = this.#context;
    const rows = [...queued];
    const gone = new Set(await queues.findWithoutRenewal(batch, rows));
    const outcomes = await store.readOutcomesOf(batch.id, rows);
    const left = rows.filter((row) => gone.has(row) || hasFailed(outcomes.get(row)));
    for (const row of left) queued.delete(row);
    return left.length;
  }

  /** About ten seconds of work, so that the API's slots never wait for the next look. */
  async #resize(memory: Memory, ended: number): Promise<void> {
    const { gateStore, gatePolicy } = this.#context;
    const { gate } = await gateStore.read();
    const least = LEAST_AHEAD * currentConcurrency(gate, gatePolicy);
    memory.window = Math.min(Math.max(least, 2 * ended), MOST_QUEUED);
  }

  /** Without room, only lost jobs of calls under way are queued. */
  async #scan(batch: Batch, memory: Memory, room: number): Promise<void> {
    const chunks = countChunks(batch.rows);
    const nowMs = this.#context.now();
    const first = memory.chunk;
    let left = room;
    let reads = 0;
    for (let step = 0; step < chunks && reads < CHUNKS_PER_LOOK; step += 1) {
      const chunk = (first + step) % chunks;
      if ((memory.nextLookMs.get(chunk) ?? 0) > nowMs) continue;
      reads += 1;
      left -= await this.#queueChunk(batch, memory, chunk, left);
      memory.chunk = left > 0 || room === 0 ? chunk + 1 : chunk;
      if (left === 0 && room > 0) return;
    }
  }

  /** Queues at most `room` renewals of one chunk, besides those of lost calls. Returns how many. */
  async #queueChunk(batch: Batch, memory: Memory, chunk: number, room: number): Promise<number> {
    const { store, queues, now } = this.#context;
    const nowMs = now();
    const outcomes = await store.readOutcomes(batch.id, chunk);
    const begun = [...outcomes].filter(([, outcome]) => isBeingRenewed(outcome));
    const lost = await queues.findWithoutRenewal(
      batch,
      begun.map(([row]) => row),
    );
    const untilMs = mayRenew(batch, nowMs) ? (batch.keepAlive?.untilMs ?? 0) : 0;
    const due = [...outcomes].filter(
      ([row, outcome]) =>
        !memory.queued.has(row) &&
        !isBeingRenewed(outcome) &&
        !isWaiting(outcome, nowMs) &&
        isDue(outcome, row, untilMs, nowMs),
    );
    const chosen = due.slice(0, room).map(([row]) => row);
    await this.#queue(batch, chunk, new Set([...lost, ...chosen]));
    for (const row of chosen) memory.queued.add(row);
    const isLeft = due.length > chosen.length;
    const isBusy = isLeft || begun.length + chosen.length > 0;
    const nextMs = restOf(outcomes, nowMs, isBusy ? SHORT_REST_MS : LONGEST_REST_MS);
    memory.nextLookMs.set(chunk, isLeft && room > 0 ? 0 : nextMs);
    return chosen.length;
  }

  async #queue(batch: Batch, chunk: number, wanted: ReadonlySet<number>): Promise<void> {
    if (wanted.size === 0) return;
    const { store, queues } = this.#context;
    const rows = (await store.readChunk(batch.id, chunk)) ?? [];
    const jobs = rows.flatMap((row) => {
      const source = wanted.has(row.row) ? sourceOf(batch.shape, row) : null;
      return source === null ? [] : [renewalJobOf(batch, row.row, source)];
    });
    await queues.addRows('init-selection', jobs);
  }
}

const newMemory = (): Memory => ({ queued: new Set(), window: 0, nextLookMs: new Map(), chunk: 0 });

/** Sessions that the batch may still open. */
const budgetOf = ({ maxSessions, usedSessions }: Batch): number =>
  maxSessions === null ? Number.POSITIVE_INFINITY : maxSessions - usedSessions;

const hasFailed = (outcome: Outcome | undefined): boolean =>
  (outcome?.renewal?.failedAttempts.length ?? 0) > 0;

/** Its job waits in the queue before the next call; if that is lost, the row is queued again after a while. */
const LONGEST_WAIT_MS = 10 * 60_000;

function isWaiting({ renewal }: Outcome, nowMs: number): boolean {
  const lastMs = renewal?.failedAttempts.at(-1)?.atMs;
  return lastMs !== undefined && nowMs < lastMs + LONGEST_WAIT_MS;
}

/** When the first renewal that is not due yet becomes due, at most `restMs` from now. */
function restOf(outcomes: ReadonlyMap<number, Outcome>, nowMs: number, restMs: number): number {
  const later = [...outcomes]
    .map(([row, outcome]) => renewalDueMs(outcome, row))
    .filter((dueMs) => dueMs > nowMs);
  return Math.min(nowMs + restMs, ...later);
}

/** Looks every 5 s until disposed. */
export function keepRenewing(context: RenewalContext): Disposable {
  const renewal = new SessionRenewal(context);
  return every(LOOK_MS, () => renewal.look(), {
    onError: (error) => context.log.error({ err: error }, 'sessions not renewed'),
  });
}
