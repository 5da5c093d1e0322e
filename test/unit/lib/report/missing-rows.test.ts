import { parse } from 'csv-parse/sync';
import { expect, test } from 'vitest';
import type { Batch } from '../../../../src/lib/core/batch/batch.ts';
import { createReportFormatter } from '../../../../src/lib/report/create-report-formatter.ts';
import { readReport } from '../../../../src/lib/report/read-entries.ts';
import type { LineFormat, ReportLine } from '../../../../src/lib/report/report-formatter.ts';
import type { BatchStore } from '../../../../src/lib/store/batch-store.ts';
import { manifestRow, SHAPE } from '../../../contract/batch-store/examples.ts';
import { batchNews } from '../notice/examples.ts';

/** A batch of one row that has not ended. */
const store = {
  readChunk: async () => [manifestRow(1)],
  readOutcomes: async () => new Map(),
  readOutcomesOf: async () => new Map(),
  readProgressOf: async () => new Map(),
} as unknown as BatchStore;

async function report(format: LineFormat, given: Partial<Batch>, statuses: 'all' | 'failed') {
  const { batch } = batchNews({ rows: 1, shape: SHAPE, ...given });
  const formatter = createReportFormatter(SHAPE, format);
  const wanted = statuses === 'all' ? null : new Set([statuses]);
  const lines: ReportLine[] = [];
  for await (const some of readReport(store, batch, wanted)) lines.push(...some);
  return `${formatter.header ?? ''}${lines.map((line) => formatter.line(line)).join('')}`;
}

test('the last line of a report says that rows are missing, as CSV', async () => {
  const text = await report('csv', { isReadToEnd: false }, 'all');
  const [, last] = parse(text, { columns: true, delimiter: ';' });
  expect(last).toMatchObject({
    name: '',
    video_url: '',
    kling_row: '',
    kling_status: 'not_imported',
    kling_error_code: 'manifest_not_read_to_end',
    kling_error: expect.stringContaining('1 row of it is stored, the rest is not.'),
  });
});

test('the last line of a report says that rows are missing, as JSON', async () => {
  const text = await report('jsonl', { isReadToEnd: false }, 'all');
  const [, last = ''] = text.trimEnd().split('\n');
  expect(JSON.parse(last)).toMatchObject({ kling_row: null, kling_status: 'not_imported' });
});

test.each([
  ['every row is there', { isReadToEnd: true }, 'all'],
  ['only some rows are wanted', { isReadToEnd: false }, 'failed'],
] as const)('a report has rows alone where %s', async (_, given, statuses) => {
  expect(await report('csv', given, statuses)).not.toContain('not_imported');
});
