import type { Command } from 'commander';
import { type Batch, type BatchState, countPending } from '../../../lib/core/batch/batch.ts';
import {
  BATCH_ACTS,
  type BatchAct,
  type BatchVerb,
  carryOut,
  previewAct,
  REASON_OPTION,
} from '../../../lib/requests/batch-acts.ts';
import { findBatch } from '../../actions/find-batch.ts';
import { addRequestFlags, requestFrom } from '../../options/request-flags.ts';
import { askFirst, canAsk } from '../../process/ask.ts';
import { CliError, EXIT, type ExitCode } from '../../process/exit.ts';
import { whoAmI } from '../../process/who.ts';
import { readStatusOf } from '../../wiring/batch-status.ts';
import { type RedisCommand, withBatches } from '../with-redis.ts';

export interface JsonFlag {
  json: boolean;
}

interface ActFlags extends JsonFlag {
  dryRun?: boolean;
  yes?: boolean;
}

/** The options that every act on a batch takes. */
export const addActFlags = (command: Command): Command =>
  addRequestFlags(command, REASON_OPTION).option('--json', 'print the result as JSON', false);

/** `pause`, `resume`, `cancel`, `retry`, `refresh`: what people do to a batch. */
export function addSteeringCommands(program: Command, onExit: (code: ExitCode) => void): void {
  for (const verb of ['pause', 'resume', 'cancel', 'retry', 'refresh'] as const) {
    const { description, example, options, preview }: BatchAct = BATCH_ACTS[verb];
    const command = program
      .command(verb)
      .description(description)
      .argument('<batch>', 'the id that `import` printed')
      .addHelpText(
        'after',
        `\nExample:\n  kling-sessions ${verb} clips-1a2b3c4d ${example}`.trimEnd(),
      );
    addActFlags(addRequestFlags(command, options));
    if (preview !== null) command.option('--yes', 'do it without a question', false);
    withBatches<ActFlags>(command, onExit, (query, flags, id = '') =>
      steer(query, verb, id, { ...flags, ...requestFrom(options, flags) }),
    );
  }
}

/** Nothing to do: the batch is already in this state. */
const GOALS: Partial<Record<BatchVerb, BatchState>> = {
  pause: 'paused',
  resume: 'running',
  cancel: 'cancelled',
};

const showState = ({ id, state }: Batch): string => JSON.stringify({ batchId: id, state });

const sayAlready = ({ id, state, stateReason }: Batch): string =>
  `${id} is already ${state}${stateReason === null ? '' : `: ${stateReason}`}.`;

/**
 * Prints the result. @throws CliError (2) when the batch's state does not allow the act, or there is no such batch.
 */
export async function steer(
  query: RedisCommand,
  verb: BatchVerb,
  batchId: string,
  request: ActFlags,
): Promise<ExitCode> {
  const { stores, terminal } = query;
  const batch = await findBatch(stores.store, batchId);
  const context = { ...stores, now: Date.now };
  const isAsked = request.yes !== true && request.dryRun !== true;
  if (isAsked && canAsk(terminal)) {
    const preview = await previewAct(context, verb, batch, request);
    if (preview?.isWeighty) await askFirst(terminal, `${preview.sentence}\nGo on?`);
  }
  const ending = await carryOut(context, verb, batch, request, whoAmI());
  if (ending.kind === 'impossible') {
    const present = await findBatch(stores.store, batchId);
    if (present.state !== GOALS[verb]) throw new CliError(EXIT.usage, ending.sentence);
    terminal.print(request.json ? showState(present) : sayAlready(present));
    return EXIT.ok;
  }
  const { result, sentence } = ending;
  terminal.print(request.json ? JSON.stringify({ batchId, ...result }) : sentence);
  if (request.dryRun !== true) await sayWhoWorks(query, batchId);
  return EXIT.ok;
}

/** On the data of `run` rows wait until it is started again. */
async function sayWhoWorks(
  { stores, terminal, isOfRun }: RedisCommand,
  batchId: string,
): Promise<void> {
  if (!isOfRun) return;
  const { batch, workers } = await readStatusOf(stores, batchId);
  if (workers === 0 && countPending(batch.counts) > 0) terminal.say(stores.noWorker);
}
