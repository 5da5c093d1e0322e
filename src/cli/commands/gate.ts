import type { Command } from 'commander';
import { describeToday } from '../../lib/core/budget/describe-today.ts';
import { sessionsOfDay } from '../../lib/core/gate/day-limit.ts';
import { explainGate } from '../../lib/core/gate/explain-gate.ts';
import {
  currentConcurrency,
  type Gate,
  limitsInForce,
  limitsOfWorkers,
} from '../../lib/core/gate/gate.ts';
import { changeLimits, type GateSteering, openGate } from '../../lib/gate/steer-gate.ts';
import { LIMIT_OPTIONS } from '../../lib/requests/limits-request.ts';
import { listWorkers } from '../../lib/store/redis/worker-registry.ts';
import { limitsOf } from '../../library/wiring/gate-policy.ts';
import { whoAmI } from '../../library/wiring/who.ts';
import { addRequestFlags, requestFrom } from '../options/request-flags.ts';
import { CliError, EXIT, type ExitCode } from '../process/exit.ts';
import { type RedisCommand, withBatches } from './with-redis.ts';

interface SetFlags {
  reset: boolean;
  json: boolean;
}

export function addGateCommand(program: Command, onExit: (code: ExitCode) => void): void {
  const gate = program
    .command('gate')
    .description('Shows whether the API may be called now and, if not, why and until when.')
    .addHelpText('after', '\nExample:\n  kling-sessions gate set --concurrency 5 --rate 2');
  const show = gate
    .command('show', { isDefault: true })
    .description('Shows the gate and the limits in force.')
    .option('--json', 'print it as JSON', false);
  withBatches(show, onExit, showGate);
  const open = gate
    .command('open')
    .description('Lets one call try now; when it succeeds the gate is open.')
    .option('--json', 'print the gate as JSON', false);
  withBatches(open, onExit, tryGate);
  const set = gate
    .command('set')
    .description('Changes the limits for all workers at once, until changed again.')
    .option(
      '--reset',
      'follow API_CONCURRENCY, API_RATE_PER_SECOND and SESSIONS_PER_DAY again',
      false,
    )
    .option('--json', 'print the gate as JSON', false);
  withBatches(addRequestFlags(set, LIMIT_OPTIONS), onExit, setGate);
}

async function showGate(query: RedisCommand, flags: { json: boolean }): Promise<ExitCode> {
  const { gate, nowMs } = await query.stores.gateStore.read();
  await printGate(query, gate, nowMs, flags.json);
  return EXIT.ok;
}

async function tryGate(query: RedisCommand, flags: { json: boolean }): Promise<ExitCode> {
  const { gate, nowMs } = await openGate(steeringOf(query), { who: whoAmI(), reason: null });
  await printGate(query, gate, nowMs, flags.json);
  return EXIT.ok;
}

async function setGate(query: RedisCommand, flags: SetFlags): Promise<ExitCode> {
  const given = Object.entries(requestFrom(LIMIT_OPTIONS, flags)).filter(
    ([, value]) => value !== null,
  );
  if (given.length === 0 && !flags.reset) {
    throw new CliError(
      EXIT.usage,
      'Nothing to set: give --concurrency, --rate, --sessions-per-day or --reset.',
    );
  }
  const wanted: Partial<Gate['overrides']> = {
    ...(flags.reset && { concurrency: null, ratePerSecond: null, sessionsPerDay: null }),
    ...Object.fromEntries(given),
  };
  const { gate, nowMs } = await changeLimits(steeringOf(query), wanted, {
    who: whoAmI(),
    reason: null,
  });
  await printGate(query, gate, nowMs, flags.json);
  return EXIT.ok;
}

const steeringOf = ({ stores }: RedisCommand): GateSteering => ({ ...stores, now: Date.now });

async function printGate(
  { terminal, stores, settings }: RedisCommand,
  gate: Gate,
  nowMs: number,
  asJson: boolean,
): Promise<void> {
  const workers = await listWorkers(stores.redis, stores.keys);
  const policy = limitsOfWorkers(workers, limitsOf(settings));
  const limits = limitsInForce(gate, policy);
  const concurrency = currentConcurrency(gate, policy);
  const sentence = explainGate(gate, nowMs);
  const today = await stores.overview.readSessionsToday(nowMs);
  if (asJson) {
    terminal.print(JSON.stringify({ gate, limits, concurrency, sentence, today }));
    return;
  }
  terminal.print(sentence ?? 'Open: the API is called as soon as rows are ready.');
  const reduced =
    concurrency < limits.concurrency ? ` (of ${limits.concurrency}, reduced by throttling)` : '';
  const rate =
    limits.ratePerSecond === 0 ? 'no limit per second' : `${limits.ratePerSecond} per second`;
  terminal.print(`Calls: ${concurrency} at once${reduced}, ${rate}.`);
  terminal.print(describeToday(today, sessionsOfDay(gate, limits, nowMs)));
}
