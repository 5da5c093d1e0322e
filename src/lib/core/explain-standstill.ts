import { type Batch, countPending } from './batch.ts';
import { explainGate } from './explain-gate.ts';
import type { Gate } from './gate.ts';

export interface StandstillFacts {
  batch: Batch;
  gate: Gate;
  /** Worker processes that gave a sign of life. */
  workers: number;
  /** By the clock of Redis. */
  nowMs: number;
}

/** Why nothing moves, in one sentence; null when the batch has ended or is moving. The first reason met counts. */
export function explainStandstill({ batch, gate, workers, nowMs }: StandstillFacts): string | null {
  switch (batch.state) {
    case 'completed':
    case 'cancelled':
      return null;
    case 'importing':
      return 'The import has not finished; the same import command resumes it.';
    case 'paused':
      return `Paused: ${batch.stateReason ?? 'no reason was given'}; \`kling-sessions resume ${batch.id}\` goes on.`;
    case 'running':
    case 'cancelling':
      if (countPending(batch.counts) === 0) return null;
      if (workers === 0) return 'No worker is running; `kling-sessions worker` starts one.';
      return explainGate(gate, nowMs);
  }
}
