import { setTimeout as wait } from 'node:timers/promises';
import type { BatchStatus } from '../../lib/batch/batch-status.ts';
import { type Batch, isEnded } from '../../lib/core/batch/batch.ts';
import type { Terminal } from '../process/terminal.ts';
import { readStatusOf } from '../wiring/batch-status.ts';
import type { Stores } from '../wiring/stores.ts';
import { describeLive, describeProgress } from './live-status.ts';

/** How watching a batch ended. */
export type WatchEnd =
  | { kind: 'ended'; batch: Batch }
  /** A person is needed, and the caller did not want to wait for one. */
  | { kind: 'stuck'; batch: Batch; sentence: string }
  | { kind: 'interrupted'; batch: Batch };

export interface WatchOptions {
  terminal: Terminal;
  stores: Stores;
  batchId: string;
  /** Stop waiting when the gate is blocked or the batch has paused. This is the default without a terminal. */
  exitWhenBlocked: boolean | undefined;
  signal: AbortSignal;
  /** Why this process, which is a worker itself, waits for Redis; null when it does not. */
  trouble?: () => string | null;
}

const LOOK_MS = 250;
const LINE_EVERY_MS = 10_000;
const TROUBLE_LOOK_MS = 500;

/** Shows the progress of a batch until it ends: live on a terminal, one line every 10 s elsewhere. */
export async function watchBatch(options: WatchOptions): Promise<WatchEnd> {
  const { stores, batchId, signal } = options;
  const progress = createProgress(options.terminal);
  let last: BatchStatus | null = null;
  const show = (): void => {
    if (last !== null) progress(withTrouble(last, options.trouble?.() ?? null));
  };
  // Without Redis the status cannot be updated, so the output must say why.
  using _crier = every(TROUBLE_LOOK_MS, () => {
    if (options.trouble?.() != null) show();
  });
  for (;;) {
    const picture = await readStatusOf(stores, batchId);
    last = picture;
    show();
    const end = endOf(picture, options);
    if (end !== null) return end;
    await wait(LOOK_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** Redis has no heartbeat of a worker whose writes it refuses, although that worker runs. */
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
  const { batch, gate, gateNowMs, standstill } = picture;
  if (isEnded(batch.state)) return { kind: 'ended', batch };
  if (signal.aborted) return { kind: 'interrupted', batch };
  // Not while a trial call finds out whether a blocked gate may open.
  const isBlocked = gate.mode === 'blocked' && gateNowMs < (gate.untilMs ?? 0);
  const needsPerson = isBlocked || (batch.state === 'paused' && !batch.isOutsideWindow);
  if (!exitWhenBlocked || !needsPerson || standstill === null) return null;
  return { kind: 'stuck', batch, sentence: standstill };
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
