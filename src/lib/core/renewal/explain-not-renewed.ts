import type { Batch } from '../batch/batch.ts';
import { explainNoWork, NO_WORKER } from '../batch/explain-standstill.ts';
import { explainGate } from '../gate/explain-gate.ts';
import type { Gate } from '../gate/gate.ts';
import { formatSessions } from '../in-words.ts';

interface Facts {
  batch: Batch;
  gate: Gate;
  /** Worker processes with a recent heartbeat. */
  workers: number;
  /** Why all workers that run wait for a right in Redis; null when they do not. */
  workerRefusal: string | null;
  /** By the clock of Redis. */
  nowMs: number;
}

/**
 * Why sessions that should be kept alive will expire, in a sentence or two; null when nothing prevents renewing them.
 */
export function explainNotRenewed(facts: Facts): string | null {
  const { batch, gate, nowMs } = facts;
  const { id, keepAlive, state, maxSessions, usedSessions, isOutsideWindow } = batch;
  if (keepAlive === null || nowMs >= keepAlive.untilMs || state === 'importing') return null;
  if (maxSessions !== null && usedSessions >= maxSessions) {
    return `The ${formatSessions(maxSessions)} that --max-sessions allows ${maxSessions === 1 ? 'is' : 'are'} used, so its sessions are not renewed and expire. \`kling-sessions batches set-max-sessions ${id}\` with a larger number changes that.`;
  }
  if (state === 'paused' && !isOutsideWindow) {
    return `While it is paused, its sessions are not renewed; \`kling-sessions resume ${id}\` continues it.`;
  }
  if (state === 'paused' || state === 'running') return null; // why nothing moves is said elsewhere
  const reason = explainNoWork({ ...facts, noWorker: NO_WORKER }) ?? explainGate(gate, nowMs);
  return reason === null ? null : `Its sessions are not renewed: ${reason}`;
}
