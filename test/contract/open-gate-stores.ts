import type { GateStore } from '../../src/lib/gate/gate-store.ts';

/** Stores of one gate, each as if in its own process. */
export type OpenGateStores = (count: number) => Promise<GateStore[]>;
