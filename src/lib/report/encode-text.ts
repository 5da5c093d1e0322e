import iconv from 'iconv-lite';
import type { ManifestShape } from '../core/manifest/manifest.ts';
import type { ReportFormat } from './report-formatter.ts';
import type { EncodeText } from './write-report.ts';

const MARK = '\ufeff';

/**
 * Encodes a CSV report like its manifest, including a byte order mark. Characters that the encoding lacks become `?`.
 */
export function textEncoder(
  { encoding = 'utf-8', hasMark, format: manifestFormat }: ManifestShape,
  format: ReportFormat,
): EncodeText {
  const isTable = (format === 'csv' || format === 'tsv') && manifestFormat === 'csv';
  if (!isTable) return (text) => Buffer.from(text);
  let isFirst = hasMark === true;
  return (text) => {
    const marked = isFirst ? MARK + text : text;
    isFirst = false;
    return encoding === 'utf-8' ? Buffer.from(marked) : iconv.encode(marked, encoding);
  };
}
