/** What was stored for each of some rows, in their order; rows with nothing are left out. */
export function collectByRow<T>(
  rows: number[],
  texts: (string | null)[],
  parse: (text: string) => T,
): Map<number, T> {
  return new Map(
    rows.flatMap((row, index) => {
      const text = texts[index];
      return text == null ? [] : [[row, parse(text)]];
    }),
  );
}
