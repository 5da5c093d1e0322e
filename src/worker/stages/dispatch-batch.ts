import { type Handover, handoverOf } from '../../lib/batch/hand-over.ts';
import { type Batch, countEnded } from '../../lib/core/batch/batch.ts';
import { chunkOfRow, firstRowOfChunk } from '../../lib/core/batch/chunk.ts';
import { type CanaryDecision, decideCanary } from '../../lib/core/batch/decide-canary.ts';
import { type DispatchDecision, decideDispatch } from '../../lib/core/batch/decide-dispatch.ts';
import { decideBatchBudget, describeUsedUp } from '../../lib/core/budget/batch-budget.ts';
import { currentConcurrency } from '../../lib/core/gate/gate.ts';
import type { ManifestRow } from '../../lib/core/manifest/manifest.ts';
import { expiresAtOfUrl } from '../../lib/core/manifest/signatures/url-expiry.ts';
import type { DispatchJob, RowJob } from '../../lib/queue/jobs.ts';
import type { JobResult } from '../../lib/queue/queue-worker.ts';
import type { DispatchView } from '../../lib/store/batch-store.ts';
import type { WorkerContext } from '../worker-context.ts';
import { pauseBatch } from './work/pause-batch.ts';

/** Rows that one step reads, and steps of one look. A look may pass over some thousand ended rows. */
const ROWS_AT_ONCE = 250;
const STEPS_PER_LOOK = 20;

/** The latest measured speed of each batch. It only sizes the window, so each process has its own. */
interface Measured {
  ended: number;
  atMs: number;
  endedPerSecond: number;
}

const MEASURED_MS = 1_000;
/** When a batch without sessions left is checked again, in case it got some before it was paused. */
const LIMIT_LOOK_MS = 1_000;

/**
 * Stage `dispatch`: fills the next stages up to a window, then goes to the back of the line. There is one job per
 * batch and epoch, so that batches take turns.
 */
export class Dispatcher {
  readonly #context: WorkerContext;
  readonly #lastMeasured = new Map<string, Measured>();

  constructor(context: WorkerContext) {
    this.#context = context;
  }

  async dispatch(job: DispatchJob): Promise<JobResult> {
    const { batchId } = job;
    const { store, shares } = this.#context;
    const view = await store.readDispatch(batchId);
    // The batch was removed, and the batch that now has its id has its own job.
    if (view !== null && view.batch.incarnation !== job.incarnation) return { kind: 'done' };
    if (view === null || view.batch.state !== 'running' || view.epoch !== job.epoch) {
      this.#lastMeasured.delete(batchId);
      // A later epoch has its own job, which acts for the batch.
      if (view === null || view.epoch === job.epoch) await shares.withdraw(batchId);
      return { kind: 'done' };
    }
    const canary = decideCanary({
      trialRows: view.batch.options.trialRows,
      counts: view.batch.counts,
      underWay: view.underWay,
      wasResumed: view.wasResumed,
    });
    if (canary.kind === 'failed') return await this.#pauseAfterCanary(view.batch);
    const budget = decideBatchBudget(view.batch, view.underWay);
    if (budget.kind === 'used_up') return await this.#pauseAtLimit(view.batch);
    const allowed = Math.min(budget.rows, canary.kind === 'try' ? canary.atMost : budget.rows);
    const { take, nextLookMs } = await this.#decide(view, canary.kind, allowed);
    if (take > 0) await this.#handOver(view, take);
    return { kind: 'later', delayMs: nextLookMs };
  }

  async #decide(
    view: DispatchView,
    canary: CanaryDecision['kind'],
    /** Most rows that may be handed over. */
    allowed: number,
  ): Promise<DispatchDecision> {
    const { shares, aside, gateStore, gate: keeper, now } = this.#context;
    const { underWay, handedBack } = view;
    const { id: batchId, priority } = view.batch;
    const { gate } = await gateStore.read();
    const endedPerSecond = this.#measure(view);
    const begun = view.batch.rows - view.batch.counts.waiting;
    const hasMore = hasNewRows(view) || handedBack > 0;
    // A batch cannot use its share while its canary is under way, or when all of its remaining sessions are reserved.
    const isClaiming = hasMore && canary === 'continue' && allowed > 0;
    if (!isClaiming) await shares.withdraw(batchId);
    const claims = isClaiming
      ? await shares.announce(batchId, { priority, endedPerSecond, begun, underWay }, now())
      : [];
    return decideDispatch({
      batchId,
      underWay,
      aside: await aside.countOf(batchId),
      handedBack,
      atMost: hasMore ? allowed : 0,
      apiConcurrency: currentConcurrency(gate, keeper.policy),
      shares: claims,
    });
  }

  /**
   * Rows that ended per second. Over a shorter time, calls that end together by chance would look like a high speed.
   */
  #measure({ batch }: DispatchView): number {
    const ended = countEnded(batch.counts);
    const atMs = this.#context.now();
    const last = this.#lastMeasured.get(batch.id);
    const elapsedMs = last === undefined ? 0 : atMs - last.atMs;
    if (last !== undefined && elapsedMs < MEASURED_MS) return last.endedPerSecond;
    const endedPerSecond =
      last === undefined ? 0 : (Math.max(0, ended - last.ended) * 1_000) / elapsedMs;
    this.#lastMeasured.set(batch.id, { ended, atMs, endedPerSecond });
    return endedPerSecond;
  }

  async #pauseAfterCanary(batch: Batch): Promise<JobResult> {
    const { store, shares } = this.#context;
    const { id, options } = batch;
    await shares.withdraw(id);
    const [worst] = await store.readErrors(id, 1);
    const reason = `none of the first ${options.trialRows} rows got a session, mostly because: ${worst?.sample ?? 'no reason was recorded'}`;
    await pauseBatch(this.#context, batch, reason);
    return { kind: 'done' };
  }

  async #pauseAtLimit({ maxSessions, ...batch }: Batch): Promise<JobResult> {
    await this.#context.shares.withdraw(batch.id);
    const reason = describeUsedUp(maxSessions ?? 0);
    await pauseBatch(this.#context, batch, reason, 'pauseAtLimit');
    return { kind: 'later', delayMs: LIMIT_LOOK_MS };
  }

  /** Returned rows go first, then new ones from the cursor on. */
  async #handOver(view: DispatchView, take: number): Promise<void> {
    const again = await this.#context.store.readAgain(view.batch.id, take);
    if (again.length > 0) await this.#handOverAgain(view.batch, again);
    else if (hasNewRows(view)) await this.#handOverNext(view, take);
  }

  /** After a retry the cursor is before rows that ended long ago; they are skipped here. */
  async #handOverNext({ batch, cursor, reopenings }: DispatchView, take: number): Promise<void> {
    let next = cursor;
    let room = take;
    for (let steps = 0; steps < STEPS_PER_LOOK && room > 0 && next <= batch.rows; steps += 1) {
      const chunk = chunkOfRow(next);
      const skipped = next - firstRowOfChunk(chunk);
      const rows = (await this.#readRows(batch.id, chunk)).slice(
        skipped,
        skipped + Math.max(room, ROWS_AT_ONCE),
      );
      const handovers = (await this.#prepare(batch, rows)).slice(0, room);
      room -= handovers.length;
      const lastRow = room > 0 ? rows.at(-1)?.row : handovers.at(-1)?.job.row;
      if (lastRow === undefined) return;
      await this.#queue(handovers);
      // Recorded after queueing: a crash in between only queues the same jobs again, which is
      // harmless.
      await this.#context.store.markDispatched(
        batch,
        handovers.map(({ job, state }) => ({ row: job.row, state })),
        lastRow,
        reopenings,
      );
      next = lastRow + 1;
    }
  }

  async #handOverAgain(batch: Batch, numbers: number[]): Promise<void> {
    const progress = await this.#context.store.readProgressOf(batch.id, numbers);
    const wanted = new Set(numbers);
    for (const chunk of new Set(numbers.map(chunkOfRow))) {
      const rows = (await this.#readRows(batch.id, chunk)).filter(({ row }) => wanted.has(row));
      await this.#queue(
        rows.flatMap((row) => handoverOf(batch, row, progress.get(row.row) ?? null) ?? []),
      );
    }
  }

  async #readRows(batchId: string, chunk: number): Promise<ManifestRow[]> {
    const rows = await this.#context.store.readChunk(batchId, chunk);
    if (rows === null) throw new Error(`chunk ${chunk} of ${batchId} is missing`);
    return rows;
  }

  /** Leaves out rows that have an outcome or are under way. */
  async #prepare(batch: Batch, rows: ManifestRow[]): Promise<Handover[]> {
    const numbers = rows.map(({ row }) => row);
    const untouched = new Set(await this.#context.store.findUntouched(batch.id, numbers));
    return rows
      .filter(({ row }) => untouched.has(row))
      .flatMap((row) => handoverOf(batch, row, null) ?? []);
  }

  /** Within the window, addresses that expire first go first. */
  async #queue(handovers: Handover[]): Promise<void> {
    const { queues } = this.#context;
    const sorted = handovers
      .map((handover) => ({ ...handover, expiresAtMs: expiryOf(handover.job) }))
      .sort((a, b) => a.expiresAtMs - b.expiresAtMs);
    for (const stage of ['probe', 'init-selection'] as const) {
      const jobs = sorted.filter((handover) => handover.stage === stage).map(({ job }) => job);
      if (jobs.length > 0) await queues.addRows(stage, jobs);
    }
  }
}

/** In a cancelled batch, rows that had not begun have ended. */
const hasNewRows = ({ batch, cursor }: DispatchView): boolean =>
  batch.cancelledAtMs === null && cursor <= batch.rows;

const expiryOf = ({ source }: RowJob): number =>
  source.kind === 'url'
    ? (expiresAtOfUrl(source.videoUrl) ?? Number.POSITIVE_INFINITY)
    : Number.POSITIVE_INFINITY;
