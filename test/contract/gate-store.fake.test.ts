import { FakeGateStore } from './fake-gate-store.ts';
import { describeGateStore } from './gate-store.contract.ts';

// One object represents all processes and their shared gate.
describeGateStore('the gate in memory', async (count) => {
  const store = new FakeGateStore();
  return Array.from({ length: count }, () => store);
});
