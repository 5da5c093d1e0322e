import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OUTCOME_DAMAGED } from '../../../../../../src/lib/core/row/damaged-record.ts';
import type { Outcome } from '../../../../../../src/lib/core/row/outcome.ts';
import {
  isKept,
  packKept,
  unpackKept,
} from '../../../../../../src/lib/store/redis/packing/pack-kept.ts';

const FIRST_ROW = 1_501;

const time = fc.integer({ min: 1, max: 4e12 });
const id = fc.oneof(
  fc.uuid(),
  fc.string({ unit: 'binary' }),
  fc.stringMatching(/^\d{18}$/),
  fc.constantFrom('~', '=', '~a', '\u0001', '\u00011;', '0'.repeat(32)),
);
const text = fc.string({ unit: 'binary' });
const failedAttempt = fc.record({
  atMs: time,
  code: text,
  message: text,
  httpStatus: fc.option(fc.nat()),
  requestId: fc.option(id),
});
const keptOutcome: fc.Arbitrary<Outcome> = fc
  .record(
    {
      finishedAtMs: time,
      attempts: fc.nat({ max: 9 }),
      warnings: fc.array(text, { maxLength: 2 }),
      keptFrom: fc.record({ batchId: fc.constantFrom('one', 'two-1a2b'), row: fc.nat() }),
      session: fc.record({ id, expiresAtMs: time }),
      requestId: id,
      called: fc.stringMatching(/^[\w-]{4}$/),
      httpStatus: fc.nat({ max: 599 }),
      error: fc.record({ code: text, message: text }),
      failedAttempts: fc.array(failedAttempt, { minLength: 1, maxLength: 2 }),
      video: fc.record({ durationS: fc.float({ noNaN: true, noDefaultInfinity: true, min: 0 }) }),
      duplicateOf: fc.nat(),
    },
    { requiredKeys: ['finishedAtMs', 'attempts', 'warnings', 'keptFrom'] },
  )
  .map((fields): Outcome => ({ status: 'reused', ...fields }));

const rowOfChunk = fc.integer({ min: FIRST_ROW, max: FIRST_ROW + 499 });
const outcomesOfRows = fc
  .uniqueArray(fc.tuple(rowOfChunk, keptOutcome), {
    minLength: 1,
    maxLength: 12,
    selector: ([row]) => row,
  })
  .map((entries) => new Map(entries));

/** As `kept-rows.lua` clears it. */
function takeOut(block: Buffer, row: number): void {
  const place = row - FIRST_ROW;
  block.writeUInt8(block.readUInt8(place >> 3) & ~(0x80 >> (place & 7)), place >> 3);
}

describe('block of kept rows', () => {
  it('a block of kept rows is read as it was, whatever it holds', async () => {
    await fc.assert(
      fc.asyncProperty(outcomesOfRows, async (outcomes) => {
        expect(await unpackKept(packKept(outcomes), FIRST_ROW)).toEqual(outcomes);
      }),
    );
  });

  it.each([
    ['UUIDs and numbers of 18 digits', fc.uuid(), fc.stringMatching(/^[1-9]\d{17}$/)],
    ['digests and small numbers', fc.stringMatching(/^[\da-f]{40}$/), fc.nat().map(String)],
    ['groups of four characters', fc.stringMatching(/^[\w-]{4}$/), fc.constant('1'.repeat(18))],
  ])(
    'a block of kept rows is read as it was with ids that are %s',
    async (_, requestId, sessionId) => {
      const usual = fc.record({ requestId, id: sessionId, finishedAtMs: time });
      await fc.assert(
        fc.asyncProperty(fc.array(usual, { minLength: 1, maxLength: 20 }), async (rows) => {
          const outcomes = new Map(
            rows.map(({ requestId: request, id: session, finishedAtMs }, at): [number, Outcome] => [
              FIRST_ROW + at,
              {
                status: 'reused',
                finishedAtMs,
                attempts: 1,
                warnings: [],
                session: { id: session, expiresAtMs: finishedAtMs + 864e5 },
                requestId: request,
                called: 'aB-_',
                keptFrom: { batchId: 'clips', row: at },
              },
            ]),
          );
          expect(await unpackKept(packKept(outcomes), FIRST_ROW)).toEqual(outcomes);
        }),
      );
    },
  );

  it('a block of kept rows no longer has the rows that were taken out, and still has the others', async () => {
    await fc.assert(
      fc.asyncProperty(
        outcomesOfRows,
        fc.infiniteStream(fc.boolean()),
        async (outcomes, isTaken) => {
          const block = packKept(outcomes);
          const left = new Map(outcomes);
          for (const row of outcomes.keys()) {
            if (!isTaken.next().value) continue;
            takeOut(block, row);
            left.delete(row);
          }
          expect(await unpackKept(block, FIRST_ROW)).toEqual(left);
          for (const row of outcomes.keys()) expect(isKept(block, row)).toBe(left.has(row));
        },
      ),
    );
  });

  it('a block of kept rows has a damaged outcome for each of its rows when it cannot be read', async () => {
    const kept = (row: number): [number, Outcome] => [
      row,
      {
        status: 'reused',
        finishedAtMs: 1,
        attempts: 1,
        warnings: [],
        keptFrom: { batchId: 'b', row },
      },
    ];
    const block = packKept(new Map([1, 2, 3].map((place) => kept(FIRST_ROW + place))));
    takeOut(block, FIRST_ROW + 2);
    const cut = await unpackKept(block.subarray(0, block.length - 9), FIRST_ROW);
    expect([...cut.keys()]).toEqual([FIRST_ROW + 1, FIRST_ROW + 3]);
    expect([...cut.values()].map(({ error }) => error?.code)).toEqual([
      OUTCOME_DAMAGED,
      OUTCOME_DAMAGED,
    ]);
  });

  it('a block of kept rows takes at most 25 bytes a row whose ids are random', async () => {
    const outcomes = new Map(
      Array.from({ length: 500 }, (_, at): [number, Outcome] => [
        FIRST_ROW + at,
        {
          status: 'reused',
          finishedAtMs: 1_800_000_000_000 + 37 * at,
          attempts: 1,
          warnings: [],
          session: {
            id: String(10n ** 17n + BigInt(`0x${crypto.randomUUID().slice(0, 8)}`) * 10n ** 8n),
            expiresAtMs: 1_800_086_400_000 + 37 * at,
          },
          requestId: crypto.randomUUID(),
          video: { durationS: 5.041, width: 1920, height: 1080, fps: 30 },
          keptFrom: { batchId: 'clips-1a2b3c4d', row: 7 + at },
        },
      ]),
    );
    expect(packKept(outcomes).length / 500).toBeLessThan(25);
  });
});
