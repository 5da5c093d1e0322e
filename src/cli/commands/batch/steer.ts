import type { Command } from 'commander';
import { type Batch, countPending } from '../../../lib/core/batch/batch.ts';
import {
  BATCH_ACTS,
  type BatchAct,
  type BatchVerb,
  previewAct,
  REASON_OPTION,
} from '../../../lib/requests/batch-acts.ts';
import { findBatch } from '../../../library/find-batch.ts';
import { actOnBatch } from '../../../library/steering/act-on-batch.ts';
import { readStatusOf } from '../../../library/wiring/batch-status.ts';
import { daySourcesOf } from '../../../library/wiring/gate-policy.ts';
import { whoAmI } from '../../../library/wiring/who.ts';
import { machineZone } from '../../options/machine-zone.ts';
import { addRequestFlags, requestFrom } from '../../options/request-flags.ts';
import { askFirst, canAsk } from '../../process/ask.ts';
import { EXIT, type ExitCode } from '../../process/exit.ts';
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
    if (preview !== null) command.option('--yes', 'do not ask for confirmation', false);
    withBatches<ActFlags>(command, onExit, (query, flags, id = '') =>
      steer(query, verb, id, { ...flags, ...requestFrom(options, flags) }),
    );
  }
}

const showState = ({ id, state }: Batch): string => JSON.stringify({ batchId: id, state });

const sayAlready = ({ id, state, stateReason }: Batch): string =>
  `${id} is already ${state}${stateReason === null ? '' : `: ${stateReason}`}.`;

/**
 * Prints the result. @throws what `actOnBatch` throws.
 */
export async function steer(
  query: RedisCommand,
  verb: BatchVerb,
  batchId: string,
  request: ActFlags,
): Promise<ExitCode> {
  const { stores, terminal, settings } = query;
  const batch = await findBatch(stores.store, batchId);
  const isAsked = request.yes !== true && request.dryRun !== true;
  if (isAsked && canAsk(terminal)) {
    const context = { ...stores, now: Date.now, day: daySourcesOf(stores, settings) };
    const preview = await previewAct(context, verb, batch, request);
    if (preview?.isWeighty) await askFirst(terminal, `${preview.sentence}\nContinue?`);
  }
  const by = { stores, who: whoAmI(), machineZone, settings };
  const acted = await actOnBatch(by, verb, batch, request);
  if (acted.kind === 'already') {
    terminal.print(request.json ? showState(acted.batch) : sayAlready(acted.batch));
    return EXIT.ok;
  }
  const { result, sentence } = acted;
  terminal.print(request.json ? JSON.stringify({ batchId, ...result }) : sentence);
  if (request.dryRun !== true) await sayWhoWorks(query, batchId);
  return EXIT.ok;
}

/** In the private data of `run`, rows wait until `run` starts again. */
async function sayWhoWorks(
  { stores, terminal, settings, isOfRun }: RedisCommand,
  batchId: string,
): Promise<void> {
  if (!isOfRun) return;
  const { batch, workers } = await readStatusOf(stores, settings, batchId);
  if (workers === 0 && countPending(batch.counts) > 0) terminal.say(stores.noWorker);
}
