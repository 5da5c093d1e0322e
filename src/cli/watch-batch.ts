import { setTimeout as wait } from 'node:timers/promises';
import { type Batch, countEnded, countPending } from '../lib/core/batch.ts';
import { explainStandstill } from '../lib/core/explain-standstill.ts';
import type { Gate } from '../lib/core/gate.ts';
import { listWorkers } from '../lib/worker-registry.ts';
import type { Stores } from './stores.ts';
import { formatCount, formatTimeLeft } from './summary.ts';
import type { Terminal } from './terminal.ts';

/** How watching a batch ended. */
export type WatchEnd =
  | { kind: 'ended'; batch: Batch }
  /** It needs a person, and the caller did not want to wait for one. */
  | { kind: 'stuck'; batch: Batch; sentence: string }
  | { kind: 'interrupted'; batch: Batch };

export interface WatchOptions {
  terminal: Terminal;
  stores: Stores;
  batchId: string;
  /** Give up when the gate is blocked or the batch has paused, instead of waiting for somebody. */
  exitWhenBlocked: boolean;
  signal: AbortSignal;
}

const LOOK_MS = 250;
const LINE_EVERY_MS = 10_000;
const RATE_WINDOW_MS = 60_000;

/** Shows how a batch gets on until it ends: one live line on a terminal, a line every 10 s elsewhere. */
export async function watchBatch(options: WatchOptions): Promise<WatchEnd> {
  const { stores, batchId, signal } = options;
  const show = createProgress(options.terminal);
  for (;;) {
    const batch = await stores.store.readBatch(batchId);
    if (batch === null) throw new Error(`batch ${batchId} is gone`);
    const { gate, sentence } = await explain(stores, batch);
    show(batch, sentence);
    const end = hasEnded(batch, options);
    if (end !== null) return end;
    if (options.exitWhenBlocked && sentence !== null && needsPerson(batch, gate)) {
      return { kind: 'stuck', batch, sentence };
    }
    await wait(LOOK_MS, undefined, { signal }).catch(() => undefined);
  }
}

function hasEnded(batch: Batch, { signal }: WatchOptions): WatchEnd | null {
  if (batch.state === 'completed' || batch.state === 'cancelled') return { kind: 'ended', batch };
  return signal.aborted ? { kind: 'interrupted', batch } : null;
}

function createProgress(terminal: Terminal): (batch: Batch, sentence: string | null) => void {
  const rate = new RateMeter();
  let lastLineMs = Date.now();
  return (batch, sentence) => {
    const line = progressLine(batch, rate.measure(countEnded(batch.counts)), sentence);
    terminal.live(line);
    if (terminal.isInteractive || Date.now() - lastLineMs < LINE_EVERY_MS) return;
    terminal.say(line);
    lastLineMs = Date.now();
  };
}

/** The gate, and the one sentence for why nothing moves. */
export async function explain(
  { gateStore, redis, keys }: Stores,
  batch: Batch,
): Promise<{ gate: Gate; sentence: string | null }> {
  const [{ gate, nowMs }, workers] = await Promise.all([
    gateStore.read(),
    listWorkers(redis, keys),
  ]);
  return { gate, sentence: explainStandstill({ batch, gate, workers: workers.length, nowMs }) };
}

const needsPerson = (batch: Batch, gate: Gate): boolean =>
  gate.mode === 'blocked' || batch.state === 'paused';

function progressLine(batch: Batch, rowsPerSecond: number, sentence: string | null): string {
  const { counts, rows } = batch;
  const percent = rows === 0 ? 100 : Math.floor((countEnded(counts) / rows) * 100);
  const parts = [
    `${batch.id}  ${bar(percent)} ${percent} %`,
    `${formatCount(countEnded(counts))}/${formatCount(rows)} rows`,
    `${formatCount(counts.succeeded + counts.reused)} with session`,
  ];
  const bad = counts.rejected + counts.failed + counts.unconfirmed + counts.invalid;
  if (bad > 0) parts.push(`${formatCount(bad)} without`);
  if (sentence !== null) return [...parts, sentence].join(' · ');
  if (rowsPerSecond > 0) {
    parts.push(`${rowsPerSecond.toFixed(1)} rows/s`);
    parts.push(`${formatTimeLeft(countPending(counts) / rowsPerSecond)} left`);
  }
  return parts.join(' · ');
}

const bar = (percent: number): string => {
  const filled = Math.round(percent / 10);
  return '█'.repeat(filled) + '░'.repeat(10 - filled);
};

/** Rows per second over the last minute. */
class RateMeter {
  readonly #samples: { atMs: number; ended: number }[] = [];

  measure(ended: number): number {
    const atMs = Date.now();
    this.#samples.push({ atMs, ended });
    while ((this.#samples[0]?.atMs ?? atMs) < atMs - RATE_WINDOW_MS) this.#samples.shift();
    const first = this.#samples[0];
    if (first === undefined || atMs - first.atMs < 500) return 0;
    return ((ended - first.ended) * 1_000) / (atMs - first.atMs);
  }
}
