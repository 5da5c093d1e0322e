import type { Command } from 'commander';
import { removeBatch } from '../../../lib/batch/remove-batch.ts';
import {
  type Batch,
  countEnded,
  countPending,
  countWithoutSession,
} from '../../../lib/core/batch/batch.ts';
import { formatCount } from '../../../lib/core/in-words.ts';
import { BATCH_ACTS, type BatchAct } from '../../../lib/requests/batch-acts.ts';
import { WORKING_OPTIONS } from '../../../lib/requests/import-request.ts';
import type { RequestOption } from '../../../lib/requests/option.ts';
import type { BatchRecord } from '../../../lib/store/batch-overview.ts';
import { nullIfUnreadable } from '../../../lib/store/unreadable-record.ts';
import { findBatch } from '../../../library/find-batch.ts';
import { addRequestFlags, parserOf, requestFrom } from '../../options/request-flags.ts';
import { CliError, EXIT, type ExitCode } from '../../process/exit.ts';
import { formatTime } from '../../show/summary.ts';
import { type RedisCommand, withBatches } from '../with-redis.ts';
import { addActFlags, type JsonFlag, steer } from './steer.ts';

export function addBatchesCommand(program: Command, onExit: (code: ExitCode) => void): void {
  const batches = program
    .command('batches')
    .description('Lists the batches, sets their priority, budget and keep-alive, or removes them.')
    .addHelpText('after', '\nExample:\n  kling-sessions batches set-priority clips-1a2b3c4d 40');
  const list = batches
    .command('list', { isDefault: true })
    .description('Lists the batches, newest first.')
    .option('--json', 'one JSON object per line', false);
  withBatches(list, onExit, listBatches);
  addSetter(batches, onExit, {
    verb: 'priority',
    option: 'priority',
    words: `1 to 100; batches begin with ${WORKING_OPTIONS.priority.default}`,
  });
  addSetter(batches, onExit, {
    verb: 'max-sessions',
    option: 'maxSessions',
    words: 'a number from 1, those it has opened included, or off',
  });
  addSetter(batches, onExit, {
    verb: 'keep-alive',
    option: 'keepAlive',
    words: 'a duration such as 3d, a time such as 18:00 or 2026-12-01T18:00, or off',
  });
  const remove = batches
    .command('rm')
    .description('Deletes a batch that has ended, with its rows and results.')
    .argument('<batch>', 'the id that `import` printed');
  withBatches(remove, onExit, removeEnded);
}

interface Setter {
  verb: 'priority' | 'max-sessions' | 'keep-alive';
  /** The option of the act that is the command's second argument; the others are flags. */
  option: string;
  words: string;
}

function addSetter(
  batches: Command,
  onExit: (code: ExitCode) => void,
  { verb, option, words }: Setter,
): void {
  const { description, options }: BatchAct = BATCH_ACTS[verb];
  const { [option]: operand, ...flagged } = options;
  const command = batches
    .command(`set-${verb}`)
    .description(description)
    .argument('<batch>', 'the id that `import` printed')
    .argument(`<${verb}>`, words, parserOf(operand as RequestOption));
  addActFlags(addRequestFlags(command, flagged));
  withBatches<JsonFlag>(command, onExit, (query, flags, id = '', value = '') =>
    steer(query, verb, id, { ...flags, ...requestFrom(flagged, flags), ...{ [option]: value } }),
  );
}

async function listBatches(
  { stores, terminal }: RedisCommand,
  flags: { json: boolean },
): Promise<ExitCode> {
  let count = 0;
  for await (const record of stores.overview.listRecords()) {
    terminal.print(flags.json ? JSON.stringify(jsonOf(record)) : describeRecord(record));
    count += 1;
  }
  if (count === 0) terminal.say('There are no batches yet; `kling-sessions import` creates one.');
  return EXIT.ok;
}

const jsonOf = (record: BatchRecord): object =>
  record.kind === 'batch' ? record.batch : { id: record.id, unreadable: record.reason };

const describeRecord = (record: BatchRecord): string =>
  record.kind === 'batch' ? describe(record.batch) : `${record.id.padEnd(32)}  ${record.reason}`;

function describe({ id, state, rows, counts, createdAtMs, isReadToEnd }: Batch): string {
  const without = countWithoutSession(counts);
  return [
    id.padEnd(32),
    state.padEnd(10),
    `${formatCount(countEnded(counts))}/${formatCount(rows)} rows`.padEnd(20),
    `${without === 0 ? '' : `${formatCount(without)} without session`}`.padEnd(22),
    formatTime(createdAtMs),
    ...(isReadToEnd ? [] : ['manifest not read to its end']),
  ].join('  ');
}

async function removeEnded(
  { stores, terminal }: RedisCommand,
  _flags: object,
  batchId = '',
): Promise<ExitCode> {
  // A batch with a damaged record can always be removed, because nothing else can be done with it.
  const batch = await findBatch(stores.store, batchId).catch(nullIfUnreadable);
  if (batch !== null && (countPending(batch.counts) > 0 || batch.state === 'importing')) {
    throw new CliError(
      EXIT.usage,
      `Batch ${batchId} is ${batch.state}; \`kling-sessions cancel ${batchId}\` ends it first.`,
    );
  }
  if (batch === null) await stores.steering.removeDamaged(batchId);
  else await removeBatch({ ...stores, now: Date.now }, batch);
  terminal.print(`${batchId} is removed.`);
  return EXIT.ok;
}
