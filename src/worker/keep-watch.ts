import type { Logger } from 'pino';
import type { GateStore } from '../lib/gate/gate-store.ts';
import { keepToWindow, type WindowContext } from '../lib/keep-to-window.ts';
import { isRedisTrouble } from '../lib/redis-trouble.ts';
import { tellBlocked } from './tell-blocked.ts';
import { type TellContext, tellEnds } from './tell-ends.ts';

export interface WatchContext extends TellContext, WindowContext {
  gateStore: GateStore;
  log: Logger;
  /** Whether this worker is the one that watches: one of them is enough. */
  isMyTurn: () => Promise<boolean>;
}

const WATCH_MS = 5_000;

/** Does what nobody asks for: tells of ends and of a blocked gate, and keeps batches to their windows. */
export interface Watch extends Disposable {
  /** Looks now, whoever's turn it is. */
  look(): Promise<void>;
}

async function keepWindows(context: WatchContext): Promise<void> {
  for await (const batch of context.watch.listArranged()) await keepToWindow(context, batch);
}

/** Looks every 5 s until disposed. */
export function keepWatch(context: WatchContext): Watch {
  const look = async (): Promise<void> => {
    for (const duty of [tellEnds, tellBlocked, keepWindows]) {
      // One that fails must not keep the others from being done.
      await duty(context).catch((error: unknown) => {
        if (!isRedisTrouble(error)) context.log.error({ err: error }, 'watch failed');
      });
    }
  };
  let isLooking = false;
  const lookInTurn = async (): Promise<void> => {
    if (isLooking) return;
    isLooking = true;
    const isMyTurn = await context.isMyTurn().catch(() => false);
    if (isMyTurn) await look();
    isLooking = false;
  };
  const timer = setInterval(() => void lookInTurn(), WATCH_MS);
  return { look, [Symbol.dispose]: () => clearInterval(timer) };
}
