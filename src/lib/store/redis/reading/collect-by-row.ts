/** The stored values of some rows, by row, in the order of `rows`. Rows without a value are left out. */
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
