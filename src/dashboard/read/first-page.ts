/** The first things of an ordered list that is at hand, and the place of the last of them if others follow. */
export function firstPage<T, P>(
  things: readonly T[],
  limit: number,
  placeOf: (thing: T) => P,
): { page: T[]; next: P | null } {
  const page = things.slice(0, limit);
  const last = page.at(-1);
  return { page, next: things.length > limit && last !== undefined ? placeOf(last) : null };
}
