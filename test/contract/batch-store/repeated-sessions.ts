import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../../src/lib/core/row/outcome.ts';
import type { BatchStore } from '../../../src/lib/store/batch-store.ts';
import {
  countsOf,
  NOW_MS,
  type OpenBatchStores,
  openStore,
  outcome,
  ref,
  SOURCE,
  withBatch,
} from './examples.ts';

const withSession = (id: string, others: Partial<Outcome> = {}): Outcome =>
  outcome({ session: { id, expiresAtMs: NOW_MS + 86_400_000 }, ...others });

const end = (store: BatchStore, row: number, ending: Outcome) =>
  store.recordOutcome(ref('batch-1'), row, '', ending, SOURCE);

export function describeRepeatedSessions(open: OpenBatchStores): void {
  describe('session that another row of the batch has', () => {
    it('a session of another row is refused, and the row stays as it was', async () => {
      const store = await openStore(open);
      await withBatch(store, 3);
      await end(store, 1, withSession('s1'));
      await end(store, 2, withSession('s2'));
      expect(await end(store, 3, withSession('s1'))).toEqual({ kind: 'session_taken', byRow: 1 });
      expect(await countsOf(store, 'batch-1')).toEqual({ succeeded: 2, waiting: 1 });
      expect(await end(store, 3, withSession('s3'))).toMatchObject({ kind: 'recorded' });
    });

    it.each(['"quoted"', 'back\\slash', 'mit Umlaut ü', '会话', '%d+', 's'])(
      'a session of another row is found whatever it is called: %s',
      async (id) => {
        const store = await openStore(open);
        await withBatch(store, 700);
        await end(store, 699, withSession(id));
        await end(store, 2, withSession(`${id}1`));
        expect(await end(store, 1, withSession(id))).toEqual({ kind: 'session_taken', byRow: 699 });
      },
    );

    it('a session of another row is accepted for a row that reuses it', async () => {
      const store = await openStore(open);
      await withBatch(store, 2);
      await end(store, 1, withSession('s1'));
      const reused = await end(store, 2, withSession('s1', { status: 'reused' }));
      expect(reused).toMatchObject({ kind: 'recorded' });
    });

    it('a session of another row does not count as repeated because a message mentions it', async () => {
      const store = await openStore(open);
      await withBatch(store, 2);
      const message = '"i":["s1",86400000]';
      await end(store, 1, withSession('s0', { error: { code: 'x', message } }));
      expect(await end(store, 2, withSession('s1'))).toMatchObject({ kind: 'recorded' });
    });

    it('a session of two rows is recorded once by two writers that race, on every one of 50 pairs of rows', async () => {
      const [one, other] = await open(2);
      if (one === undefined || other === undefined) throw new Error('no two stores');
      await withBatch(one, 100);
      const kinds = await Promise.all(
        Array.from({ length: 50 }, async (_, pair) => {
          const session = withSession(`s${pair}`);
          const ends = [end(one, pair + 1, session), end(other, pair + 51, session)];
          return (await Promise.all(ends)).map(({ kind }) => kind).toSorted();
        }),
      );
      expect(kinds).toEqual(Array.from({ length: 50 }, () => ['recorded', 'session_taken']));
    });

    it('a session of another row is found among nearly all sessions of a batch', async () => {
      const store = await openStore(open);
      await withBatch(store, 2_000);
      const rows = Array.from({ length: 1_000 }, (_, index) => index + 1);
      await Promise.all(rows.map((row) => end(store, row, withSession(`s${row}`))));
      const again = await Promise.all(
        rows.map((row) => end(store, row + 1_000, withSession(`s${row}`))),
      );
      const missed = again.filter(({ kind }) => kind !== 'session_taken');
      expect(missed.length).toBeLessThan(50);
    });
  });
}
