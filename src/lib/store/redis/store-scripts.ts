import { z } from 'zod';
import { BATCH_STATES } from '../../core/batch/batch.ts';
import { loadScript } from '../../redis/script.ts';
import {
  EXPIRY_KEYS,
  FEED_KEYS,
  GONE,
  KEPT_CONSTANTS,
  loadBatchScript,
  PENDING_COUNTERS,
  TRANSITIONS,
} from './batch-script.ts';
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
  keys: [
    'chunk',
    'outcomes',
    'keptBlock',
    'errors',
    'probeMemory',
    'marks',
    'sessions',
    ...EXPIRY_KEYS,
    ...FEED_KEYS,
  ],
  args: [
    'index',
    'firstRow',
    'packedRows',
    'rows',
    'widest',
    'afterCancel',
    'sharedDigests',
    'keptRows',
    'marksOfEnded',
    'counts',
  ],
  rest: 'known',
  fields: ['row', 'outcome'],
  constants: FEED_CONSTANTS,
  uses: ['note-expiry', 'announce'],
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
  keys: ['underWay', 'outcomes', 'keptBlock'],
  args: ['lastRow', 'reopeningsSeen'],
  rest: 'rows',
  fields: ['row', 'progress', 'state'],
  constants: KEPT_CONSTANTS,
  uses: ['kept-rows'],
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

export const readOutcomeTexts = loadScript(LUA, 'read-outcome-texts', {
  keys: ['outcomes'],
  args: [],
});
/** Rows and outcomes, one a line. */
export const outcomeTextsReply = z.tuple([z.string(), z.string()]);

export const readRow = loadBatchScript('read-row', {
  keys: ['underWay', 'outcomes', 'keptBlock'],
  args: ['row'],
  constants: KEPT_CONSTANTS,
  uses: ['kept-rows'],
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
  keys: ['underWay', 'outcomes', 'keptBlock', 'again', 'sessionsToday'],
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
  constants: KEPT_CONSTANTS,
  uses: ['kept-rows', 'count-session'],
});
export const swapReply = z.union([
  // The usual answer, tried first: every schema that does not fit records why.
  z.tuple([z.enum(['begun', 'no_session_today']), z.coerce.number()]),
  z.enum(['swapped', 'changed', 'has_outcome', 'no_session_left', GONE]),
]);

export const recordOutcome = loadBatchScript('record-outcome', {
  keys: [
    'underWay',
    'outcomes',
    'keptBlock',
    'errors',
    'again',
    'pace',
    'sessions',
    'marks',
    'untold',
    'latestSessions',
    'sessionsToday',
    ...EXPIRY_KEYS,
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
    ...KEPT_CONSTANTS,
    ...FEED_CONSTANTS,
  },
  uses: [
    'kept-rows',
    'count-error',
    'count-pending',
    'count-session',
    'note-expiry',
    'count-opened',
    'find-same-session',
    'announce',
  ],
});
export const recordReply = z.union([
  z.tuple([z.literal('recorded'), z.enum(BATCH_STATES), z.string(), z.number()]),
  z.tuple([z.enum(['changed', 'has_outcome'])]),
  z.tuple([z.literal('session_taken'), z.number()]),
  z.literal(GONE),
]);

/** Fields of a batch that no counter depends on: field, value, field, value … */
export const setFields = loadBatchScript('set-fields', { keys: [], args: [], rest: 'fields' });
