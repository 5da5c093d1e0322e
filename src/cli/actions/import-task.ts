import type { RowSelection } from '../../lib/core/batch/batch.ts';
import type { Settings } from '../../lib/settings/settings.ts';
import type { Manifest } from '../../producer/manifest/open-manifest.ts';
import type { ManifestFlags } from '../options/options.ts';
import type { Terminal } from '../process/terminal.ts';

export interface ImportFlags extends ManifestFlags {
  wait: boolean;
  exitWhenBlocked?: boolean;
  dryRun: boolean;
  probe: boolean;
  problems?: string;
  diff?: string;
  only?: RowSelection['kinds'];
  json: boolean;
}

/** What every kind of import works with. */
export interface ImportTask {
  input: string;
  manifest: Manifest;
  flags: ImportFlags;
  settings: Settings;
  terminal: Terminal;
  signal: AbortSignal;
}
