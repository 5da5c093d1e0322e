import { expectTypeOf, test } from 'vitest';
import type { z } from 'zod';
import type { BatchState as CoreState, RowCounts } from '../../../src/lib/core/batch/batch.ts';
import type { ManifestRole } from '../../../src/lib/core/manifest/manifest.ts';
import { BATCH_ACTS } from '../../../src/lib/requests/batch-acts.ts';
import type { IMPORT_OPTIONS } from '../../../src/lib/requests/import-request.ts';
import { parseRequest } from '../../../src/lib/requests/option.ts';
import type { SettingName as AnySetting } from '../../../src/lib/settings/settings.ts';
import type {
  BatchProgress,
  BatchState,
  ImportOptions,
  RefreshOptions,
  RetryOptions,
  SettingName,
} from '../../../src/library/main.ts';

// The options are written out, so that editors show them with their descriptions.

type Given<Options extends Record<string, { schema: z.ZodType }>> = {
  [Name in keyof Options]: z.input<Options[Name]['schema']>;
};
type Without<T> = { [Name in keyof T]-?: Exclude<T[Name], null | undefined> };

test('the options of an import are those of the command and the API', () => {
  // `map` names the roles, which the table of options does not show.
  type Table = Omit<Given<typeof IMPORT_OPTIONS>, 'map'>;
  expectTypeOf<Omit<Without<ImportOptions>, 'map'>>().toEqualTypeOf<Table>();
  expectTypeOf<keyof ImportOptions>().toEqualTypeOf<keyof typeof IMPORT_OPTIONS>();
  expectTypeOf<keyof NonNullable<ImportOptions['map']>>().toEqualTypeOf<ManifestRole>();
});

test('every option of a retry and a refresh can be given', () => {
  const retry: Record<keyof Omit<RetryOptions, 'signal' | 'reason'>, unknown> = {
    statuses: ['failed'],
    codes: ['http_404'],
    rows: [1, '3-5'],
    dryRun: true,
  };
  const refresh: Record<keyof Omit<RefreshOptions, 'signal' | 'reason'>, unknown> = {
    within: '4h',
    dryRun: true,
  };
  parseRequest(BATCH_ACTS.retry.options, retry);
  parseRequest(BATCH_ACTS.refresh.options, refresh);
});

test('states and counts are those of a batch', () => {
  expectTypeOf<BatchState>().toEqualTypeOf<CoreState>();
  expectTypeOf<BatchProgress['counts']>().toEqualTypeOf<RowCounts>();
});

test('every setting can be given except those of the commands and the dashboard', () => {
  type OfProcesses = `${'DASHBOARD' | 'LOG' | 'WORKER_HTTP'}_${string}`;
  expectTypeOf<SettingName>().toEqualTypeOf<Exclude<AnySetting, OfProcesses>>();
});
