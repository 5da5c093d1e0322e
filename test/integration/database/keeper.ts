import pino from 'pino';
import { vi } from 'vitest';
import { CopyStateStore } from '../../../src/lib/database/copy-state-store.ts';
import type { ResultsDatabase } from '../../../src/lib/database/results-database.ts';
import type { Notice } from '../../../src/lib/notice/notice.ts';
import { type KeptDatabase, keepDatabase } from '../../../src/worker/upkeep/keep-database.ts';
import { NOW_MS } from '../../contract/batch-store/examples.ts';
import type { DatabaseLab } from './database-lab.ts';

const HANG_MS = 90_000;

/** A worker's part of keeping a lab's database, and what it has said. */
export class Keeper implements AsyncDisposable {
  readonly notices: Notice[] = [];
  readonly lines: string[] = [];
  readonly state: CopyStateStore;
  readonly #kept: KeptDatabase;
  nowMs = NOW_MS;

  constructor({ bench }: DatabaseLab, database: ResultsDatabase) {
    this.state = new CopyStateStore(bench.redis, bench.keys);
    const send = async (notice: Notice): Promise<void> => void this.notices.push(notice);
    const write = (line: string): void => void this.lines.push(JSON.parse(line).msg);
    this.#kept = keepDatabase({
      ...bench,
      database,
      copyState: this.state,
      notices: { send },
      now: () => this.nowMs,
      log: pino({}, { write }),
    });
  }

  settle() {
    return this.#kept.settle(HANG_MS);
  }

  /** Resolves when `look` does not throw any more. */
  async until(look: () => Promise<void> | void): Promise<void> {
    await vi.waitFor(look, { timeout: HANG_MS, interval: 50 });
  }

  /** Resolves when it says that the database is in trouble, in these words. */
  async untilTrouble(words: string): Promise<void> {
    await this.until(async () => {
      const { trouble = null } = (await this.state.read()) ?? {};
      if (!trouble?.includes(words)) throw new Error(`trouble: ${trouble}`);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#kept[Symbol.asyncDispose]();
  }
}
