const LINE_END = Buffer.from('\r\n');

/** Splits what a client sends into whole commands, which are lists of strings: `*2\r\n$3\r\nGET\r\n$1\r\nk\r\n`. */
export function splitCommands(): (bytes: Buffer) => Buffer[] {
  let rest: Buffer = Buffer.alloc(0);
  return (bytes) => {
    rest = Buffer.concat([rest, bytes]);
    const commands: Buffer[] = [];
    for (let end = endOfCommand(rest); end !== null; end = endOfCommand(rest)) {
      commands.push(rest.subarray(0, end));
      rest = rest.subarray(end);
    }
    return commands;
  };
}

/** Null while the command is not complete. */
function endOfCommand(bytes: Buffer): number | null {
  let line = readNumber(bytes, 0);
  if (line === null) return null;
  for (let left = line.value; left > 0; left -= 1) {
    const size = readNumber(bytes, line.end);
    if (size === null) return null;
    line = { value: size.value, end: size.end + size.value + LINE_END.length };
  }
  return line.end <= bytes.length ? line.end : null;
}

/** The number in the line that begins at `start`, after its first character. */
function readNumber(bytes: Buffer, start: number): { value: number; end: number } | null {
  const end = bytes.indexOf(LINE_END, start);
  if (end < 0) return null;
  const value = Number(bytes.toString('latin1', start + 1, end));
  if (!Number.isInteger(value)) throw new Error('not a command of Redis');
  return { value, end: end + LINE_END.length };
}
