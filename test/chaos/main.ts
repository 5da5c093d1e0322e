// Kills, freezes and restarts workers, producer and Redis at random while batches run against a practice API with
// faults, and then compares the records with what happened.
//   npm run chaos -- --minutes 60 --seed 7
// With `--power-cuts` Redis sometimes loses its last second.
import { parseArgs } from 'node:util';
import { runChaos } from './run-chaos.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '3' },
    seed: { type: 'string', default: '7' },
    'power-cuts': { type: 'boolean', default: false },
    rows: { type: 'string', default: '4000' },
  },
});
const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
const seed = Number(values.seed);
const { problems, said, cancelledImports } = await runChaos({
  seed,
  durationMs: Number(values.minutes) * 60_000,
  rows: Number(values.rows),
  hasPowerCuts: values['power-cuts'],
  tell: print,
});
print('\nWhat workers said:');
for (const [message, times] of said) print(`${String(times).padStart(6)}  ${message}`);
print(`\nImports that were cancelled in the middle and ended non-zero: ${cancelledImports}`);
print(problems.length === 0 ? `\nSeed ${seed}: survived.` : `\nSeed ${seed}:`);
for (const problem of problems) print(`- ${problem}`);
process.exitCode = problems.length === 0 ? 0 : 1;
