/** UTF-16 units that a cell of a spreadsheet can hold. */
const MAX_CELL_CHARS = 32_767;

const SPECIAL = /[&<>]/g;
const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/**
 * What XML cannot hold or would change: control characters, a carriage return, half a surrogate pair; also a text
 * that looks like such an escape (ECMA-376 part 1, 22.4.2.4).
 */
const UNSAFE = /[\p{Cc}\p{Surrogate}\ufffe\uffff]|_(?=x[0-9a-f]{4}_)/giu;

/**
 * A cell's text as XML. Reading it returns the same text, except for its line ends, and for a text that is too long
 * and therefore cut.
 */
export function toXmlText(text: string): string {
  // Excel shows the escape of a carriage return; a line feed alone ends a line in a cell.
  return shorten(text.replace(/\r\n?/g, '\n'))
    .replace(UNSAFE, escapeUnsafe)
    .replace(SPECIAL, (sign) => ENTITIES[sign] ?? sign);
}

function escapeUnsafe(character: string): string {
  if (character === '\n' || character === '\t') return character;
  return `_x${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`;
}

function shorten(text: string): string {
  if (text.length <= MAX_CELL_CHARS) return text;
  const note = `… (cut here; of ${text.length} characters a cell can hold ${MAX_CELL_CHARS}; the CSV report has them all)`;
  const kept = text.slice(0, MAX_CELL_CHARS - note.length);
  return kept.replace(/[\ud800-\udbff]$/, '') + note;
}
