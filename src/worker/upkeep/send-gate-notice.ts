import { isClosedForDay } from '../../lib/core/gate/day-limit.ts';
import { explainGate } from '../../lib/core/gate/explain-gate.ts';
import type { GateStore } from '../../lib/gate/gate-store.ts';
import type { Notices } from '../../lib/notice/notice.ts';

/**
 * Sends a notice that the gate is blocked, or closed because the sessions of the day are used up: once for the whole
 * event, however many workers see it and however often a trial call fails.
 */
export async function sendGateNotice(context: {
  gateStore: GateStore;
  notices: Notices;
}): Promise<void> {
  const { gate, nowMs } = await context.gateStore.read();
  const sentence = explainGate(gate, nowMs) ?? '';
  const { sinceMs, untilMs, cause } = gate;
  if (gate.mode === 'blocked') {
    const code = cause?.code ?? '';
    await context.notices.send({ kind: 'gate_blocked', sinceMs, code, sentence });
  }
  if (untilMs !== null && untilMs > nowMs && isClosedForDay(gate)) {
    const perDay = Number(cause?.message);
    await context.notices.send({ kind: 'sessions_used_up', sinceMs, untilMs, perDay, sentence });
  }
}
