import { formatNumber } from '../in-words.ts';
import type { Position } from './position.ts';

/** How far the results database is, as the workers last saw it. Times are those of Redis' clock, in ms since 1970. */
export interface CopyState {
  /** The address of the database, without password; null before a worker has used it. */
  place: string | null;
  /** Where copying continues; null before the first page. */
  position: Position | null;
  /** The database has every change up to this time; null if it never caught up. */
  currentAtMs: number | null;
  /** Since when the database lacks something or cannot be reached; null while it has everything. */
  behindSinceMs: number | null;
  /** What is wrong, in a sentence or two; null when nothing is. */
  trouble: string | null;
}

export const NOTHING_COPIED: CopyState = {
  place: null,
  position: null,
  currentAtMs: null,
  behindSinceMs: null,
  trouble: null,
};

/** After a page. `lookedAtMs`: the start of the look that found nothing after the page; null when it found more. */
export const afterPage = (
  state: CopyState,
  position: Position,
  lookedAtMs: number | null,
  nowMs: number,
): CopyState => ({
  place: state.place,
  position,
  currentAtMs: lookedAtMs ?? state.currentAtMs,
  behindSinceMs: lookedAtMs === null ? (state.behindSinceMs ?? nowMs) : null,
  trouble: null,
});

export const afterTrouble = (state: CopyState, trouble: string, nowMs: number): CopyState => ({
  ...state,
  behindSinceMs: state.behindSinceMs ?? nowMs,
  trouble,
});

/** Changes that are not in the database yet. `latest` is the number of the latest event. */
export const countBehind = ({ position }: CopyState, latest: number): number =>
  Math.max(0, latest + 1 - (position?.event ?? 1));

/** One sentence or two, for `status` and notices. */
export function describeCopy(state: CopyState, latest: number): string {
  const behind = countBehind(state, latest);
  const trouble = state.trouble === null ? '' : ` ${state.trouble}`;
  // The description of the trouble already names the address.
  const place = state.place === null || state.trouble !== null ? '' : ` ${state.place}`;
  if (behind === 0 && state.trouble === null) return `The results database${place} is up to date.`;
  const since =
    state.behindSinceMs === null ? '' : ` since ${new Date(state.behindSinceMs).toISOString()}`;
  return `The results database${place} is ${formatNumber(behind, 'change')} behind${since}.${trouble}`;
}
