import type { ManifestShape } from '../../core/manifest/manifest.ts';
import { KLING_COLUMNS, type KlingColumn, toKlingValues } from '../kling-values.ts';
import { statusOf } from '../read-entries.ts';
import type { ReportLine } from '../report-formatter.ts';
import { userCells } from '../user-cells.ts';
import { STYLES, styleOfStatus } from './workbook-parts.ts';
import { toXmlText } from './xml-text.ts';

/** Widths in characters; other columns use `OTHER_WIDTH`. */
const WIDTHS: Partial<Record<KlingColumn, number>> = {
  kling_row: 10,
  kling_session_id: 22,
  kling_expires_at: 26,
  kling_error: 60,
  kling_warnings: 40,
  kling_request_id: 38,
  kling_finished_at: 26,
  kling_unclear_calls: 26,
  kling_sent: 50,
};
const URL_WIDTH = 50;
const OTHER_WIDTH = 16;

/** The XML of the report's sheet, in the order of writing. */
export interface SheetXml {
  /** Everything before the first data row. */
  start: string;
  /** One data row; `sheetRow` counts the header, so the first is 2. */
  row(entry: ReportLine, sheetRow: number): string;
  /** Everything after the last data row, which is `lastRow`. */
  end(lastRow: number): string;
  lastColumn: string;
}

/**
 * All of the user's cells, and all ids, are text: a spreadsheet neither rounds nor runs them. `ownCount` is the
 * number of the user's columns, including those without a name.
 */
export function sheetXml(shape: ManifestShape, ownCount: number): SheetXml {
  const count = ownCount + KLING_COLUMNS.length;
  const letters = Array.from({ length: count }, (_, index) => columnLetters(index));
  const lastColumn = letters.at(-1) ?? 'A';
  const textCell = (index: number, sheetRow: number, text: string, style: number): string =>
    text === ''
      ? ''
      : `<c r="${letters[index]}${sheetRow}" s="${style}" t="inlineStr"><is><t xml:space="preserve">${toXmlText(text)}</t></is></c>`;
  const header = [...shape.columns, ...Array(ownCount - shape.columns.length).fill('')];
  return {
    lastColumn,
    start: [
      '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n',
      '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">',
      '<sheetViews><sheetView tabSelected="1" workbookViewId="0">',
      '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>',
      `<cols>${widths(shape, ownCount)}</cols>`,
      '<sheetData><row r="1">',
      ...[...header, ...KLING_COLUMNS].map((name, index) =>
        textCell(index, 1, name, STYLES.header),
      ),
      '</row>',
    ].join(''),
    row(entry, sheetRow) {
      const own = userCells(shape, entry.row).map((text, index) =>
        textCell(index, sheetRow, text, STYLES.text),
      );
      const values = toKlingValues(entry, shape);
      const added = KLING_COLUMNS.map((column, index) => {
        const value = values[column];
        const at = ownCount + index;
        return typeof value === 'number'
          ? `<c r="${letters[at]}${sheetRow}"><v>${value}</v></c>`
          : textCell(at, sheetRow, value ?? '', styleOf(column, entry));
      });
      return `<row r="${sheetRow}">${own.join('')}${added.join('')}</row>`;
    },
    end(lastRow) {
      const range = `A1:${lastColumn}${lastRow}`;
      return `</sheetData><autoFilter ref="${range}"/><ignoredErrors><ignoredError sqref="${range}" numberStoredAsText="1"/></ignoredErrors></worksheet>`;
    },
  };
}

function styleOf(column: KlingColumn, entry: ReportLine): number {
  if (column !== 'kling_status') return STYLES.text;
  return styleOfStatus('missing' in entry ? 'failed' : statusOf(entry.result));
}

function widths(shape: ManifestShape, ownCount: number): string {
  const own = Array.from({ length: ownCount }, (_, index) =>
    shape.columns[index] === shape.roles.video_url ? URL_WIDTH : OTHER_WIDTH,
  );
  const added = KLING_COLUMNS.map((column) => WIDTHS[column] ?? OTHER_WIDTH);
  return [...own, ...added]
    .map(
      (width, index) =>
        `<col min="${index + 1}" max="${index + 1}" width="${width}" customWidth="1" style="${STYLES.text}"/>`,
    )
    .join('');
}

/** 0 → `A`, 27 → `AB`. */
function columnLetters(index: number): string {
  const rest = Math.floor(index / 26);
  const letter = String.fromCharCode(65 + (index % 26));
  return rest === 0 ? letter : columnLetters(rest - 1) + letter;
}
