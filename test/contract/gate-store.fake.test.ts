import { FakeGateStore } from './fake-gate-store.ts';
import { describeGateStore } from './gate-store.contract.ts';

// One object stands for all processes: it is its own shared gate.
describeGateStore('the gate in memory', async (count) => {
  const store = new FakeGateStore();
  return Array.from({ length: count }, () => store);
});
