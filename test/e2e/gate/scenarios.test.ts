import { describe, expect, it } from 'vitest';
import type { Batch } from '../../../src/lib/core/batch/batch.ts';
import type { Outcome } from '../../../src/lib/core/row/outcome.ts';
import { callsWhileShut, contradictions, shutPeriods } from './gate-evidence.ts';
import { GateLab } from './gate-lab.ts';

const ROWS = 100;
const CONCURRENCY = 8;
const RATE = 50;

/** The defaults in a thirtieth of their time; `GATE_PAUSE` in less. */
const SETTINGS = {
  API_CONCURRENCY: String(CONCURRENCY),
  API_RATE_PER_SECOND: String(RATE),
  RETRY_PAUSE: '33ms',
  THROTTLE_PAUSE: '333ms',
  GATE_PAUSE: '500ms',
};

/** `GATE_REAL_TIME=1` plays the outage with the defaults, which takes seven minutes. */
const isInRealTime = process.env.GATE_REAL_TIME === '1';

interface Story {
  batch: Batch;
  outcomes: Outcome[];
  lab: GateLab;
  /** How often the gate was closed. */
  shut: number;
}

/**
 * Two worker processes and one kind of trouble. In all cases every row has its outcome, no call arrives while the
 * gate is closed, the limits are kept, and the rows agree with the practice API.
 */
async function live(lab: GateLab, scenario: unknown, limitMs = 40_000): Promise<Story> {
  const workers = await lab.startWorkers(2);
  lab.sandbox.setScenario(scenario);
  const batch = await lab.untilEnded(await lab.import(ROWS), limitMs);
  const outcomes = await lab.outcomes(batch);
  const { calls, maxInFlight, maxPerSecond, orphanSessions } = lab.sandbox.ledger();
  const periods = shutPeriods(lab.sightings);

  expect([...outcomes.keys()].sort((a, b) => a - b)).toEqual(
    Array.from({ length: ROWS }, (_, index) => index + 1),
  );
  expect(contradictions(calls, outcomes)).toEqual([]);
  expect(callsWhileShut(calls, periods, CONCURRENCY)).toEqual([]);
  expect(maxInFlight).toBeLessThanOrEqual(CONCURRENCY);
  expect(maxPerSecond).toBeLessThanOrEqual(1.1 * RATE);
  expect(batch.possibleOrphans).toBeGreaterThanOrEqual(orphanSessions);
  for (const worker of workers) expect(worker.said('session opened')).toBeGreaterThan(0);
  const closings =
    lab.said('gate closed') + lab.said('gate blocked') + lab.said('trial call failed');
  // Each closing counts one up. A busy machine may see two of them at one look, so the periods seen may be fewer.
  const { generation: shut } = (await lab.stores.gateStore.read()).gate;
  expect(closings).toBe(shut);
  return { batch, outcomes: [...outcomes.values()], lab, shut };
}

const allSucceeded = ({ batch }: Story): void => {
  expect(batch.counts.succeeded).toBe(ROWS);
};

const noAttemptSpent = ({ outcomes }: Story): void => {
  expect(outcomes.filter(({ attempts }) => attempts !== 1)).toEqual([]);
};

const open = (settings = {}): Promise<GateLab> =>
  GateLab.open({ ...SETTINGS, ...settings }, { latencyMs: { min: 30, max: 90 } });

describe.concurrent('two workers and an outage', () => {
  it('survive five minutes of 503, here in 10 s', { timeout: 600_000 }, async () => {
    const realTime = { RETRY_PAUSE: '1s', THROTTLE_PAUSE: '10s', GATE_PAUSE: '1m' };
    await using lab = await open(isInRealTime ? realTime : {});
    const outageMs = isInRealTime ? 300_000 : 10_000;
    const story = await live(
      lab,
      { rules: [{ when: { fromMs: 500, untilMs: 500 + outageMs }, do: { status: 503 } }] },
      2 * outageMs + 30_000,
    );
    allSucceeded(story);
    expect(Math.max(...story.outcomes.map(({ attempts }) => attempts))).toBeLessThan(6);
  });

  it('wait out throttling with 429, and no row loses an attempt', async () => {
    await using lab = await open({ THROTTLE_PAUSE: '100ms' });
    // One more than can be under way at once, so that a trial call is refused, too; each doubles the pause.
    const rules = [
      { when: { calls: { from: 6 }, count: 4 }, do: { code: 1302 } },
      { when: { calls: { from: 6 }, count: CONCURRENCY + 1 - 4 }, do: { code: 1303 } },
    ];
    const story = await live(lab, { rules }, 80_000);
    allSucceeded(story);
    noAttemptSpent(story);
    expect(story.shut).toBeGreaterThan(1);
    expect(lab.said('gate blocked')).toBe(0);
  });

  it('wait the 7 s that Retry-After requests', async () => {
    await using lab = await open();
    const story = await live(lab, {
      rules: [
        {
          when: { calls: { from: 6 }, count: 3 },
          do: { code: 1302, headers: { 'Retry-After': '7' }, delayMs: 200 },
        },
      ],
    });
    allSucceeded(story);
    noAttemptSpent(story);
    const { calls } = lab.sandbox.ledger();
    const toldAtMs = calls.findLast(({ httpStatus }) => httpStatus === 429)?.endedAtMs ?? 0;
    const next = calls.find(({ arrivedAtMs }) => arrivedAtMs > toldAtMs + 2_000);
    expect((next?.arrivedAtMs ?? 0) - toldAtMs).toBeGreaterThanOrEqual(7_000);
  });

  it.each([
    ['a key that expires in the middle and comes back', 'key-expires', 'expired (1004)'],
    ['a resource pack that is used up, said with HTTP 429', 'resource-pack-used-up', '(1102)'],
    ['a redirect to a web page', 'redirect-to-html', 'check API_BASE_URL'],
  ])('stop at %s, and continue by themselves', async (_, scenario, reason) => {
    await using lab = await open();
    const story = await live(lab, scenario);
    allSucceeded(story);
    noAttemptSpent(story);
    expect(lab.said('gate blocked')).toBe(1);
    expect(lab.said('gate opened')).toBe(1);
    const line = lab.workers.flatMap(({ log }) => log).find(({ msg }) => msg === 'gate blocked');
    expect(line?.sentence).toMatch(/^Blocked since \d\d:\d\d: .*tries now\.$/);
    expect(line?.sentence).toContain(reason);
  });

  it("recognise saturation inside a relay's 403, and do not block", async () => {
    await using lab = await open();
    const story = await live(lab, 'relay-saturated');
    allSucceeded(story);
    noAttemptSpent(story);
    expect(lab.said('gate blocked')).toBe(0);
    expect(story.shut).toBeGreaterThan(0);
  });

  it.each([
    ['connections that are reset after the request', 'lost-answers'],
    ['answers that break off in the middle', 'half-answers'],
  ])('repeat a tenth of %s, and fail no row', async (_, scenario) => {
    await using lab = await open();
    const { batch } = await live(lab, scenario);
    expect(batch.counts.succeeded + batch.counts.unconfirmed).toBe(ROWS);
    expect(batch.possibleOrphans).toBeGreaterThan(0);
    expect(lab.said('gate closed') + lab.said('gate blocked')).toBe(0);
  });
});
