import { randomUUID } from 'node:crypto';
import { isRedisTrouble } from '../redis/trouble.ts';
import { UnreadableRecord } from '../store/unreadable-record.ts';
import { type BulkContext, takeStep } from './run-bulk.ts';

/**
 * Carries out bulk actions. Every worker and every dashboard has one; a lease lets one of them carry out an action,
 * and another take it over when that process is gone.
 */
export class BulkRunner {
  readonly #context: BulkContext;
  readonly #me = randomUUID();
  readonly #ending = new AbortController();

  constructor(context: BulkContext) {
    this.#context = context;
  }

  /** Carries out everything that is under way and that no other process has, until it has ended. */
  async look(): Promise<void> {
    const { bulk } = this.#context;
    for (const id of await bulk.listUnderWay()) {
      if (this.#ending.signal.aborted) return;
      if (await bulk.hold(id, this.#me)) await this.#carryOut(id);
    }
  }

  /** Ends after the current step. */
  stop(): void {
    this.#ending.abort();
  }

  async #carryOut(id: string): Promise<void> {
    const { bulk, log } = this.#context;
    try {
      while (!this.#ending.signal.aborted && (await this.#step(id)));
    } catch (error) {
      if (isRedisTrouble(error)) throw error;
      log.error({ err: error, bulk: id }, 'bulk action failed');
      // It would fail again and again. Its page shows how far it got.
      if (error instanceof UnreadableRecord) await bulk.forget(id);
      else await bulk.stop(id, 'an unexpected error; the log has more');
    } finally {
      await bulk.release(id, this.#me).catch(() => undefined);
    }
  }

  /** False when it does not continue in this process. */
  async #step(id: string): Promise<boolean> {
    const { bulk } = this.#context;
    const action = await bulk.read(id);
    if (action === null) await bulk.forget(id);
    if (action?.state !== 'running' || !(await bulk.hold(id, this.#me))) return false;
    using _held = this.#keepHolding(id);
    return await bulk.advance(id, action.position, await takeStep(this.#context, action));
  }

  /** For a step that takes long, such as the retry of a million rows. If it fails, `advance` counts a step once. */
  #keepHolding(id: string): Disposable {
    const timer = setInterval(() => {
      void this.#context.bulk.hold(id, this.#me).catch(() => undefined);
    }, RENEW_MS);
    return { [Symbol.dispose]: () => clearInterval(timer) };
  }
}

const RENEW_MS = 5_000;
