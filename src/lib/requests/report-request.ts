import { findReportPlaceProblem } from '../report/delivery/report-place.ts';
import type { RequestOptions } from './option.ts';
import { text } from './schemas.ts';

const reportPlace = text('Give a path or an address.').superRefine((place, context) => {
  const message = findReportPlaceProblem(place);
  if (message !== null) context.addIssue({ code: 'custom', message });
});

/** Where a worker writes the report. */
export const REPORT_OPTIONS = {
  out: {
    schema: reportPlace,
    value: 'path|url',
    description:
      'where a worker writes the report when the batch ends: a file on its machine (.csv, .tsv, .jsonl, .xlsx), or an address that takes a PUT; {yyyy-MM-dd} is the date',
    label: 'Write the report to',
    hint: '/srv/out/{yyyy-MM-dd}.csv',
    isLong: true,
  },
} satisfies RequestOptions;
