import type { RowProblem } from '../../lib/core/manifest/manifest.ts';
import { showValue } from '../../lib/core/manifest/show-value.ts';
import { MAX_RECORD_BYTES } from './text/window.ts';

const LIMIT = `${MAX_RECORD_BYTES / 1024} KiB`;

export function raggedLine(line: number, found: number, expected: number): RowProblem {
  return {
    code: 'ragged_line',
    column: null,
    value: null,
    message: `Line ${line} has ${count(found, 'cell')} and the header has ${expected}; remove the delimiters that are too many, or quote the cell that contains one.`,
  };
}

export function badEncoding(line: number, value: string): RowProblem {
  return {
    code: 'bad_encoding',
    column: null,
    value: showValue(value),
    message: `Line ${line} is not valid UTF-8; save the file as UTF-8 ("CSV UTF-8" in a spreadsheet) and import it again.`,
  };
}

/** A text of a format that always stores texts as UTF-8. */
export function badText(line: number, column: string): RowProblem {
  return {
    code: 'bad_encoding',
    column,
    value: null,
    message: `Line ${line}, column "${showValue(column)}" holds bytes that are not UTF-8; write the column as text.`,
  };
}

export function unclosedQuote(line: number, value: string): RowProblem {
  return {
    code: 'unclosed_quote',
    column: null,
    value: showValue(value),
    message: `Line ${line} opens a quote that is not closed (looked up to the end of the file, at most ${LIMIT}); close it, or write a quote inside a quoted cell twice.`,
  };
}

export function strayQuote(line: number, value: string): RowProblem {
  return {
    code: 'stray_quote',
    column: null,
    value: showValue(value),
    message: `Line ${line} opens a quote and continues after it is closed, or a later line contradicts it; put quotes around the whole cell and write each quote inside it twice.`,
  };
}

export function escapedQuote(line: number, value: string): RowProblem {
  return {
    code: 'stray_quote',
    column: null,
    value: showValue(value),
    message: `Line ${line} has a quote after a backslash (\\") inside a cell, which programs read differently; write each quote inside a quoted cell twice ("").`,
  };
}

export function recordTooLong(line: number, start: string): RowProblem {
  return {
    code: 'record_too_long',
    column: null,
    value: showValue(start),
    message: `Line ${line} is longer than ${LIMIT}, which no manifest row is; shorten it or check the file.`,
  };
}

export function brokenJson(line: number, value: string, reason: string): RowProblem {
  return {
    code: 'broken_json',
    column: null,
    value: showValue(value),
    message: `Line ${line} is not one JSON object (${showValue(reason)}); write one complete object per line.`,
  };
}

export function uncalculated(line: number, column: string): RowProblem {
  return {
    code: 'no_formula_result',
    column,
    value: null,
    message: `Line ${line}, column "${column}" holds a formula without its result; open the workbook in a spreadsheet program and save it again, or replace the formula by its value.`,
  };
}

export function linkToNoAddress(
  line: number,
  column: string,
  { text, link }: { text: string; link: string },
): RowProblem {
  return {
    code: 'bad_url',
    column,
    value: showValue(text),
    message: `Line ${line}, column "${column}": the link under "${showValue(text)}" points at "${showValue(link)}", which is no address of a video; write the address into the cell.`,
  };
}

export function cellBeyondHeader(line: number, value: string): RowProblem {
  return {
    code: 'ragged_line',
    column: null,
    value: showValue(value),
    message: `Line ${line} has a cell "${showValue(value)}" to the right of the header's last column; give its column a name, or empty the cell.`,
  };
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
