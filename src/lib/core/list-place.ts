/**
 * The position of an item in a list that is ordered by time, then by id. It stays valid when the item itself is gone,
 * and when others are added.
 */
export interface ListPlace {
  atMs: number;
  id: string;
}

/** Below zero when `one` is older. Ids are ordered as Redis orders them: by their bytes. */
export const comparePlaces = (one: ListPlace, other: ListPlace): number =>
  one.atMs - other.atMs || Buffer.compare(Buffer.from(one.id), Buffer.from(other.id));

/** `1764400000000-night-1`. */
export const formatPlace = ({ atMs, id }: ListPlace): string => `${atMs}-${id}`;

/** Null for a text that `formatPlace` does not write. */
export function parsePlace(text: string): ListPlace | null {
  const [, atMs, id] = /^(\d{1,15})-(\S{1,200})$/.exec(text) ?? [];
  return id === undefined ? null : { atMs: Number(atMs), id };
}
