/** A query parameter of a page. */
export interface Parameter {
  /** Whether the page can use this value. An empty value counts as none and is not asked about. */
  accepts(value: string): boolean;
  /** What it takes, after "takes": `a whole number`. */
  takes: string;
}

export type Parameters = Readonly<Record<string, Parameter>>;

/** Longer values are cut. */
export const textUpTo = (length: number): Parameter => ({
  accepts: (value) => value.trim().length <= length,
  takes: `at most ${length} characters`,
});

export const oneOf = (values: readonly string[]): Parameter => ({
  accepts: (value) => values.includes(value),
  takes: `one of ${values.join(', ')}`,
});

export const someOf = (values: readonly string[]): Parameter => ({
  accepts: (value) => value.split(',').every((one) => values.includes(one)),
  takes: `some of ${values.join(', ')}, comma-separated`,
});

/** @param least 0 or 1. */
export const wholeNumber = (least: 0 | 1, digits = 10): Parameter => ({
  accepts: (value) => /^\d+$/.test(value) && value.length <= digits && Number(value) >= least,
  takes: `a whole number from ${least}`,
});

const SHOWN_LENGTH = 60;
const SHOWN_SENTENCES = 5;

/** One sentence for each part of a query that a page with these parameters does not use; at most five. */
export function describeUnused(parameters: Parameters, query: URLSearchParams): string[] {
  const names = [...new Set(query.keys())];
  return names
    .flatMap((name) => unusedOf(parameters, name, query.getAll(name)))
    .slice(0, SHOWN_SENTENCES);
}

function unusedOf(parameters: Parameters, name: string, values: readonly string[]): string[] {
  const known = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
  const [value = ''] = values;
  if (known === undefined) {
    const names = Object.keys(parameters).join(', ');
    const others = names === '' ? 'it has none' : `it has ${names}`;
    return [`This page has no parameter ${quote(name)}, so it was ignored; ${others}.`];
  }
  if (value !== '' && !known.accepts(value)) {
    return [`${quote(`${name}=${value}`)} was ignored: ${name} takes ${known.takes}.`];
  }
  return values.length > 1
    ? [`${quote(name)} is given more than once; only the first is used.`]
    : [];
}

/** Backticks mark code in sentences. */
const quote = (text: string): string =>
  `\`${text.replaceAll('`', "'").slice(0, SHOWN_LENGTH)}${text.length > SHOWN_LENGTH ? '…' : ''}\``;
