import { othersOf, readPace } from '../../lib/batch/read-pace.ts';
import {
  ASSUMED_CALL_S,
  assumedRowsPerSecond,
  type Pace,
} from '../../lib/core/gate/estimate-turn.ts';
import { explainGate } from '../../lib/core/gate/explain-gate.ts';
import type { GateLimits } from '../../lib/core/gate/gate.ts';
import { formatNumber } from '../../lib/core/in-words.ts';
import { isMissingRight } from '../../lib/redis/trouble.ts';
import { RedisUnusable } from '../../lib/redis/unusable.ts';
import type { Settings } from '../../lib/settings/settings.ts';
import { listWorkers } from '../../lib/store/redis/worker-registry.ts';
import { SettingsError } from '../../library/errors/settings-error.ts';
import { limitsOf } from '../../library/wiring/gate-policy.ts';
import { openReadings } from '../../library/wiring/stores.ts';

/** How many rows per second a batch would get, and how this is known. */
export interface PresentPace extends Pace {
  basis: 'measured' | 'assumed';
  /** The basis in words. */
  explanation: string;
  /** Why nothing would move now; null when nothing is in the way. */
  obstacle: string | null;
}

/**
 * For a batch of this priority that would start now. Only reads. Without Redis, the pace is assumed. Throws when
 * Redis fails in the middle.
 */
export async function readPresentPace(settings: Settings, priority: number): Promise<PresentPace> {
  await using readings = await openReadings(settings, 'kling-sessions-plan').catch(nullIfNotUsable);
  const limits = limitsOf(settings);
  if (readings === null) {
    return {
      ...assume(limits, 'because Redis cannot be reached'),
      priority,
      others: [],
      obstacle: null,
    };
  }
  const { redis, keys, overview, gateStore } = readings;
  const sources = { overview, gateStore, listWorkers: () => listWorkers(redis, keys), limits };
  const { measuredRowsPerSecond, inForce, running, gate, nowMs } = await readPace(sources);
  const speed =
    measuredRowsPerSecond > 0
      ? measured(measuredRowsPerSecond)
      : assume(inForce, 'because nothing is running that could be measured');
  const others = othersOf(running);
  return {
    ...speed,
    explanation: speed.explanation + sharedWith(others),
    priority,
    others,
    obstacle: explainGate(gate, nowMs),
  };
}

type Speed = Pick<PresentPace, 'basis' | 'rowsPerSecond' | 'explanation'>;

const measured = (rowsPerSecond: number): Speed => ({
  basis: 'measured',
  rowsPerSecond,
  explanation: `at ${formatRate(rowsPerSecond)}, the pace of the last minute`,
});

function assume(limits: GateLimits, why: string): Speed {
  const rowsPerSecond = assumedRowsPerSecond(limits);
  const calls = `${limits.concurrency} calls at once of ${ASSUMED_CALL_S} s each`;
  return {
    basis: 'assumed',
    rowsPerSecond,
    explanation: `at ${formatRate(rowsPerSecond)}, assuming ${calls}, ${why}`,
  };
}

/** For what is said only if Redis can be read. */
export function nullIfNotUsable(error: unknown): null {
  const isRefused = error instanceof Error && isMissingRight(error);
  if (isRefused || error instanceof RedisUnusable || error instanceof SettingsError) return null;
  throw error;
}

const formatRate = (rowsPerSecond: number): string => `${Number(rowsPerSecond.toFixed(2))} rows/s`;

function sharedWith(others: Pace['others']): string {
  if (others.length === 0) return '';
  const rows = formatNumber(
    others.reduce((sum, { pending }) => sum + pending, 0),
    'unfinished row',
  );
  return others.length === 1
    ? `, shared with a batch of ${rows}`
    : `, shared with ${others.length} batches of ${rows} together`;
}
