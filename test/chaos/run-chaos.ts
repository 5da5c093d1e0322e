import { ChaosLab } from './chaos-lab.ts';
import { CounterWatch } from './check/counter-watch.ts';
import type { PhaseReport } from './check/phase-report.ts';
import { DatabaseChaos } from './database/database-chaos.ts';
import { playRound } from './play-round.ts';
import type { RedisKind } from './redis/lab-redis.ts';
import { SeededRandom } from './seeded-random.ts';

export interface ChaosOptions {
  seed: number;
  /** How long faults continue; recovery and checking take additional time. */
  durationMs: number;
  /** Of one batch; a new one is made whenever one has ended. */
  rows: number;
  /** What Redis is, in turn. */
  redis: readonly RedisKind[];
  /** Redis may lose its last second, too; then sessions may be lost that no row knows of. */
  hasPowerCuts: boolean;
  /** With a results database and two followers, which are killed, too. */
  hasDatabase: boolean;
  tell: (line: string) => void;
}

export interface ChaosReport {
  phases: PhaseReport[];
  /** What workers logged, by message. */
  said: Map<string, number>;
}

const LONGEST_PHASE_MS = 10 * 60_000;

/** Kills, freezes and restarts everything while batches are imported and processed, and then counts. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { seed, durationMs, redis, tell } = options;
  const random = new SeededRandom(seed);
  const untilMs = Date.now() + durationMs;
  const phaseMs = Math.min(LONGEST_PHASE_MS, durationMs / redis.length);
  const report: ChaosReport = { phases: [], said: new Map() };
  for (let nth = 0; Date.now() < untilMs; nth += 1) {
    const kind = redis[nth % redis.length] ?? 'server';
    tell(`\nPhase ${nth + 1}: ${kind}, from ${new Date().toISOString().slice(11, 19)} UTC`);
    const phaseEndsMs = Math.min(untilMs, Date.now() + phaseMs);
    const phase = await playPhase(random, { ...options, kind, untilMs: phaseEndsMs }, report.said);
    report.phases.push(phase);
    if (phase.problems.length > 0) break;
  }
  return report;
}

type PhaseOptions = ChaosOptions & { kind: RedisKind; untilMs: number };

async function playPhase(
  random: SeededRandom,
  options: PhaseOptions,
  said: Map<string, number>,
): Promise<PhaseReport> {
  await using lab = await ChaosLab.open({ ...options, redis: options.kind });
  await using watch = await CounterWatch.open(lab.redis.url, (line) => lab.note(line));
  await using database = options.hasDatabase ? await DatabaseChaos.open(lab, options.seed) : null;
  const { phase } = lab;
  for (let round = 1; Date.now() < options.untilMs && phase.problems.length === 0; round += 1) {
    const { rows, untilMs } = options;
    const problems = await playRound(lab, random, { rows, round, untilMs }).catch(describe);
    phase.problems.push(...problems);
    // A batch that did not end has nothing to compare.
    if (database === null || problems.length > 0) continue;
    phase.problems.push(...(await database.disagreements(`chaos-${round}`).catch(describe)));
  }
  phase.problems.push(...watch.problems);
  phase.calls = lab.sandbox.ledger().totalCalls;
  const complaints = phase.problems.length > 0 ? lab.complaints() : [];
  for (const line of complaints) lab.note(JSON.stringify(line));
  for (const [message, times] of lab.saidByWorkers()) {
    said.set(message, (said.get(message) ?? 0) + times);
  }
  return phase;
}

const describe = (error: unknown): string[] => [
  error instanceof Error ? (error.stack ?? error.message) : String(error),
];
