import { DatabaseTrouble } from '../../lib/database/database-trouble.ts';
import { describePlace } from '../../lib/database/postgres/address.ts';
import type { Settings } from '../../lib/settings/settings.ts';
import { openResultsDatabase } from '../../library/wiring/results-database.ts';
import type { Finding } from './finding.ts';

/** Nothing where no results database is set. Asks for every right that copying needs, and leaves no row behind. */
export async function lookAtDatabase(settings: Settings): Promise<Finding[]> {
  const database = await openResultsDatabase(settings);
  if (database === null || settings.RESULTS_DATABASE_URL === undefined) return [];
  await using opened = database;
  const name = 'database';
  try {
    await opened.tryRights();
    const place = describePlace(settings.RESULTS_DATABASE_URL);
    return [{ name, grade: 'good', message: `${place} takes results` }];
  } catch (error) {
    if (error instanceof DatabaseTrouble) return [{ name, grade: 'bad', message: error.message }];
    throw error;
  }
}
