/** What one pass over a sheet's XML finds outside its rows. */
export interface SheetScan {
  /** Whether any row is hidden, even an empty one. */
  hidesRows: boolean;
  /** Relation ids of links, by the place of their cell (`A2`). */
  links: Map<string, string>;
}

/** A sheet of a spreadsheet program holds at most 65,530. */
const MAX_LINKS = 100_000;
const MAX_TAG_CHARS = 64 * 1024;

const TAG = /<(?:\w+:)?(row|hyperlink)\b[^>]*>/g;

/** Reads the part to its end, so that damage is found before its rows are used. */
export async function scanSheet(xml: AsyncIterable<Buffer>): Promise<SheetScan> {
  const scan: SheetScan = { hidesRows: false, links: new Map() };
  let rest = '';
  for await (const chunk of xml) {
    const text = rest + chunk.toString('latin1');
    for (const [tag, name] of text.matchAll(TAG)) {
      if (name === 'hyperlink') addLink(scan.links, tag);
      else if (!scan.hidesRows) scan.hidesRows = /\shidden="(?:1|true)"/.test(tag);
    }
    rest = unfinishedTag(text);
  }
  return scan;
}

function addLink(links: Map<string, string>, tag: string): void {
  const place = /\sref="([A-Z]+\d+)/.exec(tag)?.[1];
  const id = /\s\w+:id="([^"]*)"/.exec(tag)?.[1];
  if (place !== undefined && id !== undefined && links.size < MAX_LINKS) links.set(place, id);
}

function unfinishedTag(text: string): string {
  const start = text.lastIndexOf('<');
  const isOpen = start >= 0 && text.indexOf('>', start) < 0;
  return isOpen && text.length - start < MAX_TAG_CHARS ? text.slice(start) : '';
}
