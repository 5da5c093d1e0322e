/** The result of one try to deliver a notice. `answer` is the beginning of the receiver's answer. */
export type Delivery =
  | { kind: 'taken'; status: number; answer: string }
  /** Another try may succeed. `status` is null without an answer. */
  | { kind: 'not_taken'; status: number | null; reason: string; answer: string }
  /** Nothing may be sent to this address, now or later. */
  | { kind: 'refused'; reason: string };

/** Tries of one notice; the last one is about four hours after the first. */
export const DELIVERY_TRIES = 10;
const FIRST_PAUSE_MS = 30_000;
/** Spreads retries, so that a receiver that was away does not get everything at once. */
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
      // RFC 9110: the receiver is permanently gone; Standard Webhooks asks senders to stop then.
      if (delivery.status === 410 || attempt >= DELIVERY_TRIES) return { kind: 'give_up' };
      const pauseMs = FIRST_PAUSE_MS * 2 ** (attempt - 1);
      return { kind: 'again', delayMs: Math.round(pauseMs * (1 + JITTER * random)) };
    }
  }
}
