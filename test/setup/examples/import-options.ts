import type { ImportOptions } from '../../../src/producer/import-options.ts';

/** Every default of the command line, but no pause however many rows fail. */
export const IMPORT_OPTIONS: ImportOptions = {
  strictFps: false,
  maxFailures: { kind: 'off' },
  reuse: false,
  trialRows: null,
  priority: 10,
};
