import type { Logger } from 'pino';
import { explainGate } from '../../lib/core/gate/explain-gate.ts';
import type { Gate } from '../../lib/core/gate/gate.ts';
import type { GateReading } from '../../lib/gate/gate-store.ts';

/** One line for a whole event, from the process whose answer caused it. */
export function logGateChange(log: Logger, before: Gate, { gate, nowMs }: GateReading): void {
  const isNews =
    before.mode !== gate.mode || (before.generation !== gate.generation && gate.mode !== 'open');
  if (!isNews) return;
  const fields = { sentence: explainGate(gate, nowMs), cause: gate.cause ?? undefined };
  if (gate.mode === 'open') log.info(fields, 'gate opened');
  else if (gate.mode === 'closed') log.warn(fields, 'gate closed');
  else if (before.mode === 'blocked') log.warn(fields, 'trial call failed');
  else log.error(fields, 'gate blocked');
}
