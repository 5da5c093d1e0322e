import type { ManifestShape } from '../core/manifest.ts';
import { csvReport } from './csv-report.ts';
import { jsonlReport } from './jsonl-report.ts';
import type { ReportFormat, ReportFormatter, ReportOptions } from './report-formatter.ts';

/** The user's columns as they were, then the `kling_*` columns. */
export function createReportFormatter(
  shape: ManifestShape,
  format: ReportFormat,
  options: ReportOptions = {},
): ReportFormatter {
  switch (format) {
    case 'csv':
      return csvReport(shape, options);
    case 'jsonl':
      return jsonlReport(shape);
  }
}
