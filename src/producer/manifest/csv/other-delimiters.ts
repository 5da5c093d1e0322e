import { MANIFEST_ROLES } from '../../../lib/core/manifest/manifest.ts';
import { HEADER_SEARCH_ROWS } from '../find-header.ts';
import { ManifestError } from '../manifest-error.ts';

const HEAD_BYTES = 4096;
/** What ASCII and Unicode have between cells. */
const UNIT_SEPARATORS = ['\u001f', '\u241f'];
/** What some programs quote cells with; in CSV they are ordinary characters. */
const OTHER_QUOTES = ["'", '`'];

/**
 * For a text of which no cell is a known name.
 * @throws ManifestError `unsupported_format` if one of the first lines has the name of a role anyway, and nothing
 *   that separates cells: they are aligned by spaces, for example. Also if the name is quoted with another sign.
 */
export function refuseOtherDelimiters(
  head: Buffer,
  delimiters: readonly string[],
  label: string,
): void {
  const lines = head.toString('utf8', 0, HEAD_BYTES).split(/\r?\n|\r/, HEADER_SEARCH_ROWS);
  for (const [index, line] of lines.entries()) {
    const words = line.split(/[^\p{L}\p{N}_-]+/u);
    const name = MANIFEST_ROLES.find((role) => words.includes(role));
    if (name === undefined) continue;
    const quote = OTHER_QUOTES.find((sign) => line.includes(`${sign}${name}${sign}`));
    if (quote !== undefined) {
      throw new ManifestError(
        'unsupported_format',
        `Line ${index + 1} of ${label} quotes its cells with ${quote}. Have the program quote them with ", or not at all.`,
      );
    }
    const isSeparated = delimiters.some((delimiter) => line.includes(delimiter));
    if (isSeparated && !UNIT_SEPARATORS.some((sign) => line.includes(sign))) continue;
    throw new ManifestError(
      'unsupported_format',
      `Line ${index + 1} of ${label} has the name ${name}, but not as a cell: cells are separated by a comma, semicolon, tab or |, and quoted by ". Have the program write CSV.`,
    );
  }
}
