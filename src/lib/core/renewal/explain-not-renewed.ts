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
  /** How many sessions should have been renewed by now (`areKeptAlive`). */
  late: number;
}

export const FAILED_OR_SLOW = 'Calls failed, or could not begin in time; the rows say why.';

/** Why sessions that should be kept alive will expire, in a sentence or two; null when none will, as far as is known. */
export function explainNotRenewed(facts: Facts): string | null {
  const { late } = facts;
  const obstacle = explainObstacle(facts);
  if (obstacle !== null || late === 0) return obstacle;
  return `${formatSessions(late)} to be kept alive ${late === 1 ? 'expires' : 'expire'} within ten minutes. ${FAILED_OR_SLOW}`;
}

/** What prevents renewing; null for nothing. */
export function explainObstacle(facts: Omit<Facts, 'late'>): string | null {
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
