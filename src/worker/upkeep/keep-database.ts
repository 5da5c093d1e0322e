import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from 'pino';
import {
  afterPage,
  afterTrouble,
  type CopyState,
  countBehind,
  describeCopy,
  NOTHING_COPIED,
} from '../../lib/core/feed/copy-state.ts';
import { BatchCopier } from '../../lib/database/copy-batches.ts';
import { type CopyProgress, ResultsCopier } from '../../lib/database/copy-results.ts';
import type { CopyStateStore } from '../../lib/database/copy-state-store.ts';
import { DatabaseTrouble } from '../../lib/database/database-trouble.ts';
import type { CopyContext } from '../../lib/database/gather-page.ts';
import type { Notices } from '../../lib/notice/notice.ts';
import type { BatchOverview } from '../../lib/store/batch-overview.ts';
import { every } from './every.ts';

export interface DatabaseContext extends CopyContext {
  copyState: CopyStateStore;
  overview: Pick<BatchOverview, 'listBatches'>;
  notices: Notices;
  /** The clock of Redis. */
  now: () => number;
  log: Logger;
}

export interface KeptDatabase extends AsyncDisposable {
  /** Resolves with the progress when everything was copied, when there is trouble, or after `longestMs`. */
  settle(longestMs: number): Promise<CopyState>;
}

const LOOK_MS = 500;
/** Another worker takes over after this time without a sign of life. */
const LEASE_MS = 15_000;
const LONGEST_ENDING_MS = 1_000;
const BATCHES_MS = 10_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
/** A database that is behind for this long causes a notice. */
const TOLD_AFTER_MS = 300_000;

/** Keeps the results database up to date, with one worker at a time, until disposed. */
export function keepDatabase(context: DatabaseContext): KeptDatabase {
  const keeper = new DatabaseKeeper(context);
  const repeated = every(LOOK_MS, () => keeper.look(), {
    onError: (error) => context.log.error({ err: error }, 'results database not kept'),
    isAtOnce: true,
  });
  return {
    settle: (longestMs) => keeper.settle(longestMs),
    [Symbol.asyncDispose]: async () => {
      repeated[Symbol.dispose]();
      await keeper.stop();
      // Without Redis neither call ends; the lease expires by itself.
      const ending = repeated.idle().then(() => keeper.release());
      await Promise.race([ending, wait(LONGEST_ENDING_MS, undefined, { ref: false })]);
    },
  };
}

class DatabaseKeeper {
  readonly #context: DatabaseContext;
  readonly #me = randomUUID();
  readonly #copier: ResultsCopier;
  readonly #stopping = new AbortController();
  #state: CopyState = NOTHING_COPIED;
  #lookAgainAtMs = 0;
  #failures = 0;
  readonly #batches: BatchCopier;
  #batchesAtMs = Number.NEGATIVE_INFINITY;

  constructor(context: DatabaseContext) {
    this.#context = context;
    this.#copier = new ResultsCopier(context);
    this.#batches = new BatchCopier(context);
  }

  async look(): Promise<void> {
    const { copyState } = this.#context;
    if (this.#stopping.signal.aborted || performance.now() < this.#lookAgainAtMs) return;
    if (!(await copyState.hold(this.#me, LEASE_MS))) return;
    const known = (await copyState.read()) ?? NOTHING_COPIED;
    this.#state = { ...known, place: this.#context.database.place };
    try {
      await this.#copy();
      this.#settleTrouble();
    } catch (error) {
      if (!(error instanceof DatabaseTrouble)) throw error;
      if (this.#stopping.signal.aborted) return;
      await this.#fail(error);
    }
    await this.#tellIfLate();
  }

  async #copy(): Promise<void> {
    const { now, copyState } = this.#context;
    let lookedAtMs = now();
    const onCopied = async ({ position, batches, isAtEnd }: CopyProgress): Promise<void> => {
      this.#batches.noteStored(batches);
      const next = afterPage(this.#state, position, isAtEnd ? lookedAtMs : null, now());
      lookedAtMs = now();
      this.#state = next;
      await copyState.write(next);
      await copyState.hold(this.#me, LEASE_MS);
    };
    await this.#copier.copyToEnd({ signal: this.#stopping.signal, onCopied });
    if (performance.now() - this.#batchesAtMs <= BATCHES_MS) return;
    // The feed lacks changes that change no row, such as a pause.
    await this.#batches.copyChanged((changed) => this.#copier.writeBatches(changed));
    this.#batchesAtMs = performance.now();
  }

  #settleTrouble(): void {
    if (this.#failures > 0) this.#context.log.info('results database is back');
    this.#failures = 0;
  }

  async #fail(error: DatabaseTrouble): Promise<void> {
    const { log, copyState, now } = this.#context;
    const isNew = this.#failures === 0 || this.#state.trouble !== error.message;
    this.#failures += 1;
    this.#lookAgainAtMs =
      performance.now() + Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (this.#failures - 1));
    this.#state = afterTrouble(this.#state, error.message, now());
    if (isNew) {
      const fields = { kind: error.kind, reason: error.message };
      if (error.kind === 'away') log.warn(fields, 'results database lost, waiting for it');
      else log.error(fields, 'results database takes nothing, waiting for it');
    }
    await copyState.write(this.#state);
    await copyState.release(this.#me); // the way from another machine may be a better one
  }

  async #tellIfLate(): Promise<void> {
    const { notices, feed, now } = this.#context;
    const { behindSinceMs: sinceMs } = this.#state;
    if (sinceMs === null || now() - sinceMs < TOLD_AFTER_MS) return;
    const sentence = describeCopy(this.#state, await feed.readLatest());
    await notices.send({ kind: 'database_behind', sinceMs, sentence });
  }

  async settle(longestMs: number): Promise<CopyState> {
    const untilMs = performance.now() + longestMs;
    while (performance.now() < untilMs) {
      const latest = await this.#context.feed.readLatest();
      const state = (await this.#context.copyState.read()) ?? NOTHING_COPIED;
      if (state.trouble !== null || countBehind(state, latest) === 0) return state;
      await wait(LOOK_MS);
    }
    return this.#state;
  }

  /** Work under way ends at once; the next worker copies what the database has not confirmed. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#context.database[Symbol.asyncDispose]();
  }

  async release(): Promise<void> {
    await this.#context.copyState.release(this.#me).catch(() => undefined);
  }
}
