import type { ServerResponse } from 'node:http';
import type { Answer } from './answers.ts';
import type { Delivery } from './scenario/plan-action.ts';

/** Bytes that are neither JSON nor UTF-8, always the same. */
const GARBAGE = Buffer.from(Array.from({ length: 64 }, (_, index) => (index * 197 + 255) % 256));

/** Sends the answer, or damages it on the way. `hang` sends nothing and leaves the connection open. */
export function sendAnswer(
  outgoing: ServerResponse,
  answer: Answer | null,
  delivery: Delivery,
): void {
  if (outgoing.destroyed || delivery === 'hang') return;
  if (answer === null || delivery === 'reset') {
    outgoing.socket?.resetAndDestroy();
    return;
  }
  const body = delivery === 'garbage' ? GARBAGE : Buffer.from(answer.body);
  outgoing.writeHead(answer.status, { ...answer.headers, 'content-length': body.length });
  if (delivery === 'half') {
    const half = body.subarray(0, Math.floor(body.length / 2));
    outgoing.write(half, () => outgoing.socket?.destroySoon());
    return;
  }
  outgoing.end(body);
}
