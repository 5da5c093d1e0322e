import { explainGate } from '../../lib/core/gate/explain-gate.ts';
import type { GateStore } from '../../lib/gate/gate-store.ts';
import type { Notices } from '../../lib/notice/notice.ts';

/**
 * Sends a notice that the gate is blocked, once for the whole event, however many workers see it and however often a
 * trial call fails.
 */
export async function sendBlockedNotice(context: {
  gateStore: GateStore;
  notices: Notices;
}): Promise<void> {
  const { gate, nowMs } = await context.gateStore.read();
  if (gate.mode !== 'blocked') return;
  const { sinceMs, cause } = gate;
  const sentence = explainGate(gate, nowMs) ?? '';
  await context.notices.send({ kind: 'gate_blocked', sinceMs, code: cause?.code ?? '', sentence });
}
