import { optional, setting } from './setting.ts';
import { identifier, postgresAddress } from './setting-schemas.ts';

/** Where workers copy results to. */
export const DATABASE_SETTINGS = {
  RESULTS_DATABASE_URL: optional({
    schema: postgresAddress,
    purpose: 'PostgreSQL that workers keep up to date with all results; see results-database.md.',
    isSecret: true,
  }),
  RESULTS_DATABASE_SCHEMA: setting({
    schema: identifier,
    default: 'kling_sessions',
    purpose: 'Schema of its tables.',
  }),
} as const;
