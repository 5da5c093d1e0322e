import type { ManifestShape } from '../core/manifest/manifest.ts';
import { csvReport } from './csv-report.ts';
import { jsonlReport } from './jsonl-report.ts';
import type {
  LineFormat,
  LineFormatter,
  ReportFormat,
  ReportFormatter,
  ReportOptions,
} from './report-formatter.ts';
import { xlsxReport } from './workbook/xlsx-report.ts';

/** The user's columns unchanged, then the `kling_*` columns. @throws ReportError when the format cannot hold them. */
export function createReportFormatter(
  shape: ManifestShape,
  format: LineFormat,
  options?: ReportOptions,
): LineFormatter;
export function createReportFormatter(
  shape: ManifestShape,
  format: ReportFormat,
  options?: ReportOptions,
): ReportFormatter;
export function createReportFormatter(
  shape: ManifestShape,
  format: ReportFormat,
  options: ReportOptions = {},
): ReportFormatter {
  switch (format) {
    case 'csv':
      return csvReport(shape, options);
    case 'tsv':
      return csvReport({ ...shape, delimiter: '\t' }, options);
    case 'jsonl':
      return jsonlReport(shape);
    case 'xlsx':
      return xlsxReport(shape, options);
  }
}
