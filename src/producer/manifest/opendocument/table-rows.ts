import { linkOfFormula } from '../../../lib/core/manifest/row-values.ts';
import { MAX_BATCH_ROWS, MAX_RECORD_BYTES } from '../text/window.ts';
import { type CellText, readCell } from '../workbook/cell-text.ts';
import { showDuration } from '../workbook/number-format.ts';
import { readXml, XmlError, type XmlVisitor } from '../workbook/read-xml.ts';
import { dropCells, MAX_COLUMNS, type SheetRow, startRow } from '../workbook/sheet-rows.ts';
import { isHiddenRow } from './scan-content.ts';

/** The limits of a spreadsheet program. */
const MAX_ROWS = 1_048_576;

/**
 * The rows of one table of an OpenDocument spreadsheet, some at a time, in constant memory; `index` counts its tables
 * from 0. Consecutive equal rows and cells are written once with a repeat count.
 */
export async function* readTableRows(
  xml: AsyncIterable<Buffer>,
  index: number,
): AsyncGenerator<SheetRow[]> {
  const collector = new TableCollector(index);
  for await (const _ of readXml(xml, collector)) {
    yield* expand(collector.take());
    if (collector.isDone) return;
  }
}

interface RepeatedRow {
  row: SheetRow;
  times: number;
}

function* expand(repeated: RepeatedRow[]): Generator<SheetRow[]> {
  let rows: SheetRow[] = [];
  for (const { row, times } of repeated) {
    for (let time = 0; time < times; time += 1) {
      rows.push(time === 0 ? row : copyRow(row, row.number + time));
      if (rows.length < MAX_BATCH_ROWS) continue;
      yield rows;
      rows = [];
    }
  }
  if (rows.length > 0) yield rows;
}

const copyRow = (row: SheetRow, number: number): SheetRow => ({
  ...row,
  number,
  cells: new Map(row.cells),
  losses: new Map(row.losses),
});

type Attributes = Record<string, string>;

/** A cell that is being read. */
interface OpenCell {
  attributes: Attributes;
  paragraphs: string[];
  link: string | null;
}

class TableCollector implements XmlVisitor {
  readonly #index: number;
  #rows: RepeatedRow[] = [];
  #table = -1;
  #row = startRow(0);
  #times = 1;
  #nextNumber = 1;
  #rowChars = 0;
  #column = 0;
  #cell: OpenCell | null = null;
  /** Inside a comment or a drawing, whose texts are not part of the cell. */
  #asideDepth = 0;
  #paragraphDepth = 0;
  #hiddenGroups: boolean[] = [];
  isDone = false;

  constructor(index: number) {
    this.#index = index;
  }

  take(): RepeatedRow[] {
    const rows = this.#rows;
    this.#rows = [];
    return rows;
  }

  open(name: string, attributes: Attributes): void {
    if (name === 'table') this.#table += 1;
    if (this.#table !== this.#index) return;
    switch (name) {
      case 'table-row':
        this.#openRow(attributes);
        break;
      case 'table-row-group':
        this.#hiddenGroups.push(attributes['table:display'] === 'false');
        break;
      case 'table-cell':
      case 'covered-table-cell':
        this.#cell = { attributes, paragraphs: [], link: null };
        break;
      default:
        if (this.#cell) this.#openInCell(this.#cell, name, attributes);
    }
  }

  #openRow(attributes: Attributes): void {
    this.#row = startRow(this.#nextNumber);
    this.#row.isHidden =
      isHiddenRow(attributes['table:visibility']) || this.#hiddenGroups.includes(true);
    this.#times = repeats(attributes['table:number-rows-repeated']);
    this.#rowChars = 0;
    this.#column = 0;
  }

  #openInCell(cell: OpenCell, name: string, attributes: Attributes): void {
    if (ASIDE.has(name)) this.#asideDepth += 1;
    if (this.#asideDepth > 0) return;
    switch (name) {
      case 'p':
        cell.paragraphs.push('');
        this.#paragraphDepth += 1;
        break;
      case 'a':
        cell.link ??= attributes['xlink:href'] ?? null;
        break;
      case 's':
        this.#append(' '.repeat(Math.min(repeats(attributes['text:c']), MAX_RECORD_BYTES)));
        break;
      case 'tab':
        this.#append('\t');
        break;
      case 'line-break':
        this.#append('\n');
        break;
    }
  }

  text(text: string): void {
    if (this.#cell && this.#paragraphDepth > 0 && this.#asideDepth === 0) this.#append(text);
  }

  #append(text: string): void {
    const paragraphs = this.#cell?.paragraphs;
    if (!paragraphs || paragraphs.length === 0 || this.#row.isTooLong) return;
    this.#rowChars += text.length;
    if (this.#rowChars > MAX_RECORD_BYTES) dropCells(this.#row);
    else paragraphs[paragraphs.length - 1] += text;
  }

  close(name: string): void {
    if (this.#table !== this.#index) return;
    if (this.#cell && ASIDE.has(name)) this.#asideDepth -= 1;
    switch (name) {
      case 'p':
        if (this.#cell && this.#asideDepth === 0) this.#paragraphDepth -= 1;
        break;
      case 'table-cell':
      case 'covered-table-cell':
        this.#closeCell();
        break;
      case 'table-row':
        this.#closeRow();
        break;
      case 'table-row-group':
        this.#hiddenGroups.pop();
        break;
      case 'table':
        this.isDone = true;
        break;
    }
  }

  #closeCell(): void {
    if (this.#cell === null) return;
    const { attributes, link } = this.#cell;
    const read = readTableCell(this.#cell);
    this.#cell = null;
    const first = this.#column;
    this.#column += repeats(attributes['table:number-columns-repeated']);
    if (this.#row.isTooLong) return;
    const target = link ?? linkOfFormula(attributes['table:formula'] ?? '');
    if (read.text !== '' || read.loss !== null || target !== null) {
      this.#fill(first, { ...read, target });
    }
  }

  /** Puts a cell into each column from `first` to the current one. */
  #fill(first: number, { text, loss, target }: CellText & { target: string | null }): void {
    if (this.#column > MAX_COLUMNS) {
      throw new XmlError('it has more columns than a sheet can have');
    }
    this.#rowChars += text.length * (this.#column - first - 1);
    if (this.#rowChars > MAX_RECORD_BYTES) {
      dropCells(this.#row);
      return;
    }
    for (let column = first; column < this.#column; column += 1) {
      if (text !== '') this.#row.cells.set(column, text);
      if (loss !== null) this.#row.losses.set(column, loss);
      if (target !== null) this.#row.links.set(column, target);
    }
  }

  #closeRow(): void {
    const { cells, losses, isTooLong, number } = this.#row;
    this.#nextNumber = number + this.#times;
    if (cells.size === 0 && losses.size === 0 && !isTooLong) return;
    if (this.#nextNumber > MAX_ROWS + 1)
      throw new XmlError('it has more rows than a sheet can have');
    this.#rows.push({ row: this.#row, times: this.#times });
  }
}

const ASIDE: ReadonlySet<string> = new Set([
  'annotation',
  'shapes',
  'frame',
  'custom-shape',
  'g',
  'ruby-text',
  'detective',
]);

/** From 1; an invalid count means 1. */
function repeats(text: string | undefined): number {
  const count = Number(text ?? 1);
  return Number.isSafeInteger(count) && count > 0 ? count : 1;
}

/** The displayed text of a cell, as in a workbook. */
function readTableCell({ attributes, paragraphs }: OpenCell): CellText {
  const shown = paragraphs.join('\n');
  const value = attributes['office:value'];
  switch (attributes['office:value-type']) {
    case 'float':
    case 'percentage':
    case 'currency':
      return value === undefined ? whole(shown) : readNumber(value);
    case 'date':
      return whole(attributes['office:date-value'] ?? shown);
    case 'time':
      return whole(readTime(attributes['office:time-value'] ?? '') ?? shown);
    case 'boolean':
      return whole((attributes['office:boolean-value'] ?? shown).toUpperCase());
    case 'string':
      // Beside an error, such as `#N/A`, the value is empty.
      return whole(attributes['office:string-value'] || shown);
    default: {
      const isUncalculated = shown === '' && attributes['table:formula'] !== undefined;
      return { text: shown, loss: isUncalculated ? 'uncalculated' : null };
    }
  }
}

const whole = (text: string): CellText => ({ text, loss: null });

const readNumber = (value: string): CellText =>
  readCell({ type: 'n', value, hasFormula: false, style: 'plain' }, { strings: [], is1904: false });

/** `PT26H30M05.5S` as `26:30:05.500`, a time of day as `09:05:00`; null for other text. */
function readTime(duration: string): string | null {
  const found = /^(-?)P(?:(\d+)D)?T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:[.,]\d+)?)S)?$/.exec(duration);
  if (!found) return null;
  const [, sign, days, hours, minutes, seconds] = found;
  const inS = ((Number(days ?? 0) * 24 + Number(hours ?? 0)) * 60 + Number(minutes ?? 0)) * 60;
  const ms = Math.round((inS + Number((seconds ?? '0').replace(',', '.'))) * 1000);
  const shown = showDuration(ms);
  return `${sign}${shown.indexOf(':') < 2 ? '0' : ''}${shown}`;
}
