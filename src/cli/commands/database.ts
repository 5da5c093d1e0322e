import type { Command } from 'commander';
import { type CopyState, describeCopy, NOTHING_COPIED } from '../../lib/core/feed/copy-state.ts';
import { formatPosition } from '../../lib/core/feed/position.ts';
import { DatabaseTrouble } from '../../lib/database/database-trouble.ts';
import type { CopyPlace, ResultsDatabase } from '../../lib/database/results-database.ts';
import { loadSettings } from '../process/environment.ts';
import { EXIT, type ExitCode } from '../process/exit.ts';
import { createTerminal } from '../process/terminal.ts';
import { type RedisCommand, withRedis } from './with-redis.ts';

interface JsonFlag {
  json: boolean;
}

export function addDatabaseCommand(program: Command, onExit: (code: ExitCode) => void): void {
  const database = program
    .command('database')
    .description(
      'Manages the PostgreSQL database of results (RESULTS_DATABASE_URL), which workers keep up to date.',
    )
    .addHelpText('after', '\nExample:\n  kling-sessions database migrate');
  database
    .command('migrate')
    .description(
      "Creates the tables, or upgrades them to this version. Needs the rights of the tables' owner, which workers do not need. May run any number of times.",
    )
    .action(async () => onExit(await migrateDatabase()));
  const status = database
    .command('status')
    .description('Shows how far the database is behind.')
    .option('--json', 'print it as JSON', false);
  withRedis(status, onExit, showStatus);
  const backfill = database
    .command('backfill')
    .description(
      'Copies all results that the database lacks, including those of batches from older versions. May be interrupted and repeated.',
    )
    .option('--again', 'begin with the first result, and replace what the database has', false)
    .option('--json', 'print the counts as JSON', false);
  withRedis(backfill, onExit, async (query, flags: JsonFlag & { again: boolean }) => {
    const { backfill: run } = await import('../database/backfill.ts');
    await using opened = await open(query);
    return await run({ ...query, database: opened }, flags);
  });
  const verify = database
    .command('verify')
    .description('Compares batches with the database row by row, and exits 1 when a row differs.')
    .argument('[batches...]', 'ids of batches; default all')
    .option('--json', 'print the findings as JSON', false);
  withRedis(verify, onExit, async (query, flags: JsonFlag, ...batchIds) => {
    const { verifyDatabase } = await import('../database/verify.ts');
    await using opened = await open(query);
    return await verifyDatabase({ ...query, database: opened }, batchIds, flags);
  });
}

async function open({ settings }: RedisCommand): Promise<ResultsDatabase> {
  const { requireResultsDatabase } = await import('../../library/wiring/results-database.ts');
  return await requireResultsDatabase(settings);
}

async function migrateDatabase(): Promise<ExitCode> {
  const settings = loadSettings();
  const { databaseAddress } = await import('../../library/wiring/results-database.ts');
  const address = databaseAddress(settings);
  const { migrate } = await import('../../lib/database/postgres/migrations.ts');
  const done = await migrate(address, settings.RESULTS_DATABASE_SCHEMA);
  const terminal = createTerminal(process.env);
  for (const name of done) terminal.print(`Applied ${name}.`);
  if (done.length === 0) terminal.print('The tables already have this version; nothing was done.');
  return EXIT.ok;
}

async function showStatus(query: RedisCommand, flags: JsonFlag): Promise<ExitCode> {
  const { stores, terminal } = query;
  await using database = await open(query);
  const latest = await stores.feed.readLatest();
  const known = (await stores.copyState.read()) ?? NOTHING_COPIED;
  const show = (state: CopyState, place: Partial<CopyPlace> = {}): void => {
    const shown = { ...state, place: database.place };
    const sentence = describeCopy(shown, latest);
    if (flags.json) terminal.print(JSON.stringify({ ...place, ...shown, latest, sentence }));
    else terminal.print(sentence);
  };
  const place = await database
    .readPlace(await stores.feed.readId())
    .catch((error: unknown): never => {
      // The database cannot report its own lag; the workers report what they last saw.
      if (error instanceof DatabaseTrouble)
        show({ ...known, trouble: flags.json ? error.message : null });
      throw error;
    });
  const { position } = place;
  show({ ...known, position }, place);
  if (!flags.json) {
    terminal.print(`It continues at ${formatPosition(position)}; the latest change is ${latest}.`);
  }
  return EXIT.ok;
}
