import type { ManifestFormat } from '../../lib/core/manifest/manifest.ts';
import { ManifestError } from './manifest-error.ts';
import { isTextFormat } from './understand.ts';

/** Options that only some files take. */
interface FileOptions {
  format?: ManifestFormat;
  sheet?: string;
  skipsHidden?: boolean;
}

/** @throws ManifestError when an option for other files is used for a text. */
export function refuseFileOptions(options: FileOptions, label: string): void {
  const { format } = options;
  if (format !== undefined && !isTextFormat(format)) {
    const what = format === 'parquet' ? 'no Parquet file' : 'no workbook';
    throw notThatFormat(label, what, format);
  }
  refuseSheets(options, label);
}

/** @throws ManifestError when an option for workbooks is used for anything else. */
export function refuseSheets({ sheet, skipsHidden }: FileOptions, label: string): void {
  const flag = sheet !== undefined ? '--sheet' : skipsHidden ? '--skip-hidden' : null;
  if (flag === null) return;
  throw new ManifestError(
    'unknown_sheet',
    `${label} is not a workbook and has no sheets; leave out ${flag}.`,
  );
}

export function notThatFormat(label: string, what: string, format: ManifestFormat): ManifestError {
  return new ManifestError(
    'unsupported_format',
    `${label} is ${what}; leave out --format ${format} to have its format detected.`,
  );
}
