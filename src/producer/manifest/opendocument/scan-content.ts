import { decodeEntities } from './decode-entities.ts';

export interface TableScan {
  name: string;
  isHidden: boolean;
  /** Whether any of its rows is hidden, even an empty one. */
  hidesRows: boolean;
}

const TAG =
  /<(table:table|table:table-row|table:table-row-group|style:style|style:table-properties)(?:\s[^>]*)?>/g;
const MAX_TAG_CHARS = 64 * 1024;

/** The tables of an OpenDocument spreadsheet, in the order of their tabs. Reads the content to its end. */
export async function scanContent(xml: AsyncIterable<Buffer>): Promise<TableScan[]> {
  const reader = new TagReader();
  let rest = '';
  for await (const chunk of xml) {
    const text = rest + chunk.toString('latin1');
    for (const [tag, name = ''] of text.matchAll(TAG)) reader.read(name, tag);
    rest = unfinishedTag(text);
  }
  return reader.tables;
}

class TagReader {
  readonly tables: TableScan[] = [];
  readonly #hiddenStyles = new Set<string>();
  #style = '';

  read(name: string, tag: string): void {
    switch (name) {
      case 'style:style':
        this.#style = attribute(tag, 'style:name') ?? '';
        break;
      case 'style:table-properties':
        if (attribute(tag, 'table:display') === 'false') this.#hiddenStyles.add(this.#style);
        break;
      case 'table:table':
        this.tables.push({
          name: decodeName(attribute(tag, 'table:name') ?? ''),
          isHidden: this.#hiddenStyles.has(attribute(tag, 'table:style-name') ?? ''),
          hidesRows: false,
        });
        break;
      default:
        markHidden(this.tables.at(-1), tag);
    }
  }
}

function markHidden(table: TableScan | undefined, tag: string): void {
  if (
    table &&
    (isHiddenRow(attribute(tag, 'table:visibility')) || attribute(tag, 'table:display') === 'false')
  ) {
    table.hidesRows = true;
  }
}

/** Hidden by a filter or by a person. */
export const isHiddenRow = (visibility: string | undefined): boolean =>
  visibility === 'filter' || visibility === 'collapse';

const attribute = (tag: string, name: string): string | undefined =>
  new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1];

const decodeName = (latin1: string): string =>
  decodeEntities(Buffer.from(latin1, 'latin1').toString('utf8'));

function unfinishedTag(text: string): string {
  const start = text.lastIndexOf('<');
  const isOpen = start >= 0 && text.indexOf('>', start) < 0;
  return isOpen && text.length - start < MAX_TAG_CHARS ? text.slice(start) : '';
}
