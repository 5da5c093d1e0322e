import type { Logger } from 'pino';
import type { ResultsDatabase } from '../../lib/database/results-database.ts';
import type { Notices } from '../../lib/notice/notice.ts';
import type { Settings } from '../../lib/settings/settings.ts';
import { type KeptDatabase, keepDatabase } from '../../worker/upkeep/keep-database.ts';
import { SettingsError } from '../errors/settings-error.ts';
import type { Stores } from './stores.ts';

export type DatabaseSettings = Pick<Settings, 'RESULTS_DATABASE_URL' | 'RESULTS_DATABASE_SCHEMA'>;

/** Null when none is set. Connects when it is first used. */
export async function openResultsDatabase(
  settings: DatabaseSettings,
): Promise<ResultsDatabase | null> {
  if (settings.RESULTS_DATABASE_URL === undefined) return null;
  // Its driver is loaded only when it is used.
  const { PostgresDatabase } = await import('../../lib/database/postgres/postgres-database.ts');
  return new PostgresDatabase(databaseAddress(settings), settings.RESULTS_DATABASE_SCHEMA);
}

/** @throws SettingsError when none is set. */
export async function requireResultsDatabase(settings: DatabaseSettings): Promise<ResultsDatabase> {
  databaseAddress(settings);
  const database = await openResultsDatabase(settings);
  if (database === null) throw new Error('no results database');
  return database;
}

/** @throws SettingsError when none is set. */
export function databaseAddress({
  RESULTS_DATABASE_URL: address,
}: Pick<Settings, 'RESULTS_DATABASE_URL'>): NonNullable<Settings['RESULTS_DATABASE_URL']> {
  if (address !== undefined) return address;
  throw new SettingsError(
    'RESULTS_DATABASE_URL is not set: postgres://user:password@host:5432/database.',
  );
}

/** Null when no database is set. */
export async function keepDatabaseOf(
  settings: DatabaseSettings,
  stores: Stores,
  parts: { notices: Notices; now: () => number; log: Logger },
): Promise<KeptDatabase | null> {
  const database = await openResultsDatabase(settings);
  return database === null ? null : keepDatabase({ ...stores, ...parts, database });
}
