import type { BatchStatus } from '../../lib/batch/batch-status.ts';
import { type Batch, isEnded } from '../../lib/core/batch/batch.ts';
import type { Settings } from '../../lib/settings/settings.ts';
import { findStuck, followStatus } from '../../library/watching/follow-status.ts';
import { readStatusOf } from '../../library/wiring/batch-status.ts';
import type { Stores } from '../../library/wiring/stores.ts';
import type { Terminal } from '../process/terminal.ts';
import { describeLive, describeProgress } from './live-status.ts';

/** How watching a batch ended. */
export type WatchEnd =
  | { kind: 'ended'; batch: Batch }
  /** A person is needed, or the day's sessions are used up, and the caller did not want to wait. */
  | { kind: 'stuck'; batch: Batch; sentence: string; isUntilNextDay: boolean }
  | { kind: 'interrupted'; batch: Batch };

export interface WatchOptions {
  terminal: Terminal;
  stores: Stores;
  /** Whose limits apply where no worker runs. */
  settings: Settings;
  batchId: string;
  /**
   * Stop waiting when the gate is blocked, the batch has paused, or the sessions of the day are used. This is the
   * default without a terminal.
   */
  exitWhenBlocked: boolean | undefined;
  signal: AbortSignal;
  /** Why this process, which is a worker itself, waits for Redis; null when it does not. */
  trouble?: () => string | null;
}

const LINE_EVERY_MS = 10_000;
const TROUBLE_LOOK_MS = 500;

/** Shows the progress of a batch until it ends: live on a terminal, one line every 10 s elsewhere. */
export async function watchBatch(options: WatchOptions): Promise<WatchEnd> {
  const { stores, settings, batchId, signal } = options;
  const progress = createProgress(options.terminal);
  let last: BatchStatus | null = null;
  const show = (): void => {
    if (last !== null) progress(withTrouble(last, options.trouble?.() ?? null));
  };
  // Without Redis the status cannot be updated, so the output must say why.
  using _crier = every(TROUBLE_LOOK_MS, () => {
    if (options.trouble?.() != null) show();
  });
  const read = (): Promise<BatchStatus> => readStatusOf(stores, settings, batchId);
  for await (const status of followStatus(read, signal)) {
    last = status;
    show();
    const end = endOf(status, options);
    if (end !== null) return end;
  }
  throw new Error('a batch was followed beyond its end');
}

/** A running worker has no heartbeat in Redis if Redis refuses its writes. */
const withTrouble = (picture: BatchStatus, trouble: string | null): BatchStatus =>
  trouble === null ? picture : { ...picture, standstill: `Waiting for Redis: ${trouble}.` };

function every(periodMs: number, act: () => void): Disposable {
  const timer = setInterval(act, periodMs);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

function endOf(
  picture: BatchStatus,
  { terminal, signal, exitWhenBlocked = !terminal.isInteractive }: WatchOptions,
): WatchEnd | null {
  const { batch } = picture;
  if (isEnded(batch.state)) return { kind: 'ended', batch };
  if (signal.aborted) return { kind: 'interrupted', batch };
  const stuck = exitWhenBlocked ? findStuck(picture) : null;
  return stuck && { kind: 'stuck', batch, ...stuck };
}

function createProgress(terminal: Terminal): (picture: BatchStatus) => void {
  let lastLineMs = Date.now();
  return (picture) => {
    terminal.live(...describeLive(terminal, picture));
    if (terminal.isInteractive || Date.now() - lastLineMs < LINE_EVERY_MS) return;
    terminal.say(describeProgress(picture));
    lastLineMs = Date.now();
  };
}
