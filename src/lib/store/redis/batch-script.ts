import {
  BATCH_EVENTS,
  BATCH_STATES,
  type BatchEvent,
  type BatchRef,
  type BatchState,
  nextBatchState,
} from '../../core/batch/batch.ts';
import { CHUNK_ROWS } from '../../core/batch/chunk.ts';
import { PENDING_STATES } from '../../core/row/row.ts';
import {
  type Declaration,
  type Given,
  type GivenArgs,
  type GivenKeys,
  prepareScript,
  valueIn,
} from '../../redis/script.ts';
import type { Keys } from '../keys.ts';
import type { Place } from './redis-part.ts';

/**
 * The answer of a script whose batch was removed, even if another batch has its id now. The script has done nothing.
 */
export const GONE = 'gone';

type KeyOf<Make> = { [Name in keyof Keys]: Keys[Name] extends Make ? Name : never }[keyof Keys];

/** Keys of one batch, or of all of them. */
type BatchKey = KeyOf<string | ((batchId: string) => string)>;
/** Keys of one chunk of a batch. */
type ChunkKey = Exclude<KeyOf<(batchId: string, chunk: number) => string>, BatchKey>;

interface BatchDeclaration extends Declaration {
  /** Names of keys in `keys.ts`, besides `batch`. */
  keys: readonly (BatchKey | ChunkKey)[];
  /** Functions that several scripts share, from `lua/shared/`. */
  uses?: readonly string[];
}

/** A batch and, if the script uses a chunk's key, the chunk. */
type Target<D extends BatchDeclaration> = [D['keys'][number] & ChunkKey] extends [never]
  ? BatchRef
  : BatchRef & { chunk: number };

type MoreKeys<D extends Declaration> = Omit<GivenKeys<D>, D['keys'][number]>;

/** A script about one batch. It compares the incarnation in the same step. */
export interface BatchScript<D extends BatchDeclaration> {
  /** The target determines the keys, except those declared as `moreKeys`. */
  run(
    place: Place,
    target: Target<D>,
    ...given: Given<GivenArgs<D> & MoreKeys<D>>
  ): Promise<unknown>;
}

const LUA = new URL('./lua/', import.meta.url);

/** Reads `lua/<name>.lua` once; throws as `loadScript` does. */
export function loadBatchScript<const D extends BatchDeclaration>(
  name: string,
  declared: D,
): BatchScript<D> {
  const { uses = [], keys: own, ...others }: BatchDeclaration = declared;
  const shared = ['check-incarnation', ...uses].map((file) => `shared/${file}`);
  const run = prepareScript(LUA, [...shared, name], {
    ...others,
    keys: ['batch', ...own],
    args: ['incarnation', ...declared.args],
  });
  const isOwn: ReadonlySet<string> = new Set(own);
  return {
    run: ({ redis, keys }, target, ...[given = {}]) =>
      run(redis, (name) => {
        if (name === 'batch') return keys.batch(target.id);
        if (name === 'incarnation') return target.incarnation;
        return isOwn.has(name) ? keyIn(keys, name as BatchKey, target) : valueIn(given, name);
      }),
  };
}

function keyIn(
  keys: Keys,
  name: BatchKey | ChunkKey,
  { id, chunk = Number.NaN }: BatchRef & { chunk?: number },
): string {
  const key = keys[name];
  return typeof key === 'string' ? key : key(id, chunk);
}

/** For scripts that answer nil if there is nothing to do: their callers treat a removed batch the same. */
export const nullWhenGone = (reply: unknown): unknown => (reply === GONE ? null : reply);

/** The keys that `announce.lua` writes to. */
export const FEED_KEYS = ['feed', 'feedBatches'] as const;

/** The keys that `note-expiry.lua` writes to. */
export const EXPIRY_KEYS = ['expiring', 'expiringChunks'] as const;

/** The constants of `kept-rows.lua`. */
export const KEPT_CONSTANTS = { rowsPerChunk: CHUNK_ROWS } as const;

/** The fields of a batch that count its rows without an outcome. */
export const PENDING_COUNTERS = PENDING_STATES.map((state) => `n:${state}`);

/** Event → state before → state after. */
export const TRANSITIONS = Object.fromEntries(
  BATCH_EVENTS.map((event) => [event, transitionsOf(event)]),
) as Record<BatchEvent, Readonly<Record<string, BatchState>>>;

function transitionsOf(event: BatchEvent): Record<string, BatchState> {
  const pairs = BATCH_STATES.map((state) => [state, nextBatchState(state, event)] as const);
  return Object.fromEntries(pairs.flatMap(([from, to]) => (to === null ? [] : [[from, to]])));
}
