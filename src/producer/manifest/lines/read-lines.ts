import { isUtf8 } from 'node:buffer';
import { badEncoding, recordTooLong } from '../defects.ts';
import { decodeCells, type RawRecord } from '../raw-record.ts';
import type { Eol, TextWindow } from '../text/window.ts';

/** Makes a record from one line that is not blank and is valid UTF-8. */
export type LineParser = (text: string, line: number) => RawRecord;

/** The records of a text with one per line. Blank lines are skipped; bad lines come with their `defect`. */
export async function* readLines(
  text: TextWindow,
  eol: Eol,
  parseLine: LineParser,
): AsyncGenerator<RawRecord[]> {
  const parse = (content: string, line: number, isLatin1: boolean): RawRecord =>
    isLatin1 ? parseLatin1(content, line, parseLine) : parseLine(content, line);
  let line = 1;
  for (;;) {
    const block = await text.wholeLines();
    if (block === 'end') return;
    if (block === 'too_long') {
      const start = text.bytes.subarray(0, 1000).toString('utf8');
      yield [{ line, cells: [], defect: recordTooLong(line, start) }];
      await text.skipLine();
      line += 1;
      continue;
    }
    const lines = decodeLines(block, eol);
    const records = lines.contents.flatMap((content, index) =>
      content.trim() === '' ? [] : [parse(content, line + index, lines.isLatin1)],
    );
    text.drop(block.length);
    line += lines.contents.length;
    if (records.length > 0) yield records;
  }
}
/** Without line ends; nothing after the last one. */
function splitLines(text: string, eol: Eol): string[] {
  const lines = text.split(eol === '\n' ? /\r?\n/ : '\r');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

function decodeLines(block: Buffer, eol: Eol): { contents: string[]; isLatin1: boolean } {
  const isLatin1 = !isUtf8(block);
  return { contents: splitLines(block.toString(isLatin1 ? 'latin1' : 'utf8'), eol), isLatin1 };
}

function parseLatin1(content: string, line: number, parseLine: LineParser): RawRecord {
  const { cells, isBinary } = decodeCells([content]);
  const [decoded = ''] = cells;
  if (!isBinary) return parseLine(decoded, line);
  return { line, cells, isBinary, defect: badEncoding(line, decoded) };
}
