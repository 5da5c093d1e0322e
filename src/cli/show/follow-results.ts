import { once } from 'node:events';
import type { Position } from '../../lib/core/feed/position.ts';
import { redisReason } from '../../lib/redis/trouble.ts';
import { followResults } from '../../lib/results/follow-results.ts';
import { BeyondFeed } from '../../lib/results/read-results.ts';
import { createResultLines } from '../../lib/results/result-line.ts';
import { findBatch } from '../../library/find-batch.ts';
import type { Stores } from '../../library/wiring/stores.ts';
import { CliError, EXIT, type ExitCode } from '../process/exit.ts';
import { listenForStop } from '../process/signals.ts';
import type { Terminal } from '../process/terminal.ts';

interface Following {
  /** Null for all batches. */
  batchId: string | null;
  /** Null for the first change. */
  after: Position | null;
}

/** Prints rows as lines of JSON as they change, until the batch has ended or the process shuts down. */
export async function followToStdout(
  { stores, terminal }: { stores: Stores; terminal: Terminal },
  { batchId, after }: Following,
): Promise<ExitCode> {
  const batch = batchId === null ? null : await findBatch(stores.store, batchId);
  using signals = listenForStop(0);
  const reading = new AbortController();
  const signal = AbortSignal.any([signals.stopping, reading.signal]);
  // A reader that stops early, like `head`, ends the output; that is not a failure.
  process.stdout.on('error', () => reading.abort());
  const lineOf = createResultLines();
  const onTrouble = (error: Error | null): void =>
    terminal.say(
      error === null
        ? 'Redis answers again.'
        : `Redis failed: ${redisReason(error)}. Waiting for it.`,
    );
  try {
    for await (const page of followResults(stores, { from: after, batch, signal, onTrouble })) {
      const isTaken = process.stdout.write(page.map(lineOf).join(''));
      if (!isTaken) await once(process.stdout, 'drain', { signal }).catch(() => undefined);
    }
  } catch (error) {
    if (error instanceof BeyondFeed) throw new CliError(EXIT.usage, error.message);
    throw error;
  }
  return signals.stopping.aborted ? EXIT.interrupted : EXIT.ok;
}
