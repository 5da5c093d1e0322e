import { expect } from 'vitest';
import { cancelBatch } from '../../../src/lib/batch/steer-batch.ts';
import { LEAST_LIFE_MS } from '../../../src/lib/core/row/decide-kept.ts';
import {
  readStandings,
  type StandingsContext,
} from '../../../src/producer/continuing/read-standings.ts';
import { type Producer, test } from './producer-test.ts';

const NOW_MS = Date.UTC(2026, 4, 31, 12);
const BUCKET_MS = 300_000;

const table = ['video_url,title', ...[1, 2, 3, 4].map((n) => `https://a.example/${n}.mp4,t${n}`)];
const repeated = `${table.join('\n')}\nhttps://a.example/1.mp4,t1\nnonsense,x\n`;

/** Without `byMarks`, every outcome is read. */
async function standingsOf(producer: Producer, batchId: string, byMarks: boolean) {
  const batch = await producer.store.readBatch(batchId);
  if (batch === null) throw new Error(`no batch ${batchId}`);
  const context: StandingsContext = byMarks
    ? producer
    : { ...producer, overview: { readFirstExpiry: async () => null } };
  const found = [];
  for await (const part of readStandings(context, batch, NOW_MS)) found.push(...part.standings);
  return found;
}

test.for([
  { firstLifeMs: LEAST_LIFE_MS + 2 * BUCKET_MS, first: 'keep' },
  { firstLifeMs: LEAST_LIFE_MS - 1, first: 'expired' },
])(
  'marks and outcomes say the same of each row, with %o',
  async ({ firstLifeMs, first }, { producer }) => {
    const id = await producer.importNew(repeated, { batchId: 'clips' });
    const live = { id: 's2', expiresAtMs: NOW_MS + 864e5 };
    await producer.end(id, 1, { session: { id: 's1', expiresAtMs: NOW_MS + firstLifeMs } });
    await producer.end(id, 2, { status: 'reused', session: live });
    await producer.end(id, 3, { status: 'failed', error: { code: 'x', message: 'x' } });
    const batch = await producer.store.readBatch(id);
    if (batch === null) throw new Error('no batch');
    // Row 4 ends with its batch and has no outcome of its own.
    await cancelBatch({ ...producer, now: () => NOW_MS }, batch, { who: 'anna', reason: null });
    const expected = [first, 'keep', 'failed', 'failed', null, 'failed'];
    expect(await standingsOf(producer, id, true)).toEqual(expected);
    expect(await standingsOf(producer, id, false)).toEqual(expected);
  },
);
