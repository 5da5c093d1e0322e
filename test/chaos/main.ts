// Kills, freezes and restarts workers, producer and Redis at random while batches run against a practice API with
// faults, and then compares the records with what happened. Redis is in turn one server, a primary that a sentinel
// watches, and a cluster; of the last two the primary is replaced again and again.
//   npm run chaos -- --minutes 60 --seed 7
//   npm run chaos -- --minutes 2 --redis server
// With `--power-cuts` Redis sometimes loses its last second. With `--database` there are a results database and two
// followers, which are killed, too, and are compared with each report, row by row. Redis is then one server: positions
// mean nothing to a Redis that has lost what it had confirmed.
import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { PhaseReport } from './check/phase-report.ts';
import { REDIS_KINDS } from './redis/lab-redis.ts';
import { runChaos } from './run-chaos.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '3' },
    seed: { type: 'string', default: '7' },
    'power-cuts': { type: 'boolean', default: false },
    rows: { type: 'string', default: '4000' },
    database: { type: 'boolean', default: false },
    redis: { type: 'string' },
  },
});
const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
const seed = Number(values.seed);
const redis = values.redis ?? (values.database ? 'server' : REDIS_KINDS.join(','));
const { phases, said } = await runChaos({
  seed,
  durationMs: Number(values.minutes) * 60_000,
  rows: Number(values.rows),
  redis: z.array(z.enum(REDIS_KINDS)).min(1).parse(redis.split(',')),
  hasDatabase: values.database,
  hasPowerCuts: values['power-cuts'],
  tell: print,
});
print('\nWhat workers said:');
for (const [message, times] of said) print(`${String(times).padStart(6)}  ${message}`);
print('\nPhases:');
for (const phase of phases) print(inWords(phase));
const problems = phases.flatMap((phase) => phase.problems);
print(problems.length === 0 ? `\nSeed ${seed}: survived.` : `\nSeed ${seed}:`);
for (const problem of problems) print(`- ${problem}`);
process.exitCode = problems.length === 0 ? 0 : 1;

function inWords(phase: PhaseReport): string {
  const extra = phase.failovers.map(({ extraSessions }) => extraSessions);
  return [
    `${phase.redis}: ${phase.batches} batches, ${phase.rows} rows, ${phase.calls} calls`,
    `${phase.possibleOrphans} possible orphans, ${phase.forgotten} not counted`,
    `${phase.cancelledImports} imports cancelled in the middle`,
    `${extra.length} failovers with ${extra.reduce((sum, one) => sum + one, 0)} extra sessions (at most ${Math.max(0, ...extra)})`,
  ].join('; ');
}
