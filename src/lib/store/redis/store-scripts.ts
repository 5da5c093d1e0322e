import { z } from 'zod';
import { BATCH_STATES } from '../../core/batch/batch.ts';
import { CHUNK_ROWS } from '../../core/batch/chunk.ts';
import { loadScript } from '../../redis/script.ts';
import { FEED_KEYS, GONE, loadBatchScript, PENDING_COUNTERS, TRANSITIONS } from './batch-script.ts';
import { FEED_CONSTANTS } from './packing/pack-feed-event.ts';

/** The scripts of the batch store: their arguments and their answers. The head of each script says more. */

const LUA = new URL('./lua/', import.meta.url);

export const openBatch = loadScript(LUA, 'open-batch', {
  keys: ['identities', 'batch', 'batches'],
  moreKeys: 'mending',
  args: ['id', 'identity', 'nowMs'],
  rest: 'fields',
});
export const openReply = z.union([
  z.tuple([z.enum(['created', 'found']), z.string(), z.string()]),
  z.tuple([z.literal('conflict')]),
]);

export const appendChunk = loadBatchScript('append-chunk', {
  keys: ['chunk', 'outcomes', 'errors', 'probeMemory', 'marks', 'sessions', ...FEED_KEYS],
  args: ['index', 'packedRows', 'rows', 'widest', 'afterCancel', 'sharedDigests'],
  rest: 'known',
  fields: ['row', 'outcome', 'status', 'errorCode', 'errorMessage', 'mark', 'sessionBucket'],
  constants: FEED_CONSTANTS,
  uses: ['count-error', 'announce'],
});

export const noteEarlier = loadBatchScript('note-earlier', {
  keys: ['earlier'],
  args: [],
  rest: 'rows',
  fields: ['row', 'outcome'],
});

export const noteReading = loadBatchScript('note-reading', {
  keys: [],
  args: ['shape', 'isWhole'],
});

export const changeState = loadBatchScript('change-state', {
  keys: ['untold'],
  args: ['event', 'reason', 'isNewEpoch', 'nowMs'],
  constants: { transitions: TRANSITIONS, pendingCounters: PENDING_COUNTERS },
  uses: ['count-pending'],
});
export const stateReply = z.enum(BATCH_STATES).nullable();

export const markDispatched = loadBatchScript('mark-dispatched', {
  keys: ['underWay', 'outcomes'],
  args: ['lastRow', 'reopeningsSeen'],
  rest: 'rows',
  fields: ['row', 'progress', 'state'],
});

export const readDispatch = loadScript(LUA, 'read-dispatch', {
  keys: ['batch', 'underWay', 'again'],
  args: [],
});
/** A hash as a script returns it: field, value, field, value … */
const flatHash = z
  .array(z.string())
  .transform(
    (parts): Record<string, string> =>
      Object.fromEntries(
        parts.flatMap((part, index) => (index % 2 === 0 ? [[part, parts[index + 1] ?? '']] : [])),
      ),
  );
export const dispatchReply = z.tuple([flatHash, z.number(), z.number()]);

export const readRow = loadBatchScript('read-row', {
  keys: ['underWay', 'outcomes'],
  args: ['row'],
});
export const rowReply = z.union([
  z.tuple([
    z.enum(BATCH_STATES),
    z.string(),
    z.string().nullable(),
    z.string().nullable(),
    z.number(),
  ]),
  z.literal(GONE),
]);

export const swapProgress = loadBatchScript('swap-progress', {
  keys: ['underWay', 'outcomes', 'again', 'sessionsToday'],
  args: [
    'row',
    'expected',
    'next',
    'stateBefore',
    'stateAfter',
    'isHandedBack',
    'beginsCall',
    'perDay',
    'dayEnd',
    'nextDayEnd',
    'givesBack',
  ],
  uses: ['count-session'],
});
export const swapReply = z.union([
  z.enum(['swapped', 'changed', 'has_outcome', 'no_session_left', GONE]),
  z.tuple([z.enum(['begun', 'no_session_today']), z.coerce.number()]),
]);

export const recordOutcome = loadBatchScript('record-outcome', {
  keys: [
    'underWay',
    'outcomes',
    'errors',
    'again',
    'pace',
    'sessions',
    'marks',
    'untold',
    'latestSessions',
    'sessionsToday',
    ...FEED_KEYS,
  ],
  moreKeys: 'ledgers',
  args: [
    'row',
    'expected',
    'outcome',
    'stateBefore',
    'status',
    'nowMs',
    'errorCode',
    'errorMessage',
    'possibleOrphans',
    'units',
    'balance',
    'hasFailed',
    'paceBucket',
    'oldestPaceBucket',
    'sessionBucket',
    'ledgerField',
    'ledgerValue',
    'ledgerExpiresAtS',
    'mark',
    'mention',
    'sessionHash',
    'givesBack',
  ],
  constants: {
    whenAllEnded: TRANSITIONS.all_rows_ended,
    pendingCounters: PENDING_COUNTERS,
    rowsPerChunk: CHUNK_ROWS,
    ...FEED_CONSTANTS,
  },
  uses: ['count-error', 'count-pending', 'count-session', 'announce'],
});
export const recordReply = z.union([
  z.tuple([z.literal('recorded'), z.enum(BATCH_STATES), z.string(), z.number()]),
  z.tuple([z.enum(['changed', 'has_outcome'])]),
  z.tuple([z.literal('session_taken'), z.number()]),
  z.literal(GONE),
]);

/** Fields of a batch that no counter depends on: field, value, field, value … */
export const setFields = loadBatchScript('set-fields', { keys: [], args: [], rest: 'fields' });
