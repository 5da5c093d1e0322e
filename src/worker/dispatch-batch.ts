import { type Batch, countEnded } from '../lib/core/batch.ts';
import { checkRow } from '../lib/core/check-row.ts';
import { chunkOfRow, firstRowOfChunk } from '../lib/core/chunk.ts';
import { decideCanary } from '../lib/core/decide-canary.ts';
import { decideDispatch } from '../lib/core/decide-dispatch.ts';
import { currentConcurrency } from '../lib/core/gate.ts';
import type { ManifestRow } from '../lib/core/manifest.ts';
import type { PendingState } from '../lib/core/row.ts';
import type { RowProgress } from '../lib/core/row-progress.ts';
import { expiresAtOfUrl } from '../lib/core/url-expiry.ts';
import type { DispatchJob, RowJob, StageResult } from '../lib/queue/queues.ts';
import type { DispatchView } from '../lib/store/batch-store.ts';
import type { WorkerContext } from './worker-context.ts';

/** Rows that are looked at in one step, and steps of one look: it may pass over some thousand ended rows. */
const ROWS_AT_ONCE = 250;
const STEPS_PER_LOOK = 20;

/** A row on its way into a stage. */
interface Handover {
  job: RowJob;
  stage: 'probe' | 'init-selection';
  /** The row's state once it is there. */
  state: PendingState;
}

/** How far a batch had come at the last look; only makes the window fit, so each process has its own. */
interface LastLook {
  ended: number;
  atMs: number;
}

/**
 * Stage `dispatch`: tops the next stages up to a window, then goes to the back of the line. One job per
 * batch and epoch, so that batches take turns.
 */
export class Dispatcher {
  readonly #context: WorkerContext;
  readonly #lastLooks = new Map<string, LastLook>();

  constructor(context: WorkerContext) {
    this.#context = context;
  }

  async dispatch(job: DispatchJob): Promise<StageResult> {
    const { batchId } = job;
    const { store, shares } = this.#context;
    const view = await store.readDispatch(batchId);
    if (view === null || view.batch.state !== 'running' || view.epoch !== job.epoch) {
      this.#lastLooks.delete(batchId);
      if (view?.epoch === job.epoch) await shares.withdraw(batchId);
      return { kind: 'done' };
    }
    const { take, nextLookMs } = await this.#decide(view);
    const canary = decideCanary({
      canaryRows: view.batch.options.canaryRows,
      counts: view.batch.counts,
      underWay: view.underWay,
      wasResumed: view.epoch > 0,
    });
    if (canary.kind === 'failed') return await this.#pauseAfterCanary(view.batch);
    const atMost = canary.kind === 'try' ? Math.min(take, canary.atMost) : take;
    if (atMost > 0) await this.#handOver(view, atMost);
    return { kind: 'later', delayMs: nextLookMs };
  }

  async #decide(view: DispatchView): Promise<ReturnType<typeof decideDispatch>> {
    const { shares, gateStore, gatePolicy, now } = this.#context;
    const { id: batchId, priority } = view.batch;
    const { gate } = await gateStore.read();
    const endedPerSecond = this.#measure(view);
    const hasMore = view.cursor <= view.batch.rows || view.handedBack > 0;
    if (!hasMore) await shares.withdraw(batchId);
    const claims = hasMore
      ? await shares.announce({ batchId, priority, endedPerSecond }, now())
      : [];
    const apiConcurrency = currentConcurrency(gate, gatePolicy);
    return decideDispatch({ batchId, underWay: view.underWay, apiConcurrency, shares: claims });
  }

  /** Rows that ended per second since the last look. */
  #measure({ batch }: DispatchView): number {
    const look = { ended: countEnded(batch.counts), atMs: this.#context.now() };
    const last = this.#lastLooks.get(batch.id) ?? look;
    this.#lastLooks.set(batch.id, look);
    const elapsedS = (look.atMs - last.atMs) / 1_000;
    return elapsedS > 0 ? Math.max(0, look.ended - last.ended) / elapsedS : 0;
  }

  async #pauseAfterCanary({ id, options }: Batch): Promise<StageResult> {
    const { store, log, now } = this.#context;
    const [worst] = await store.readErrors(id, 1);
    const reason = `none of the first ${options.canaryRows} rows got a session, mostly because: ${worst?.sample ?? 'no reason was recorded'}`;
    const state = await store.changeState(id, 'pause', reason, now());
    if (state === 'paused') log.error({ batch: id, reason }, 'batch paused itself');
    return { kind: 'done' };
  }

  /** Rows that were handed back go first, then new ones from the cursor on. */
  async #handOver(view: DispatchView, take: number): Promise<void> {
    const again = await this.#context.store.readAgain(view.batch.id, take);
    if (again.length > 0) await this.#handOverAgain(view.batch, again);
    else await this.#handOverNext(view, take);
  }

  /** After a retry the cursor stands before rows that have ended long ago: they are passed over here. */
  async #handOverNext({ batch, cursor }: DispatchView, take: number): Promise<void> {
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
      // After queueing: a crash in between queues the same jobs once more, which is harmless.
      await this.#context.store.markDispatched(
        batch.id,
        handovers.map(({ job, state }) => ({ row: job.row, state })),
        lastRow,
      );
      next = lastRow + 1;
    }
  }

  async #handOverAgain(batch: Batch, numbers: number[]): Promise<void> {
    const progress = await this.#context.store.readProgressOf(batch.id, numbers);
    const wanted = new Set(numbers);
    for (const chunk of new Set(numbers.map(chunkOfRow))) {
      const rows = (await this.#readRows(batch.id, chunk)).filter(({ row }) => wanted.has(row));
      const handovers = rows.flatMap((row) => handoverOf(batch, row));
      await this.#queue(handovers.map((handover) => resume(handover, progress)));
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
    return rows.filter(({ row }) => untouched.has(row)).flatMap((row) => handoverOf(batch, row));
  }

  /** Within the window, addresses that expire soonest go first. */
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

/** Nothing for a malformed row, whose outcome the import has recorded. */
function handoverOf({ id, shape }: Batch, row: ManifestRow): Handover[] {
  const checked = checkRow(shape, row);
  if (!checked.ok) return [];
  const { source } = checked;
  const job: RowJob = { batchId: id, row: row.row, source };
  return source.kind === 'kling'
    ? [{ job, stage: 'init-selection', state: 'ready' }]
    : [{ job, stage: 'probe', state: 'probing' }];
}

/** A row that was probed before it was handed back need not be probed again. */
function resume(handover: Handover, progress: Map<number, RowProgress>): Handover {
  const isProbed = progress.get(handover.job.row)?.video != null;
  return isProbed ? { ...handover, stage: 'init-selection' } : handover;
}

const expiryOf = ({ source }: RowJob): number =>
  source.kind === 'url'
    ? (expiresAtOfUrl(source.videoUrl) ?? Number.POSITIVE_INFINITY)
    : Number.POSITIVE_INFINITY;
