import { explainErrors, explainErrorsOf } from '../explain-errors.ts';
import { ManifestError } from '../manifest-error.ts';
import { openTables, refuseEncrypted } from '../opendocument/open-tables.ts';
import { type Archive, type ArchiveFile, broken, openArchive } from './archive.ts';
import { chooseSheets, type SheetOptions, type WorkbookManifest } from './choose-sheets.ts';
import {
  readLinkTargets,
  readNumberStyles,
  readStrings,
  readWorkbook,
  type Workbook,
} from './parts.ts';
import { XmlError } from './read-xml.ts';
import { scanSheet } from './scan-sheet.ts';
import { type CellContext, readSheetRows } from './sheet-rows.ts';
import { StoredTexts } from './stored-texts.ts';
import type { Sheet } from './understand-sheet.ts';

/**
 * Reads a workbook (`.xlsx`, `.ods`). Its sheets are inflated once, so that damage is found before their rows are
 * used; shared strings go into a temporary file.
 * @throws ManifestError
 */
export async function understandWorkbook(
  file: ArchiveFile,
  options: SheetOptions,
): Promise<WorkbookManifest> {
  const archive = await openArchive(file);
  const texts = new StoredTexts();
  const close = (): void => texts[Symbol.dispose]();
  const explain = explainXml(file.label);
  try {
    return await explainErrors(async () => {
      const sheets = await findSheets(archive, file.label, texts);
      const chosen = await chooseSheets(sheets, options, file.label);
      return { ...chosen, records: () => explainErrorsOf(chosen.records(), explain), close };
    }, explain);
  } catch (error) {
    close();
    throw error;
  }
}

/** The same for a flat OpenDocument spreadsheet (`.fods`). */
export async function understandFlat(
  content: () => AsyncIterable<Buffer>,
  options: SheetOptions,
  label: string,
): Promise<WorkbookManifest> {
  const explain = explainXml(label);
  return await explainErrors(async () => {
    const chosen = await chooseSheets(await openTables(content, label), options, label);
    return { ...chosen, records: () => explainErrorsOf(chosen.records(), explain) };
  }, explain);
}

async function findSheets(archive: Archive, label: string, texts: StoredTexts): Promise<Sheet[]> {
  if (archive.has('content.xml')) {
    await refuseEncrypted(archive, label);
    return await openTables(() => archive.read('content.xml'), label);
  }
  const workbook = await readWorkbook(archive);
  if (workbook === null) throw notAWorkbook(archive, label);
  return await openSheets(archive, workbook, label, texts);
}

async function openSheets(
  archive: Archive,
  workbook: Workbook,
  label: string,
  texts: StoredTexts,
): Promise<Sheet[]> {
  const context = await readContext(archive, workbook, label, texts);
  return workbook.sheets.map(({ name, isHidden, part }) => {
    const links = new Map<string, string>();
    return {
      name,
      isHidden,
      rows: () => readSheetRows(archive.read(part), { ...context, links }),
      scan: async () => {
        const { hidesRows, links: ids } = await scanSheet(archive.read(part));
        const targets = ids.size === 0 ? new Map() : await readLinkTargets(archive, part);
        for (const [place, id] of ids) links.set(place, targets.get(id) ?? '');
        return { hidesRows };
      },
    };
  });
}

async function readContext(
  archive: Archive,
  workbook: Workbook,
  label: string,
  strings: StoredTexts,
): Promise<Omit<CellContext, 'links'>> {
  const { stringsPart, stylesPart, is1904 } = workbook;
  if (stringsPart !== null && !(await readStrings(archive, stringsPart, strings))) {
    throw new ManifestError(
      'workbook_bomb',
      `The workbook ${label} holds more text than can be read (8 million texts, 2 GiB); save its sheet as "CSV UTF-8" and import that.`,
    );
  }
  const styles = stylesPart === null ? [] : await readNumberStyles(archive, stylesPart);
  return { strings, styles, is1904 };
}

/** By a part that is in each of them. */
const OTHER_ARCHIVES: readonly [part: string, what: string][] = [
  ['Index/Document.iwa', 'a Numbers document; export it as Excel or CSV'],
  ['Index.zip', 'a Numbers document; export it as Excel or CSV'],
  ['xl/workbook.bin', 'a binary workbook (.xlsb); save it as .xlsx'],
  ['word/document.xml', 'a Word document; put its table into a spreadsheet'],
  ['ppt/presentation.xml', 'a PowerPoint document; put its table into a spreadsheet'],
];

function notAWorkbook(archive: Archive, label: string): ManifestError {
  const [, what] = OTHER_ARCHIVES.find(([part]) => archive.has(part)) ?? [
    '',
    'a ZIP archive without a workbook; unpack it',
  ];
  return new ManifestError('unsupported_format', `${label} is ${what} and import that.`);
}

const explainXml =
  (label: string) =>
  (error: unknown): unknown =>
    error instanceof XmlError ? broken(label, error.message) : error;
