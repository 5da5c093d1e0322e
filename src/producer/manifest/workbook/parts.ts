import type { Archive } from './archive.ts';
import { decodeEscapes } from './cell-text.ts';
import { type NumberStyle, numberStyle } from './number-format.ts';
import { readXml, type XmlVisitor } from './read-xml.ts';
import type { StoredTexts } from './stored-texts.ts';

export interface Sheet {
  name: string;
  isHidden: boolean;
  /** Its path in the archive. */
  part: string;
}

export interface Workbook {
  /** In the order of their tabs; without charts and macros. */
  sheets: Sheet[];
  /** Whether days count from 1904. */
  is1904: boolean;
  stringsPart: string | null;
  stylesPart: string | null;
}

interface Relation {
  id: string;
  /** The last part of the relationship's type, which has two namespaces (transitional and strict). */
  kind: string;
  /** The original text. */
  target: string;
  /** The target in the archive, if it is there. */
  part: string;
}

/** Characters that one shared string may have; a cell may show 32,767. */
const MAX_STRING_CHARS = 16 * 1024 * 1024;

/** The paths of all parts. Null when the archive is not a workbook, or a binary one (`.xlsb`). */
export async function readWorkbook(archive: Archive): Promise<Workbook | null> {
  if (!archive.has('_rels/.rels')) return null;
  const [main] = (await readRelations(archive, '')).filter(({ kind }) => kind === 'officeDocument');
  if (!main || !archive.has(main.part) || isOther(main.part)) return null;
  const relations = await readRelations(archive, main.part);
  const partOf = (kind: string): string | null => {
    const part = relations.find((relation) => relation.kind === kind)?.part;
    return part !== undefined && archive.has(part) ? part : null;
  };
  return {
    ...(await readSheetList(archive, main.part, relations)),
    stringsPart: partOf('sharedStrings'),
    stylesPart: partOf('styles'),
  };
}

/** A binary workbook, or the text of another program of the same package. */
const isOther = (part: string): boolean => /\.bin$|^(?:word|ppt)\//.test(part);

async function readSheetList(
  archive: Archive,
  part: string,
  relations: Relation[],
): Promise<Pick<Workbook, 'sheets' | 'is1904'>> {
  const worksheets = new Map(
    relations.filter(({ kind }) => kind === 'worksheet').map((found) => [found.id, found.part]),
  );
  const sheets: Sheet[] = [];
  let is1904 = false;
  await visit(archive, part, {
    open(name, attributes) {
      if (name === 'workbookPr') is1904 = /^(1|true)$/.test(attributes.date1904 ?? '');
      if (name !== 'sheet') return;
      const id = Object.entries(attributes).find(([key]) => /:id$/.test(key))?.[1] ?? '';
      const target = worksheets.get(id);
      const isHidden = /hidden/i.test(attributes.state ?? '');
      if (target !== undefined) {
        sheets.push({ name: attributes.name ?? '', isHidden, part: target });
      }
    },
  });
  return { sheets, is1904 };
}

/** The relations of a part, or of the archive itself when `part` is empty. */
async function readRelations(archive: Archive, part: string): Promise<Relation[]> {
  const folder = part.slice(0, part.lastIndexOf('/') + 1);
  const relations: Relation[] = [];
  await visit(archive, relationsPart(part), {
    open(name, { Id = '', Type = '', Target = '' }) {
      if (name !== 'Relationship') return;
      const kind = Type.slice(Type.lastIndexOf('/') + 1);
      relations.push({ id: Id, kind, target: Target, part: resolvePart(folder, Target) });
    },
  });
  return relations;
}

function relationsPart(part: string): string {
  const slash = part.lastIndexOf('/') + 1;
  return `${part.slice(0, slash)}_rels/${part.slice(slash)}.rels`;
}

/** Targets are relative to the folder of the part that names them, or begin at the archive's root. */
function resolvePart(folder: string, target: string): string {
  const resolved: string[] = [];
  const path = target.startsWith('/') ? target : folder + target;
  for (const step of path.split('/')) {
    if (step === '..') resolved.pop();
    else if (step !== '.' && step !== '') resolved.push(step);
  }
  return resolved.join('/');
}

/** Adds the strings that cells refer to by number. False when there are too many. */
export async function readStrings(
  archive: Archive,
  part: string,
  strings: StoredTexts,
): Promise<boolean> {
  let text = '';
  let isText = false;
  let phoneticDepth = 0;
  let hasRoom = true;
  const visitor: XmlVisitor = {
    open(name) {
      if (name === 'si') text = '';
      if (name === 'rPh') phoneticDepth += 1;
      isText = name === 't' && phoneticDepth === 0;
    },
    text(part) {
      if (isText) text += part;
    },
    close(name) {
      isText = false;
      if (name === 'rPh') phoneticDepth -= 1;
      if (name !== 'si') return;
      hasRoom &&= strings.add(decodeEscapes(text));
    },
  };
  for await (const _ of readXml(archive.read(part), visitor)) {
    if (!hasRoom || text.length > MAX_STRING_CHARS) return false;
  }
  return true;
}

/** How each cell style, by number, displays numbers. */
export async function readNumberStyles(archive: Archive, part: string): Promise<NumberStyle[]> {
  const codes = new Map<number, string>();
  const formats: number[] = [];
  let isCellStyles = false;
  await visit(archive, part, {
    open(name, attributes) {
      const id = Number(attributes.numFmtId ?? 0);
      if (name === 'numFmt') codes.set(id, attributes.formatCode ?? '');
      if (name === 'cellXfs') isCellStyles = true;
      if (name === 'xf' && isCellStyles) formats.push(id);
    },
    close(name) {
      if (name === 'cellXfs') isCellStyles = false;
    },
  });
  return formats.map((id) => numberStyle(id, codes.get(id) ?? null));
}

/** The addresses outside the workbook that a sheet refers to, by the ids of its relations. */
export async function readLinkTargets(
  archive: Archive,
  part: string,
): Promise<Map<string, string>> {
  if (!archive.has(relationsPart(part))) return new Map();
  const relations = await readRelations(archive, part);
  const links = relations.filter(({ kind }) => kind === 'hyperlink');
  return new Map(links.map(({ id, target }) => [id, target]));
}

async function visit(archive: Archive, part: string, visitor: Partial<XmlVisitor>): Promise<void> {
  const ignore = (): void => {};
  const whole = { open: ignore, text: ignore, close: ignore, ...visitor };
  for await (const _ of readXml(archive.read(part), whole));
}
