import type { Lineage } from '../batch/batch.ts';

/** An earlier batch of the same file. */
export interface EarlierBatch {
  id: string;
  lineage: Lineage | null;
  /** Every row is stored. No row is called earlier. */
  isReadToEnd: boolean;
  hasEnded: boolean;
}

/** How an import of a file relates to earlier imports of it. */
export type Beginning =
  | { kind: 'first' }
  /** The latest one is this very import. */
  | { kind: 'same'; lineage: Lineage | null }
  /** The file, or what was asked for, has changed since. */
  | { kind: 'next'; lineage: Lineage };

/**
 * @param earlier newest first
 * @param idWith the id that this import has with a lineage; the same import has the same one
 */
export function decideLineage(
  earlier: readonly EarlierBatch[],
  idWith: (lineage: Lineage | null) => string,
  wantsFresh: boolean,
): Beginning {
  const [latest] = earlier;
  if (latest !== undefined && idWith(latest.lineage) === latest.id) {
    const isWanted = !wantsFresh || (latest.lineage?.isFresh === true && !latest.hasEnded);
    if (isWanted) return { kind: 'same', lineage: latest.lineage };
  }
  // A batch that was stored only in part has called nothing, so this import continues the batch before it.
  const before = earlier.find(({ isReadToEnd }) => isReadToEnd);
  if (before === undefined) return { kind: 'first' };
  return { kind: 'next', lineage: { after: before.id, isFresh: wantsFresh } };
}
