import type { RowSelection } from '../../../lib/core/batch/batch.ts';
import type { ImportRequest } from '../../../lib/requests/import-request.ts';
import type { Settings } from '../../../lib/settings/settings.ts';
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
