import type { RowSelection } from '../../../lib/core/batch/batch.ts';
import type { ImportRequest } from '../../../lib/requests/import-request.ts';
import type { Settings } from '../../../lib/settings/settings.ts';
import type { ContinuationRequest } from '../../../producer/continuing/continue-import.ts';
import type { Manifest } from '../../../producer/manifest/open-manifest.ts';
import type { Terminal } from '../../process/terminal.ts';

export interface PlanFlags {
  wait: boolean;
  exitWhenBlocked?: boolean;
  dryRun: boolean;
  probe: boolean;
  problems?: string;
  diff?: string;
  only?: RowSelection['kinds'];
  fresh: boolean;
  yes: boolean;
  json: boolean;
}

export type ImportFlags = PlanFlags & ImportRequest;

/** What every kind of import needs. */
export interface ImportTask {
  input: string;
  manifest: Manifest;
  flags: ImportFlags;
  settings: Settings;
  terminal: Terminal;
  signal: AbortSignal;
}

/**
 * The batch that an import continues: a named one, or the one of a report. The file's name alone does not count,
 * because a file of this name may come from anywhere.
 */
export const continuationOf = (flags: ImportFlags): ContinuationRequest => ({
  continues: flags.continue,
  key: flags.key,
  isFresh: flags.fresh,
  origin: null,
});
