import { checkRow } from '../lib/core/check-row.ts';
import { chunkOfRow, firstRowOfChunk } from '../lib/core/chunk.ts';
import { decideDispatch } from '../lib/core/decide-dispatch.ts';
import { currentConcurrency } from '../lib/core/gate.ts';
import type { ManifestRow } from '../lib/core/manifest.ts';
import type { PendingState } from '../lib/core/row.ts';
import type { RowProgress } from '../lib/core/row-progress.ts';
import { expiresAtOfUrl } from '../lib/core/url-expiry.ts';
import type { DispatchJob, RowJob, StageResult } from '../lib/queue/queues.ts';
import type { DispatchView } from '../lib/store/batch-store.ts';
import type { WorkerContext } from './worker-context.ts';

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
    const view = await this.#context.store.readDispatch(batchId);
    if (view === null || view.state !== 'running' || view.epoch !== job.epoch) {
      this.#lastLooks.delete(batchId);
      return { kind: 'done' };
    }
    const { take, nextLookMs } = await this.#decide(batchId, view);
    if (take > 0) await this.#handOver(batchId, view, take);
    return { kind: 'later', delayMs: nextLookMs };
  }

  async #decide(batchId: string, view: DispatchView): Promise<ReturnType<typeof decideDispatch>> {
    const { gateStore, gatePolicy, now } = this.#context;
    const { gate } = await gateStore.read();
    const look = { ended: view.ended, atMs: now() };
    const last = this.#lastLooks.get(batchId) ?? look;
    this.#lastLooks.set(batchId, look);
    const elapsedS = (look.atMs - last.atMs) / 1_000;
    return decideDispatch({
      underWay: view.underWay,
      apiConcurrency: currentConcurrency(gate, gatePolicy),
      endedPerSecond: elapsedS > 0 ? (look.ended - last.ended) / elapsedS : 0,
    });
  }

  /** Rows that were handed back go first, then new ones from the cursor on, to the end of its chunk at most. */
  async #handOver(batchId: string, view: DispatchView, take: number): Promise<void> {
    const { store } = this.#context;
    const again = await store.readAgain(batchId, take);
    if (again.length > 0) return await this.#handOverAgain(batchId, again);
    if (view.cursor > view.rows) return;
    const chunk = chunkOfRow(view.cursor);
    const rows = await this.#readRows(batchId, chunk);
    const skipped = view.cursor - firstRowOfChunk(chunk);
    const next = rows.slice(skipped, skipped + take);
    const lastRow = next.at(-1)?.row;
    if (lastRow === undefined) return;
    const handovers = await this.#prepare(batchId, next);
    await this.#queue(handovers);
    // After queueing: a crash in between queues the same jobs once more, which is harmless.
    await store.markDispatched(
      batchId,
      handovers.map(({ job, state }) => ({ row: job.row, state })),
      lastRow,
    );
  }

  async #handOverAgain(batchId: string, numbers: number[]): Promise<void> {
    const progress = await this.#context.store.readProgressOf(batchId, numbers);
    const chunks = new Set(numbers.map(chunkOfRow));
    const wanted = new Set(numbers);
    for (const chunk of chunks) {
      const rows = (await this.#readRows(batchId, chunk)).filter(({ row }) => wanted.has(row));
      const handovers = await this.#prepare(batchId, rows);
      await this.#queue(handovers.map((handover) => resume(handover, progress)));
    }
  }

  async #readRows(batchId: string, chunk: number): Promise<ManifestRow[]> {
    const rows = await this.#context.store.readChunk(batchId, chunk);
    if (rows === null) throw new Error(`chunk ${chunk} of ${batchId} is missing`);
    return rows;
  }

  /** Leaves out rows that have an outcome: those that import found invalid or repeated. */
  async #prepare(batchId: string, rows: ManifestRow[]): Promise<Handover[]> {
    const { store } = this.#context;
    const [batch, outcomes] = await Promise.all([
      store.readBatch(batchId),
      store.readOutcomesOf(
        batchId,
        rows.map(({ row }) => row),
      ),
    ]);
    if (batch === null) return [];
    return rows
      .filter(({ row }) => !outcomes.has(row))
      .flatMap((row) => {
        const checked = checkRow(batch.shape, row);
        return checked.ok ? [handoverOf({ batchId, row: row.row, source: checked.source })] : [];
      });
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

function handoverOf(job: RowJob): Handover {
  return job.source.kind === 'kling'
    ? { job, stage: 'init-selection', state: 'ready' }
    : { job, stage: 'probe', state: 'probing' };
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
