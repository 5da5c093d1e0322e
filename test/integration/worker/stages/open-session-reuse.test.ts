import { expect, it } from 'vitest';
import { StageLab } from './stage-lab.ts';

const VIDEO = 'https://v.example/1.mp4';

/** Another batch has opened a session of the same video. */
async function labWithLiveSession(): Promise<StageLab> {
  const lab = await StageLab.open({ options: { reuse: true } });
  await lab.workshop.importText('earlier', VIDEO);
  const { store } = lab.workshop;
  const batch = await lab.workshop.batch('earlier');
  const source = { kind: 'url', videoUrl: VIDEO } as const;
  const finishedAtMs = Date.now();
  const session = { id: 'session-of-earlier', expiresAtMs: finishedAtMs + 86_400_000 };
  const outcome = {
    status: 'succeeded',
    finishedAtMs,
    attempts: 1,
    warnings: [],
    session,
  } as const;
  await store.recordOutcome(batch, 1, '', { ...outcome, warnings: [] }, source);
  return lab;
}

it('a row reuses a session that another batch opened while it waited, without a call', async () => {
  const lab = await labWithLiveSession();
  expect(await lab.openSession()).toEqual({ kind: 'done' });
  expect(lab.api.calls).toBe(0);
  expect(await lab.outcome()).toMatchObject({
    status: 'reused',
    session: { id: 'session-of-earlier' },
    attempts: 0,
  });
  expect(await lab.problems()).toEqual([]);
});

it('a row counts a lost call before it reuses a session', async () => {
  const lab = await labWithLiveSession();
  await lab.dieDuringCall();
  expect(await lab.openSession(1, { random: () => 0 })).toEqual({ kind: 'later', delayMs: 0 });
  expect(await lab.openSession()).toEqual({ kind: 'done' });
  expect(lab.api.calls).toBe(0);
  expect(await lab.outcome()).toMatchObject({
    status: 'reused',
    session: { id: 'session-of-earlier' },
    attempts: 1,
    possibleOrphans: 1,
  });
});
