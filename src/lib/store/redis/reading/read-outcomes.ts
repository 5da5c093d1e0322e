import { firstRowOfChunk } from '../../../core/batch/chunk.ts';
import type { Outcome } from '../../../core/row/outcome.ts';
import { isKept, KEPT_BITS_BYTES, unpackKept } from '../packing/pack-kept.ts';
import { unpackOutcome } from '../packing/pack-outcome.ts';
import type { Place } from '../redis-part.ts';
import { outcomeTextsReply, readOutcomeTexts } from '../store-scripts.ts';

/*
 * The block of kept rows is always read first: an outcome leaves it in the step in which it becomes one of the others,
 * and never returns.
 */

/** The outcomes of a chunk's rows. A chunk holds at most 500 rows, so hash and block are small. */
export async function readOutcomes(
  { redis, keys }: Place,
  batchId: string,
  chunk: number,
): Promise<Map<number, Outcome>> {
  const [block, reply] = await Promise.all([
    redis.getBuffer(keys.keptBlock(batchId, chunk)),
    readOutcomeTexts.run(redis, { outcomes: keys.outcomes(batchId, chunk) }),
  ]);
  const found = block === null ? new Map() : await unpackKept(block, firstRowOfChunk(chunk));
  const [rows, texts] = outcomeTextsReply.parse(reply);
  if (rows === '') return found;
  const lines = texts.split('\n');
  for (const [at, row] of rows.split('\n').entries()) {
    found.set(Number(row), unpackOutcome(lines[at] ?? ''));
  }
  return found;
}

/** Redis looks through the whole hash for each field. */
const FEW_ROWS = 50;

/** The outcomes of some rows of a chunk, in their order. */
export async function readSomeOutcomes(
  { redis, keys }: Place,
  batchId: string,
  chunk: number,
  rows: readonly number[],
): Promise<Map<number, Outcome>> {
  if (rows.length > FEW_ROWS) {
    const all = await readOutcomes({ redis, keys }, batchId, chunk);
    const wanted = new Map<number, Outcome>();
    for (const row of rows) {
      const outcome = all.get(row);
      if (outcome !== undefined) wanted.set(row, outcome);
    }
    return wanted;
  }
  const [block, others] = await Promise.all([
    redis.getBuffer(keys.keptBlock(batchId, chunk)),
    redis.hmget(keys.outcomes(batchId, chunk), ...rows.map(String)),
  ]);
  const kept = block === null ? null : await unpackKept(block, firstRowOfChunk(chunk));
  const found = new Map<number, Outcome>();
  rows.forEach((row, at) => {
    const text = others[at];
    const outcome = text == null ? kept?.get(row) : unpackOutcome(text);
    if (outcome !== undefined) found.set(row, outcome);
  });
  return found;
}

/** Which of these rows of a chunk have neither outcome nor progress. */
export async function findUntouched(
  { redis, keys }: Place,
  batchId: string,
  chunk: number,
  rows: readonly number[],
): Promise<number[]> {
  const fields = rows.map(String);
  const [bits, outcomes, progress] = await Promise.all([
    redis.getrangeBuffer(keys.keptBlock(batchId, chunk), 0, KEPT_BITS_BYTES - 1),
    redis.hmget(keys.outcomes(batchId, chunk), ...fields),
    redis.hmget(keys.underWay(batchId), ...fields),
  ]);
  return rows.filter(
    (row, at) => !isKept(bits, row) && outcomes[at] == null && progress[at] == null,
  );
}
