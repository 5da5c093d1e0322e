import { describeEnd } from '../renewal/keep-alive.ts';
import type { Batch } from './batch.ts';
import { timeInZone } from './daily-window.ts';

/** When a batch is processed and for whom, in one sentence; null when nothing was set. */
export function describeArrangements(batch: Batch, nowMs: number): string | null {
  const { keepAlive } = batch;
  const { schedule, window, finishBy, tags } = batch.arrangements;
  const parts = [
    ...(schedule === null ? [] : [`started by schedule ${schedule}`]),
    ...(window === null ? [] : [`worked on ${window.from}–${window.to} (${window.zone})`]),
    ...(finishBy === null
      ? []
      : [`to end by ${timeInZone(finishBy.atMs, finishBy.zone, nowMs)} (${finishBy.zone})`]),
    ...(keepAlive === null ? [] : [describeKeepAlive(keepAlive, nowMs)]),
    ...(tags.length === 0 ? [] : [`tagged ${tags.join(', ')}`]),
  ];
  if (parts.length === 0) return null;
  const risk = batch.riskToldAtMs === null ? '' : ', and will probably be late';
  const sentence = `${parts.join(', ')}${risk}.`;
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}

const describeKeepAlive = (keepAlive: NonNullable<Batch['keepAlive']>, nowMs: number): string =>
  `its sessions ${nowMs < keepAlive.untilMs ? 'are' : 'were'} kept alive until ${describeEnd(keepAlive)}`;
