import type { RowStatus } from '../read-entries.ts';

const SHEET_NAME = 'results';
const DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';
const DOCUMENT = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml';

export const CONTENT_TYPES = `${DECLARATION}<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${TYPE}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${TYPE}.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="${TYPE}.styles+xml"/></Types>`;

export const ROOT_RELATIONS = `${DECLARATION}<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${DOCUMENT}/officeDocument" Target="xl/workbook.xml"/></Relationships>`;

export const WORKBOOK_RELATIONS = `${DECLARATION}<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${DOCUMENT}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="${DOCUMENT}/styles" Target="styles.xml"/></Relationships>`;

/** Spreadsheets also store the range of a filter as a hidden name. */
export function workbookXml(lastColumn: string, lastRow: number): string {
  const range = `${SHEET_NAME}!$A$1:$${lastColumn}$${lastRow}`;
  return `${DECLARATION}<workbook xmlns="${MAIN}" xmlns:r="${DOCUMENT}"><bookViews><workbookView/></bookViews><sheets><sheet name="${SHEET_NAME}" sheetId="1" r:id="rId1"/></sheets><definedNames><definedName name="_xlnm._FilterDatabase" localSheetId="0" hidden="1">${range}</definedName></definedNames></workbook>`;
}

/** Numbers of the cell styles below: 0 shows a number, `text` keeps later input as text. */
export const STYLES = { text: 1, header: 2 } as const;

/** The colours that spreadsheet programs themselves use for good, bad and neutral cells. */
const COLOURS = {
  good: { fill: 'FFC6EFCE', font: 'FF006100' },
  bad: { fill: 'FFFFC7CE', font: 'FF9C0006' },
  open: { fill: 'FFFFEB9C', font: 'FF9C5700' },
  other: { fill: 'FFEDEDED', font: 'FF595959' },
} as const;
type Colour = keyof typeof COLOURS;

const COLOUR_OF_STATUS: Record<RowStatus, Colour> = {
  succeeded: 'good',
  reused: 'good',
  invalid: 'bad',
  rejected: 'bad',
  failed: 'bad',
  unconfirmed: 'bad',
  duplicate: 'other',
  cancelled: 'other',
  waiting: 'open',
  probing: 'open',
  ready: 'open',
  opening: 'open',
};

const COLOUR_NAMES = Object.keys(COLOURS) as Colour[];
const FIRST_COLOUR_STYLE = 3;

export function styleOfStatus(status: RowStatus): number {
  return FIRST_COLOUR_STYLE + COLOUR_NAMES.indexOf(COLOUR_OF_STATUS[status]);
}

/**
 * Fonts: plain, bold, then one per colour. Fills: the two that every workbook must have first, the header's, then one
 * per colour.
 */
export const STYLES_XML = stylesXml();

function stylesXml(): string {
  const colours = Object.values(COLOURS);
  const font = (bold: string, colour: string): string =>
    `<font>${bold}<sz val="11"/>${colour}<name val="Calibri"/><family val="2"/></font>`;
  const fill = (rgb: string): string =>
    `<fill><patternFill patternType="solid"><fgColor rgb="${rgb}"/><bgColor indexed="64"/></patternFill></fill>`;
  const style = (format: number, index: { font: number; fill: number }): string =>
    `<xf numFmtId="${format}" fontId="${index.font}" fillId="${index.fill}" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1" applyFill="1"/>`;
  const fonts = [
    font('', ''),
    font('<b/>', ''),
    ...colours.map((colour) => font('', `<color rgb="${colour.font}"/>`)),
  ];
  const fills = [
    '<fill><patternFill patternType="none"/></fill>',
    '<fill><patternFill patternType="gray125"/></fill>',
    fill('FFD9E1F2'),
    ...colours.map((colour) => fill(colour.fill)),
  ];
  const text = 49;
  const cellStyles = [
    style(0, { font: 0, fill: 0 }),
    style(text, { font: 0, fill: 0 }),
    style(text, { font: 1, fill: 2 }),
    ...colours.map((_, index) => style(text, { font: 2 + index, fill: 3 + index })),
  ];
  return [
    `${DECLARATION}<styleSheet xmlns="${MAIN}">`,
    `<fonts count="${fonts.length}">${fonts.join('')}</fonts>`,
    `<fills count="${fills.length}">${fills.join('')}</fills>`,
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>',
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>',
    `<cellXfs count="${cellStyles.length}">${cellStyles.join('')}</cellXfs>`,
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
  ].join('');
}
