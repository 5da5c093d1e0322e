import { stripVTControlCharacters } from 'node:util';

/** Escape sequences, line ends, or text between them. */
const PIECE = /\p{Cc}\[(\d*)([A-Za-z])|\r|\n|\P{Cc}+/gu;

/** What a person sees on a terminal: understands the sequences that this program uses, and no others. */
export class Screen {
  readonly #lines: string[] = [''];
  #line = 0;
  #column = 0;

  write(output: string): void {
    for (const [piece, count, command] of output.matchAll(PIECE)) {
      if (command !== undefined) this.#obey(command, Number(count || 1));
      else if (piece === '\r') this.#column = 0;
      else if (piece === '\n') this.#moveTo(this.#line + 1);
      else this.#put(piece);
    }
  }

  /** Without colours and without the spaces at the ends of lines. */
  get text(): string {
    return this.#lines.map((line) => stripVTControlCharacters(line).trimEnd()).join('\n');
  }

  #obey(command: string, count: number): void {
    switch (command) {
      case 'A':
        this.#moveTo(Math.max(0, this.#line - count));
        return;
      case 'J':
        this.#lines.length = this.#line + 1;
        this.#lines[this.#line] = this.#upToCursor();
        return;
      case 'K':
        this.#lines[this.#line] = '';
        return;
      case 'm':
        return;
      default:
        throw new Error(`the program wrote the sequence ESC[${count}${command}`);
    }
  }

  #moveTo(line: number): void {
    this.#line = line;
    while (this.#lines.length <= line) this.#lines.push('');
  }

  #put(text: string): void {
    const after = this.#lines[this.#line]?.slice(this.#column + text.length) ?? '';
    this.#lines[this.#line] = this.#upToCursor() + text + after;
    this.#column += text.length;
  }

  #upToCursor(): string {
    return (this.#lines[this.#line] ?? '').padEnd(this.#column).slice(0, this.#column);
  }
}
