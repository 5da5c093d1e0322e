import { describe, expect, it } from 'vitest';
import { setLimits } from '../../../src/lib/core/gate/decide-gate.ts';
import { busiestSecond, contradictions } from './gate-evidence.ts';
import { GateLab, until } from './gate-lab.ts';

// The longest first, as only some run at once.
describe.concurrent('a worker that is killed', () => {
  it.each([
    ['gives its slots back within 15 s, and its rows are called once more', '2', 'succeeded'],
    ['leaves rows unconfirmed that may not be called once more', '0', 'unconfirmed'],
  ] as const)('%s', async (_, maxUnconfirmed, status) => {
    const slots = 4;
    await using lab = await GateLab.open(
      { API_CONCURRENCY: String(slots), MAX_UNCONFIRMED: maxUnconfirmed, RETRY_PAUSE: '100ms' },
      { latencyMs: 800 },
    );
    // Alone, so that every call under way is its own; and none ends before the other worker waits for its slots.
    lab.sandbox.setScenario({ rules: [{ when: {}, do: { hang: 'after' } }] });
    const [victim] = await lab.startWorkers(1);
    const batchId = await lab.import(70);
    await until('all slots in use', 15_000, () => lab.sandbox.ledger().inFlight === slots);
    await lab.startWorkers(1);
    lab.sandbox.setScenario(null);
    await victim?.end('SIGKILL');
    const killedAtMs = Date.now();
    await until('its calls are over', 5_000, () =>
      lab.sandbox
        .ledger()
        .calls.every((call) => call.arrivedAtMs > killedAtMs || call.endedAtMs !== null),
    );
    await until('all slots in use again', 15_000, () => lab.sandbox.ledger().inFlight === slots);
    expect(Date.now() - killedAtMs).toBeLessThan(15_000);

    const batch = await lab.untilEnded(batchId, 40_000);
    const outcomes = await lab.outcomes(batch);
    const lost = [...outcomes.values()].filter(({ possibleOrphans }) => possibleOrphans === 1);
    expect(contradictions(lab.sandbox.ledger().calls, outcomes, killedAtMs)).toEqual([]);
    expect(lab.sandbox.ledger().maxInFlight).toBe(slots);
    expect(lost.length).toBeGreaterThanOrEqual(1);
    expect(batch.possibleOrphans).toBe(lost.length);
    expect(lost.filter((outcome) => outcome.status !== status)).toEqual([]);
    expect(batch.counts.succeeded).toBe(70 - (status === 'succeeded' ? 0 : lost.length));
  });

  it('during the trial call frees that place for another', async () => {
    await using lab = await GateLab.open({ GATE_PAUSE: '200ms' }, { latencyMs: 50 });
    const [trying] = await lab.startWorkers(1);
    lab.sandbox.setScenario({
      rules: [
        { when: { calls: { from: 3 }, count: 1 }, do: { code: 1102 } },
        { when: { calls: { from: 4 }, contains: '7' }, do: { hang: 'after' } },
      ],
    });
    const batchId = await lab.import(20);
    await until('a trial call', 15_000, () => lab.sandbox.ledger().calls.at(-1)?.rule === 'rule 2');
    await lab.startWorkers(1);
    await trying?.end('SIGKILL');
    lab.sandbox.setScenario(null);
    const killedAtMs = Date.now();
    const batch = await lab.untilEnded(batchId, 30_000);
    expect(Date.now() - killedAtMs).toBeLessThan(25_000);
    expect(batch.counts.succeeded).toBe(20);
    expect(batch.possibleOrphans).toBeGreaterThanOrEqual(1);
  });
});

describe.concurrent('the limits of two workers together', () => {
  it('change while they run, downwards within a call and upwards without waiting for one', async () => {
    await using lab = await GateLab.open({ API_CONCURRENCY: '8' }, { latencyMs: 1_000 });
    await lab.startWorkers(2);
    await lab.import(400);
    await until('8 calls at once', 15_000, () => lab.sandbox.ledger().inFlight === 8);

    await lab.run(['gate', 'set', '--concurrency', '3', '--rate', '4']);
    await until('fewer calls', 5_000, () => lab.sandbox.ledger().inFlight <= 3);
    const { totalCalls } = lab.sandbox.ledger();
    await until('new calls', 15_000, () => lab.sandbox.ledger().totalCalls > totalCalls + 7);
    const slow = lab.sandbox.ledger().calls.slice(totalCalls);
    expect(slow.filter(({ inFlightAtArrival }) => inFlightAtArrival > 3)).toEqual([]);
    expect(busiestSecond(slow)).toBeLessThanOrEqual(4);

    lab.sandbox.setScenario({ rules: [{ do: { delayMs: 60_000 } }] });
    const longFromMs = Date.now();
    await until('only long calls', 10_000, () => {
      const inFlight = lab.sandbox.ledger().calls.filter((call) => call.endedAtMs === null);
      return inFlight.length === 3 && inFlight.every((call) => call.arrivedAtMs > longFromMs);
    });
    await lab.run(['gate', 'set', '--concurrency', '6', '--rate', '0']);
    await until('6 calls at once', 10_000, () => lab.sandbox.ledger().inFlight === 6);
  });

  it('hold when a gate opens with more rows waiting than may be called', async () => {
    await using lab = await GateLab.open({ API_CONCURRENCY: '8' }, { latencyMs: 200 });
    lab.sandbox.setScenario({
      rules: [
        {
          when: { calls: { from: 9 }, count: 1 },
          // Until a person opens the gate, so that it opens with the new limit, however slow the machine is.
          do: { code: 1302, headers: { 'Retry-After': '60' } },
        },
      ],
    });
    await lab.startWorkers(2);
    const batchId = await lab.import(60);
    await until('a closed gate', 15_000, () => lab.said('gate closed') > 0);
    await until('nothing in flight', 5_000, () => lab.sandbox.ledger().inFlight === 0);
    const { totalCalls } = lab.sandbox.ledger();
    await lab.stores.gateStore.update(({ gate }) => ({
      gate: setLimits(gate, { concurrency: 2 }),
      result: undefined,
    }));
    await lab.run(['gate', 'open']);
    await lab.untilEnded(batchId, 30_000);
    const after = lab.sandbox.ledger().calls.slice(totalCalls);
    expect(Math.max(...after.map(({ inFlightAtArrival }) => inFlightAtArrival))).toBe(2);
  });

  it('are the lowest that any of them was started with', async () => {
    await using lab = await GateLab.open({}, { latencyMs: 300 });
    await lab.startWorkers(1, { API_CONCURRENCY: '8' });
    await lab.startWorkers(1, { API_CONCURRENCY: '3', API_RATE_PER_SECOND: '20' });
    await lab.untilEnded(await lab.import(30), 20_000);
    const { maxInFlight, maxPerSecond } = lab.sandbox.ledger();
    expect(maxInFlight).toBe(3);
    expect(maxPerSecond).toBeLessThanOrEqual(22);
    expect((await lab.run(['gate'])).stdout).toContain('3 at once, 20 per second');
  });

  it('are lowered by throttling for both, and stay so after a restart', async () => {
    await using lab = await GateLab.open(
      { API_CONCURRENCY: '10', THROTTLE_PAUSE: '200ms' },
      { latencyMs: 100 },
    );
    const before = await lab.startWorkers(2);
    lab.sandbox.setScenario({
      rules: [{ when: { calls: { from: 5 }, count: 1 }, do: { code: 1303 } }],
    });
    await lab.untilEnded(await lab.import(20), 20_000);
    await Promise.all(before.map((worker) => worker.end('SIGTERM')));
    const { totalCalls } = lab.sandbox.ledger();
    expect((await lab.run(['gate'])).stdout).toMatch(/Calls: 7 at once/);

    await lab.startWorkers(2);
    expect((await lab.run(['gate'])).stdout).toMatch(/Calls: 7 at once/);
    await lab.untilEnded(await lab.import(24, { kind: 'off' }), 20_000);
    const after = lab.sandbox.ledger().calls.slice(totalCalls);
    const atOnce = after.map(({ inFlightAtArrival }) => inFlightAtArrival);
    // Fewer on a busy machine; forgotten, the limit would be 10 and the eighth call the eighth at once.
    expect(Math.max(...atOnce.slice(0, 8))).toBeLessThanOrEqual(7);
    expect(Math.max(...atOnce)).toBeLessThanOrEqual(8);
  });
});
