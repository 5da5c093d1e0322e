import type { Logger } from 'pino';
import type { ActivityLog } from '../../lib/activity/activity-log.ts';
import type { Timeline } from '../../lib/activity/timeline.ts';
import { noActivity } from '../../lib/core/activity.ts';
import { currentConcurrency, type Gate, type GatePolicy } from '../../lib/core/gate/gate.ts';
import type { GateStore } from '../../lib/gate/gate-store.ts';
import { every } from './every.ts';

export interface GateWatchContext {
  gateStore: Pick<GateStore, 'read' | 'countCalls'>;
  gatePolicy: GatePolicy;
  activity: ActivityLog;
  timeline: Timeline;
  /** Whether this worker is the leader, which looks on behalf of all. */
  isLeader: () => Promise<boolean>;
  log: Logger;
}

const LOOK_MS = 5_000;

/** Looks every 5 s, until disposed, at how many calls may run and do run, and at what the gate has done. */
export function keepWatchingGate(context: GateWatchContext): Disposable {
  let known: string | null = null;
  const look = async (): Promise<void> => {
    if (!(await context.isLeader())) return;
    const { gateStore, activity, timeline, gatePolicy } = context;
    const [{ gate, nowMs }, used] = await Promise.all([gateStore.read(), gateStore.countCalls()]);
    const allowed = gate.mode === 'open' ? currentConcurrency(gate, gatePolicy) : 0;
    const sample = { samples: 1, callsAllowed: allowed, callsUsed: used };
    await activity.add({ ...noActivity(), ...sample }, nowMs);
    // A gate that was never closed has no record; the time of the reading is used for it.
    const state = gate.mode === 'open' ? 'open' : `${gate.mode} ${gate.sinceMs}`;
    if (state === known) return;
    const isNews = gate.mode !== 'open' || known !== null;
    // The same mark again, from another leader, changes nothing.
    if (isNews) await timeline.add(markOf(gate));
    known = state;
  };
  return every(LOOK_MS, look, {
    onError: (error) => context.log.debug({ err: error }, 'activity not noted'),
  });
}

const markOf = ({ mode, sinceMs, cause }: Gate) => ({
  atMs: sinceMs,
  kind: 'gate' as const,
  what: mode === 'open' || cause === null ? `gate ${mode}` : `gate ${mode}: ${cause.code}`,
});
