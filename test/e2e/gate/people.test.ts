import { describe, expect, it } from 'vitest';
import type { FailureLimit } from '../../../src/lib/core/batch/batch.ts';
import { GateLab, until } from './gate-lab.ts';

/** API_CONCURRENCY by default: this many calls may be under way when a batch pauses. */
const CALLS_AT_ONCE = 5;

const usedUp = (from: number) => ({ rules: [{ when: { calls: { from } }, do: { code: 1102 } }] });

const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1) ?? '';

describe.concurrent('the reason for a standstill', () => {
  it('is the same sentence in the log, in status and in gate, until `gate open` helps', async () => {
    await using lab = await GateLab.open({}, { latencyMs: 30 });
    lab.sandbox.setScenario(usedUp(6));
    const batchId = await lab.import(40);
    const idle = await lab.run(['status', batchId]);
    expect(lastLine(idle.stdout)).toMatch(/^No worker is running; /);

    await lab.startWorkers(2);
    const line = await until('the gate is blocked', 10_000, () =>
      lab.workers.flatMap(({ log }) => log).find(({ msg }) => msg === 'gate blocked'),
    );
    const [status, gate] = await Promise.all([lab.run(['status', batchId]), lab.run(['gate'])]);
    expect(line.sentence).toMatch(
      /^Blocked since \d\d:\d\d: the resource pack is used up or expired \(1102\)\. Next try \d\d:\d\d:\d\d; `kling-sessions gate open` tries now\.$/,
    );
    expect(lastLine(status.stdout)).toBe(line.sentence);
    expect(gate.stdout.split('\n')[0]).toBe(line.sentence);

    lab.sandbox.setScenario(null);
    const { totalCalls } = lab.sandbox.ledger();
    await lab.run(['gate', 'open']);
    await until('a call', 3_000, () => lab.sandbox.ledger().totalCalls > totalCalls);
    const batch = await lab.untilEnded(batchId, 15_000);
    expect(batch.counts.succeeded).toBe(40);
    expect(lab.said('gate blocked')).toBe(1);
    expect(lab.said('gate opened')).toBe(1);
  });

  it('asks for a person once throttling does not end', async () => {
    await using lab = await GateLab.open(
      { THROTTLE_PAUSE: '100ms', THROTTLE_LIMIT: '1s', GATE_PAUSE: '300ms' },
      { latencyMs: 30 },
    );
    lab.sandbox.setScenario({ rules: [{ do: { code: 1302 } }] });
    await lab.startWorkers(2);
    const batchId = await lab.import(20);
    await until('blocked', 15_000, () => lab.said('gate blocked') === 1);
    lab.sandbox.setScenario(null);
    const batch = await lab.untilEnded(batchId, 15_000);
    expect(batch.counts.succeeded).toBe(20);
    const attempts = [...(await lab.outcomes(batch)).values()].map((outcome) => outcome.attempts);
    expect(Math.max(...attempts)).toBe(1);
  });
});

describe.concurrent('--exit-when-blocked', () => {
  it('ends `run` with 4 and one sentence; the same command continues', async () => {
    await using lab = await GateLab.open({ LOG_LEVEL: 'silent' }, { latencyMs: 30 });
    const command = ['run', await lab.writeManifest(30), '--exit-when-blocked'];
    lab.sandbox.setScenario(usedUp(6));
    const blocked = await lab.run(command);
    expect(blocked.code).toBe(4);
    expect(lastLine(blocked.stderr)).toMatch(
      /^Blocked since .*\(1102\).* The same command resumes\.$/,
    );

    const stillBlocked = await lab.run(command);
    expect(stillBlocked.code).toBe(4);

    lab.sandbox.setScenario(null);
    const done = await lab.run(command);
    expect(done.code).toBe(0);
    expect(done.stdout).toMatch(/30\s+succeeded/);
  });

  it('ends `import --wait` with 4 and one sentence, and the batch continues', async () => {
    await using lab = await GateLab.open({ GATE_PAUSE: '5s' }, { latencyMs: 30 });
    lab.sandbox.setScenario(usedUp(6));
    await lab.startWorkers(2);
    const waiting = await lab.run(['import', await lab.writeManifest(30), '--wait']);
    expect(waiting.code).toBe(4);
    expect(lastLine(waiting.stderr)).toMatch(/^Blocked since .*\(1102\)/);
    lab.sandbox.setScenario(null);
    const batchId = /Batch (\S+);/.exec(waiting.stderr)?.[1] ?? '';
    const batch = await lab.untilEnded(batchId, 15_000);
    expect(batch.counts.succeeded).toBe(30);
  });
});

describe.concurrent('too many failures', () => {
  const refuse = (share: number) => ({ rules: [{ when: { share }, do: { code: 1203 } }] });

  it('pause the batch with the most common reason, and resume continues', async () => {
    await using lab = await GateLab.open({}, { latencyMs: 30 });
    await lab.startWorkers(2);
    const limits: [limit: FailureLimit, share: number, mostFailed: number][] = [
      [{ kind: 'share', percent: 50 }, 0.9, 21],
      [{ kind: 'share', percent: 20 }, 0.5, 21],
      [{ kind: 'count', rows: 7 }, 0.9, 7],
    ];
    for (const [limit, share, mostFailed] of limits) {
      lab.sandbox.setScenario(refuse(share));
      const batchId = await lab.import(80, limit);
      const paused = await until('a pause', 15_000, async () => {
        const batch = await lab.batch(batchId);
        return batch.state === 'paused' && batch;
      });
      expect(paused.stateReason).toMatch(/^too many rows failed, mostly with 1203: /);
      expect(paused.counts.failed).toBeLessThanOrEqual(mostFailed + CALLS_AT_ONCE);

      lab.sandbox.setScenario(null);
      await lab.run(['resume', batchId]);
      const batch = await lab.untilEnded(batchId, 15_000);
      expect(batch.state).toBe('completed');
      expect(batch.counts.succeeded + batch.counts.failed).toBe(80);
      expect(batch.counts.failed).toBeLessThanOrEqual(mostFailed + 2 * CALLS_AT_ONCE);
    }
    expect(lab.said('batch paused itself')).toBe(limits.length);

    lab.sandbox.setScenario(refuse(1));
    const careless = await lab.untilEnded(await lab.import(60, { kind: 'off' }), 15_000);
    expect(careless.counts.failed).toBe(60);
  });
});

describe.concurrent('ROW_DEADLINE', () => {
  it('counts only the time that the gate is open', async () => {
    await using lab = await GateLab.open(
      { ROW_DEADLINE: '1s', MAX_ATTEMPTS: '100', RETRY_PAUSE: '300ms' },
      { latencyMs: 30 },
    );
    lab.sandbox.setScenario({
      rules: [{ when: { calls: 1 }, do: { code: 1302, headers: { 'Retry-After': '3' } } }],
    });
    await lab.startWorkers(1);
    const patient = await lab.untilEnded(await lab.import(1), 15_000);
    expect(patient.counts.succeeded).toBe(1);

    lab.sandbox.setScenario({ rules: [{ do: { status: 503 } }] });
    const hopeless = await lab.untilEnded(await lab.import(2), 15_000);
    const outcomes = [...(await lab.outcomes(hopeless)).values()];
    expect(outcomes.map(({ error }) => error?.code)).toEqual(['row_deadline', 'row_deadline']);
  });
});
