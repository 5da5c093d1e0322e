import type { Redis } from 'ioredis';
import { comparePlaces, type ListPlace } from '../../../core/list-place.ts';

const PAGE = 100;

/** Where to begin, and in what order. */
interface WantedPlaces {
  /** Begins after this place; null for the beginning. */
  from: ListPlace | null;
  /** `older`: newest first, from there on. `newer`: oldest first. */
  towards: 'older' | 'newer';
}

/**
 * Pages of a list that is kept in order of time. Each page begins at the place where the previous one ended. A number
 * would change with every batch that is added or removed.
 */
export async function* listPlaces(
  redis: Redis,
  list: string,
  { from, towards }: WantedPlaces,
): AsyncIterable<ListPlace[]> {
  let last = from;
  /** Places of the same ms that earlier pages have had. */
  let tied = 0;
  for (;;) {
    const page = await readPage(redis, list, last, { towards, skip: tied });
    yield last === null ? page : page.filter(isBehind(last, towards));
    if (page.length < PAGE) return;
    const end = page.at(-1) as ListPlace;
    tied = end.atMs === last?.atMs ? tied + PAGE : 0;
    last = end;
  }
}

const isBehind =
  (last: ListPlace, towards: WantedPlaces['towards']) =>
  (place: ListPlace): boolean =>
    towards === 'older' ? comparePlaces(place, last) < 0 : comparePlaces(place, last) > 0;

async function readPage(
  redis: Redis,
  list: string,
  last: ListPlace | null,
  { towards, skip }: { towards: WantedPlaces['towards']; skip: number },
): Promise<ListPlace[]> {
  const found =
    towards === 'older'
      ? await redis.zrevrangebyscore(
          list,
          last?.atMs ?? '+inf',
          '-inf',
          'WITHSCORES',
          'LIMIT',
          skip,
          PAGE,
        )
      : await redis.zrangebyscore(
          list,
          last?.atMs ?? '-inf',
          '+inf',
          'WITHSCORES',
          'LIMIT',
          skip,
          PAGE,
        );
  return found.flatMap((id, at) => (at % 2 === 0 ? [{ id, atMs: Number(found[at + 1]) }] : []));
}
