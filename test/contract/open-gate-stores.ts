import type { GateStore } from '../../src/lib/gate/gate-store.ts';

/** Stores of one gate, each as if in a process of its own. */
export type OpenGateStores = (count: number) => Promise<GateStore[]>;
