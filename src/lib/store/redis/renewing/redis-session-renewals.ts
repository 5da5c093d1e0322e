import { z } from 'zod';
import type { BatchRef } from '../../../core/batch/batch.ts';
import { chunkOfRow } from '../../../core/batch/chunk.ts';
import type { Source } from '../../../core/manifest/source.ts';
import type { Outcome } from '../../../core/row/outcome.ts';
import { isBeingRenewed } from '../../../core/row/renewal.ts';
import type { SwapOptions } from '../../batch-store.ts';
import type { NoteResult, RenewResult, SessionRenewals } from '../../session-renewals.ts';
import { EXPIRY_KEYS, FEED_KEYS, GONE, KEPT_CONSTANTS, loadBatchScript } from '../batch-script.ts';
import { ledgerEntry } from '../packing/ledger-entry.ts';
import { FEED_CONSTANTS } from '../packing/pack-feed-event.ts';
import { packOutcome } from '../packing/pack-outcome.ts';
import { packEnding, packOpened, withCalled } from '../packing/pack-record.ts';
import { digestSource } from '../packing/source-digest.ts';
import { RedisPart } from '../redis-part.ts';

const noteRenewal = loadBatchScript('note-renewal', {
  keys: ['outcomes', 'keptBlock', 'sessionsToday', ...FEED_KEYS],
  args: [
    'row',
    'expected',
    'next',
    'calls',
    'orphans',
    'beginsCall',
    'perDay',
    'dayEnd',
    'nextDayEnd',
    'givesBack',
  ],
  constants: { ...KEPT_CONSTANTS, ...FEED_CONSTANTS },
  uses: ['kept-rows', 'count-session', 'count-renewal', 'announce'],
});
const noteReply = z.union([
  z.enum(['noted', 'changed', 'no_session_left', GONE]),
  z.tuple([z.enum(['begun', 'no_session_today']), z.coerce.number()]),
]);

const renewSession = loadBatchScript('renew-session', {
  keys: [
    'outcomes',
    'keptBlock',
    'errors',
    'earlier',
    'sessions',
    'marks',
    'latestSessions',
    'sessionsToday',
    ...EXPIRY_KEYS,
    ...FEED_KEYS,
  ],
  moreKeys: 'ledgers',
  args: [
    'outcome',
    'status',
    'mark',
    'calls',
    'orphans',
    'units',
    'balance',
    'sessionBucket',
    'ledgerField',
    'ledgerValue',
    'ledgerExpiresAtS',
    'mention',
    'sessionHash',
    'givesBack',
  ],
  rest: 'replaced',
  fields: ['row', 'outcome', 'kept', 'status', 'errorCode', 'sessionBucket'],
  constants: { ...KEPT_CONSTANTS, ...FEED_CONSTANTS },
  uses: [
    'kept-rows',
    'count-session',
    'note-expiry',
    'count-opened',
    'count-renewal',
    'find-same-session',
    'take-back',
    'announce',
  ],
});
const renewReply = z.union([
  z.tuple([z.enum(['renewed', 'changed'])]),
  z.tuple([z.literal('session_taken'), z.number()]),
  z.literal(GONE),
]);

interface Change {
  found: Outcome;
  next: Outcome;
}

/** Renewals on Redis. */
export class RedisSessionRenewals extends RedisPart implements SessionRenewals {
  async note(
    batch: BatchRef,
    row: number,
    change: Change,
    { beginsCall, givesBack }: Pick<SwapOptions, 'beginsCall' | 'givesBack'> = {},
  ): Promise<NoteResult> {
    const target = { ...batch, chunk: chunkOfRow(row) };
    const reply = noteReply.parse(
      await noteRenewal.run(this.place, target, {
        row,
        expected: packOutcome(change.found),
        next: packOutcome(change.next),
        ...countsOf(change),
        beginsCall: beginsCall ? '1' : '0',
        perDay: beginsCall?.perDay ?? 0,
        dayEnd: beginsCall?.dayEnds[0] ?? 0,
        nextDayEnd: beginsCall?.dayEnds[1] ?? 0,
        givesBack: givesBack ?? '',
      }),
    );
    return typeof reply === 'string' ? { kind: reply } : { kind: reply[0], dayEndMs: reply[1] };
  }

  async renew(
    batch: BatchRef,
    row: number,
    change: Change,
    source: Source,
    { givesBack }: Pick<SwapOptions, 'givesBack'> = {},
  ): Promise<RenewResult> {
    const { found } = change;
    // The next outcome has the calls of the renewal.
    const { renewal: _renewal, ...kept } = found;
    const digest = digestSource(source);
    const next = withCalled(change.next, digest);
    const ledger = ledgerEntry(batch, row, next, digest);
    const { errorCode: _, errorMessage: __, ...ending } = packEnding(next);
    const reply = renewReply.parse(
      await renewSession.run(
        this.place,
        { ...batch, chunk: chunkOfRow(row) },
        {
          ...ending,
          ...packOpened(next, ledger),
          ...countsOf(change),
          ledgers: ledger === null ? [] : [this.keys.ledger(ledger.hour, ledger.slice)],
          givesBack: givesBack ?? '',
          replaced: [{ row, ...packEnding(found), kept: packOutcome(kept) }],
        },
      ),
    );
    if (reply === GONE) return { kind: 'gone' };
    return reply[0] === 'session_taken' ? { kind: reply[0], byRow: reply[1] } : { kind: reply[0] };
  }
}

/** What a change adds to the batch's counters. */
const countsOf = ({ found, next }: Change): { calls: number; orphans: number } => ({
  calls: Number(isBeingRenewed(next)) - Number(isBeingRenewed(found)),
  orphans: (next.possibleOrphans ?? 0) - (found.possibleOrphans ?? 0),
});
