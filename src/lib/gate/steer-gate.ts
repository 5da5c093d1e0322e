import type { Act } from '../core/act.ts';
import { setLimits, tryNow } from '../core/gate/decide-gate.ts';
import type { Gate } from '../core/gate/gate.ts';
import type { AuditLog } from '../store/redis/audit-log.ts';
import type { GateReading, GateStore } from './gate-store.ts';

export interface GateSteering {
  gateStore: GateStore;
  audit: AuditLog;
  now: () => number;
}

/** Lets one call try now; if it succeeds, the gate opens. */
export async function openGate(context: GateSteering, act: Act): Promise<GateReading> {
  return await steer(context, act, 'opened the gate', (gate, nowMs) => tryNow(gate, nowMs));
}

/** Changes limits for all workers at once; null follows their environment again. */
export async function changeLimits(
  context: GateSteering,
  wanted: Partial<Gate['overrides']>,
  act: Act,
): Promise<GateReading> {
  return await steer(context, act, `set the limits: ${describe(wanted)}`, (gate) =>
    setLimits(gate, wanted),
  );
}

async function steer(
  { gateStore, audit, now }: GateSteering,
  { who, reason }: Act,
  what: string,
  change: (gate: Gate, nowMs: number) => Gate,
): Promise<GateReading> {
  const reading = await gateStore.update(({ gate, nowMs }) => {
    const next = change(gate, nowMs);
    return { gate: next, result: { gate: next, nowMs } };
  });
  await audit.add({ atMs: now(), who, what, reason });
  return reading;
}

function describe({
  concurrency,
  ratePerSecond,
  sessionsPerDay,
}: Partial<Gate['overrides']>): string {
  const show = (value: number | string | null): string =>
    value === null ? "the workers' own" : String(value);
  return [
    ...(concurrency === undefined ? [] : [`calls at once ${show(concurrency)}`]),
    ...(ratePerSecond === undefined ? [] : [`calls per second ${show(ratePerSecond)}`]),
    ...(sessionsPerDay === undefined
      ? []
      : [`sessions per day ${show(sessionsPerDay === 0 ? 'off' : sessionsPerDay)}`]),
  ].join(', ');
}
