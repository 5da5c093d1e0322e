import type { Logger } from 'pino';
import { BulkRunner } from '../../../lib/bulk/bulk-runner.ts';
import { every } from '../../../worker/upkeep/every.ts';
import { nameMachineZone } from '../machine-zone.ts';
import type { Stores } from '../stores.ts';

const LOOK_MS = 2_000;

export interface KeptBulkActions extends Disposable {
  /** Looks for started actions now. */
  wake(): void;
}

/** Carries out bulk actions in this process until disposed; another process repeats a step under way. */
export function keepBulkActions(
  stores: Stores,
  { now, log }: { now: () => number; log: Logger },
): KeptBulkActions {
  // What budgets leave was said when the action was confirmed.
  const said = { day: null };
  const machineZone = () => nameMachineZone();
  const runner = new BulkRunner({ ...stores, ...said, machineZone, now, log });
  const repeated = every(LOOK_MS, () => runner.look(), {
    onError: (error) => log.error({ err: error }, 'bulk action failed'),
  });
  return {
    wake: () => repeated.wake(),
    [Symbol.dispose]: () => {
      runner.stop();
      repeated[Symbol.dispose]();
    },
  };
}
