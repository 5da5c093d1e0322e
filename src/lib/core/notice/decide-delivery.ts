/** What came of one try to hand a notice to its receiver. `answer` is the beginning of what it said. */
export type Delivery =
  | { kind: 'taken'; status: number; answer: string }
  /** Another try may succeed. `status` is null when no answer came. */
  | { kind: 'not_taken'; status: number | null; reason: string; answer: string }
  /** Nothing may be sent there, now or later. */
  | { kind: 'refused'; reason: string };

/** Tries of one notice: the last one goes out about four hours after the first. */
export const DELIVERY_TRIES = 10;
const FIRST_PAUSE_MS = 30_000;
/** So that receivers that were away are not met by everything at once. */
const JITTER = 0.2;

export type DeliveryDecision =
  | { kind: 'done' }
  | { kind: 'again'; delayMs: number }
  | { kind: 'give_up' };

/** `attempt` counts from 1; `random` is in [0, 1). */
export function decideDelivery(
  delivery: Delivery,
  attempt: number,
  random: number,
): DeliveryDecision {
  switch (delivery.kind) {
    case 'taken':
      return { kind: 'done' };
    case 'refused':
      return { kind: 'give_up' };
    case 'not_taken': {
      // RFC 9110: the receiver is gone and will not come back; Standard Webhooks asks senders to stop then.
      if (delivery.status === 410 || attempt >= DELIVERY_TRIES) return { kind: 'give_up' };
      const pauseMs = FIRST_PAUSE_MS * 2 ** (attempt - 1);
      return { kind: 'again', delayMs: Math.round(pauseMs * (1 + JITTER * random)) };
    }
  }
}
