import { linkOfFormula } from '../../../lib/core/manifest/row-values.ts';
import { MAX_RECORD_BYTES } from '../text/window.ts';
import { type CellLoss, readCell, type StoredCell } from './cell-text.ts';
import type { NumberStyle } from './number-format.ts';
import { readXml, XmlError, type XmlVisitor } from './read-xml.ts';
import type { Texts } from './stored-texts.ts';

/** What is needed to turn a sheet's cells into texts. */
export interface CellContext {
  strings: Texts;
  styles: readonly NumberStyle[];
  is1904: boolean;
  /** The targets of cells' links, by their place (`A2`). */
  links: ReadonlyMap<string, string>;
}

/** A row that has at least one cell that is not empty. */
export interface SheetRow {
  /** The number that the spreadsheet shows, from 1. */
  number: number;
  /** Cells that are not empty, by column from 0; none when the row is too long. */
  cells: Map<number, string>;
  /** What was lost, by column. */
  losses: Map<number, CellLoss>;
  /** The targets of cells' links, by column. */
  links: Map<number, string>;
  isHidden: boolean;
  /** Over the limit of a record. */
  isTooLong: boolean;
}

export const MAX_COLUMNS = 16_384;
const MAX_FORMULA_CHARS = 8192;

/** The rows of a sheet, some at a time, in constant memory. Rows with only empty cells are left out. */
export async function* readSheetRows(
  xml: AsyncIterable<Buffer>,
  context: CellContext,
): AsyncGenerator<SheetRow[]> {
  const collector = new RowCollector(context);
  for await (const _ of readXml(xml, collector)) {
    const rows = collector.take();
    if (rows.length > 0) yield rows;
  }
}

class RowCollector implements XmlVisitor {
  readonly #context: CellContext;
  #rows: SheetRow[] = [];
  #row: SheetRow = startRow(0);
  #rowChars = 0;
  #column = -1;
  #cell: StoredCell | null = null;
  #link: string | undefined;
  #formula = '';
  #isValue = false;
  #isFormula = false;
  #phoneticDepth = 0;

  constructor(context: CellContext) {
    this.#context = context;
  }

  take(): SheetRow[] {
    const rows = this.#rows;
    this.#rows = [];
    return rows;
  }

  open(name: string, attributes: Record<string, string>): void {
    switch (name) {
      case 'row':
        this.#row = startRow(rowNumber(attributes.r, this.#row.number));
        this.#row.isHidden = /^(1|true)$/.test(attributes.hidden ?? '');
        this.#rowChars = 0;
        this.#column = -1;
        break;
      case 'c':
        this.#column = columnOf(attributes.r, this.#column);
        this.#link = this.#context.links.get(attributes.r ?? '');
        this.#formula = '';
        this.#cell = {
          type: attributes.t ?? 'n',
          value: '',
          hasFormula: false,
          style: this.#context.styles[Number(attributes.s ?? 0)] ?? 'plain',
        };
        break;
      case 'f':
        if (this.#cell) this.#cell.hasFormula = true;
        break;
      case 'rPh':
        this.#phoneticDepth += 1;
        break;
    }
    this.#isFormula = name === 'f';
    this.#isValue = name === 'v' || (name === 't' && this.#phoneticDepth === 0);
  }

  text(text: string): void {
    if (this.#isFormula && this.#formula.length < MAX_FORMULA_CHARS) this.#formula += text;
    if (!this.#isValue || this.#cell === null || this.#row.isTooLong) return;
    this.#cell.value += text;
    if (this.#cell.value.length > MAX_RECORD_BYTES) dropCells(this.#row);
  }

  close(name: string): void {
    this.#isValue = false;
    this.#isFormula = false;
    switch (name) {
      case 'c':
        this.#closeCell();
        break;
      case 'rPh':
        this.#phoneticDepth -= 1;
        break;
      case 'row':
        if (this.#row.cells.size > 0 || this.#row.losses.size > 0 || this.#row.isTooLong) {
          this.#rows.push(this.#row);
        }
        break;
    }
  }

  #closeCell(): void {
    if (this.#cell === null) return;
    const { text, loss } = readCell(this.#cell, this.#context);
    this.#cell = null;
    if (this.#row.isTooLong) return;
    if (text !== '') this.#row.cells.set(this.#column, text);
    if (loss !== null) this.#row.losses.set(this.#column, loss);
    const link = this.#link ?? linkOfFormula(this.#formula);
    if (link !== null) this.#row.links.set(this.#column, link);
    this.#rowChars += text.length;
    if (this.#rowChars > MAX_RECORD_BYTES) dropCells(this.#row);
  }
}

export function startRow(number: number): SheetRow {
  return {
    number,
    cells: new Map(),
    losses: new Map(),
    links: new Map(),
    isHidden: false,
    isTooLong: false,
  };
}

export function dropCells(row: SheetRow): void {
  row.isTooLong = true;
  row.cells.clear();
  row.losses.clear();
}

/** A row's number and a cell's place may both be missing; they then follow the one before. */
function rowNumber(given: string | undefined, previous: number): number {
  const number = Number(given);
  return Number.isSafeInteger(number) && number > previous ? number : previous + 1;
}

/** `AB12` → 27. */
function columnOf(reference: string | undefined, previous: number): number {
  let column = 0;
  for (let at = 0; reference !== undefined && at < reference.length; at += 1) {
    const letter = reference.charCodeAt(at) - 64;
    if (letter < 1 || letter > 26) break;
    column = column * 26 + letter;
  }
  const index = column === 0 ? previous + 1 : column - 1;
  if (index >= MAX_COLUMNS) throw new XmlError('it has more columns than a sheet can have');
  return index;
}
