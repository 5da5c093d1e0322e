import { type Command, InvalidArgumentError, Option } from 'commander';
import {
  type Act,
  cancelBatch,
  changeBatch,
  refreshSessions,
  retryRows,
  type SteeringContext,
} from '../../../lib/batch/steer-batch.ts';
import type { Batch, BatchRef, BatchState } from '../../../lib/core/batch/batch.ts';
import { explainUnread } from '../../../lib/core/batch/explain-unread.ts';
import { formatRows, formatSessions } from '../../../lib/core/in-words.ts';
import { type OutcomeStatus, RETRIED_STATUSES } from '../../../lib/core/row/row.ts';
import { parseDuration } from '../../../lib/settings/duration.ts';
import { findBatch } from '../../actions/find-batch.ts';
import { CliError, EXIT, type ExitCode } from '../../process/exit.ts';
import { whoAmI } from '../../process/who.ts';
import { type RedisCommand, withRedis } from '../with-redis.ts';

interface ActFlags {
  reason?: string;
  json: boolean;
}

interface RetryFlags extends ActFlags {
  status?: ReadonlySet<OutcomeStatus>;
  code?: ReadonlySet<string>;
}

interface RefreshFlags extends ActFlags {
  within: number;
}

const BATCH_ARGUMENT = ['<batch>', 'the id that `import` printed'] as const;
const REASON_OPTION = ['--reason <text>', "kept in the batch's history"] as const;
const JSON_OPTION = ['--json', 'print what it came to as JSON', false] as const;
const FOUR_HOURS_MS = 4 * 3_600_000;

/** `pause`, `resume`, `cancel`, `retry`, `refresh`: what people do to a batch. */
export function addSteeringCommands(program: Command, onExit: (code: ExitCode) => void): void {
  addPauseAndResume(program, onExit);
  addCancel(program, onExit);
  addRetry(program, onExit);
  addRefresh(program, onExit);
}

function addPauseAndResume(program: Command, onExit: (code: ExitCode) => void): void {
  const pause = program
    .command('pause')
    .description('Starts no more rows of a batch; calls under way finish.')
    .argument(...BATCH_ARGUMENT)
    .option(...REASON_OPTION)
    .option(...JSON_OPTION)
    .addHelpText('after', '\nExample:\n  kling-sessions pause clips-1a2b3c4d --reason "budget"');
  withRedis<ActFlags>(pause, onExit, (query, flags, id = '') =>
    steer(query, id, flags, PAUSE, (context, batch, act) =>
      changeBatch(context, batch, 'pause', act),
    ),
  );
  const resume = program
    .command('resume')
    .description('Goes on with a paused batch where it was.')
    .argument(...BATCH_ARGUMENT)
    .option(...REASON_OPTION)
    .option(...JSON_OPTION)
    .addHelpText('after', '\nExample:\n  kling-sessions resume clips-1a2b3c4d');
  withRedis<ActFlags>(resume, onExit, (query, flags, id = '') =>
    steer(query, id, flags, RESUME, (context, batch, act) =>
      changeBatch(context, batch, 'resume', act),
    ),
  );
}

function addCancel(program: Command, onExit: (code: ExitCode) => void): void {
  const command = program
    .command('cancel')
    .description(
      'Ends a batch. Results stay, calls under way finish and are recorded, every other row is cancelled at once.',
    )
    .argument(...BATCH_ARGUMENT)
    .option(...REASON_OPTION)
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      '\nExample:\n  kling-sessions cancel clips-1a2b3c4d --reason "wrong file"',
    );
  withRedis<ActFlags>(command, onExit, (query, flags, id = '') =>
    steer(query, id, flags, CANCEL, cancelBatch),
  );
}

interface Steering {
  verb: string;
  /** A batch in this state needs nothing done. */
  goal: BatchState;
}

const PAUSE: Steering = { verb: 'pause', goal: 'paused' };
const RESUME: Steering = { verb: 'resume', goal: 'running' };
const CANCEL: Steering = { verb: 'cancel', goal: 'cancelled' };

/** Prints the state that follows. A batch that has it already is left as it is; it is an error (2) when its state does not allow the change. */
async function steer(
  query: RedisCommand,
  batchId: string,
  flags: ActFlags,
  { verb, goal }: Steering,
  act: (context: SteeringContext, batch: BatchRef, act: Act) => Promise<string | null>,
): Promise<ExitCode> {
  const { store } = query.stores;
  const state = await act(contextOf(query), await findBatch(store, batchId), actOf(flags));
  if (state !== null) {
    tell(query, flags, { batchId, state }, `${batchId} is ${state}.`);
    return EXIT.ok;
  }
  const present = await findBatch(store, batchId);
  if (present.state !== goal) {
    throw new CliError(
      EXIT.usage,
      `Batch ${batchId} is ${present.state}; there is nothing to ${verb}.`,
    );
  }
  const why = present.stateReason === null ? '' : `: ${present.stateReason}`;
  tell(query, flags, { batchId, state: goal }, `${batchId} is already ${goal}${why}.`);
  return EXIT.ok;
}

function addRetry(program: Command, onExit: (code: ExitCode) => void): void {
  const command = program
    .command('retry')
    .description(
      'Lets ended rows wait again, by how they ended. What they came to stays in their history.',
    )
    .argument(...BATCH_ARGUMENT)
    .addOption(
      new Option(
        '--status <list>',
        'rows that ended so, comma-separated; default failed,unconfirmed, or with --code any',
      ).argParser(readStatuses),
    )
    .option(
      '--code <list>',
      'rows that ended with one of these error codes, comma-separated',
      readCodes,
    )
    .option(...REASON_OPTION)
    .option(...JSON_OPTION)
    .addHelpText('after', '\nExample:\n  kling-sessions retry clips-1a2b3c4d --code http_404');
  withRedis<RetryFlags>(command, onExit, async (query, flags, batchId = '') => {
    const batch = await findBatch(query.stores.store, batchId);
    const { status, code } = flags;
    const filter = { statuses: status ?? null, codes: code ?? null };
    const rows = await retryRows(contextOf(query), batch, filter, actOf(flags));
    if (rows === null) refuseUnread(batch, 'retried');
    const sentence =
      rows === 0
        ? `No row of ${batchId} ended so; nothing is retried.`
        : `${formatRows(rows)} of ${batchId} ${rows === 1 ? 'waits' : 'wait'} again.`;
    tell(query, flags, { batchId, rows }, sentence);
    return EXIT.ok;
  });
}

function addRefresh(program: Command, onExit: (code: ExitCode) => void): void {
  const command = program
    .command('refresh')
    .description(
      "Opens new sessions for rows whose session has expired or is about to. The old one stays in the row's history.",
    )
    .argument(...BATCH_ARGUMENT)
    .addOption(
      new Option('--within <duration>', 'sessions that expire so soon')
        .argParser(readDuration)
        .default(FOUR_HOURS_MS, '4h'),
    )
    .option(...REASON_OPTION)
    .option(...JSON_OPTION)
    .addHelpText('after', '\nExample:\n  kling-sessions refresh clips-1a2b3c4d --within 4h');
  withRedis<RefreshFlags>(command, onExit, async (query, flags, batchId = '') => {
    const batch = await findBatch(query.stores.store, batchId);
    const rows = await refreshSessions(contextOf(query), batch, flags.within, actOf(flags));
    if (rows === null) refuseUnread(batch, 'refreshed');
    const sentence =
      rows === 0
        ? `No session of ${batchId} expires so soon; nothing is opened anew.`
        : `${formatSessions(rows)} of ${batchId} ${rows === 1 ? 'is' : 'are'} opened anew.`;
    tell(query, flags, { batchId, rows }, sentence);
    return EXIT.ok;
  });
}

function refuseUnread(batch: Batch, verb: string): never {
  throw new CliError(
    EXIT.usage,
    `Nothing of ${batch.id} is ${verb} yet. ${explainUnread(batch) ?? ''}`,
  );
}

function tell(
  { terminal }: RedisCommand,
  { json }: ActFlags,
  result: object,
  sentence: string,
): void {
  terminal.print(json ? JSON.stringify(result) : sentence);
}

const contextOf = ({ stores }: RedisCommand): SteeringContext => ({ ...stores, now: Date.now });

const actOf = ({ reason }: ActFlags): Act => ({ who: whoAmI(), reason: reason ?? null });

function readStatuses(text: string): ReadonlySet<OutcomeStatus> {
  const wanted = new Set(text.split(',').map((part) => part.trim()));
  const found = RETRIED_STATUSES.filter((status) => wanted.has(status));
  if (found.length === wanted.size) return new Set(found);
  throw new InvalidArgumentError(`Use some of ${RETRIED_STATUSES.join(', ')}.`);
}

const readCodes = (text: string): ReadonlySet<string> =>
  new Set(text.split(',').map((part) => part.trim()));

function readDuration(text: string): number {
  const durationMs = parseDuration(text);
  if (durationMs !== null) return durationMs;
  throw new InvalidArgumentError('Use a duration such as 30m, 4h or 1d.');
}
