import { extname } from 'node:path';
import type { ReportFormat } from './report-formatter.ts';

const FORMATS: Record<string, ReportFormat> = {
  '': 'csv',
  '.csv': 'csv',
  '.txt': 'csv',
  '.tsv': 'tsv',
  '.tab': 'tsv',
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
  '.xlsx': 'xlsx',
};

/** The format of a report by the extension of its file; CSV without one, null for that of another format. */
export const formatByName = (path: string): ReportFormat | null =>
  FORMATS[extname(path).toLowerCase()] ?? null;

/** The sentence about a name for which `formatByName` is null. */
export const refuseExtension = (path: string): string =>
  `A report cannot be a ${extname(path).toLowerCase()} file; name one that ends with .csv, .tsv, .jsonl or .xlsx.`;
