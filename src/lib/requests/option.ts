import { z } from 'zod';
import { type RequestProblem, UnusableRequest } from './unusable-request.ts';

/** One option: its flag, YAML key, form field, JSON field and OpenAPI entry are made from it. */
export interface RequestOption {
  /**
   * A JSON type: text, number, boolean, list or record. Its messages are sentences that say which values can be used.
   */
  schema: z.ZodType;
  /** A valid input of the schema. */
  default?: unknown;
  /** The default in words, if the value itself is not clear. */
  defaultWords?: string;
  isRequired?: true;
  /** The value of its flag in the help: `n`, `role=column`. None for a switch. */
  value?: string;
  /** The command that takes `off` for a batch, where this option does not. */
  offBy?: string;
  /** Without dashes in front. Default: the option's name with dashes, `maxFailures` → `max-failures`. */
  flag?: string;
  /** For the help and the description of the API; it begins in lower case and has no full stop. */
  description: string;
  /** The label of its form field. */
  label: string;
  /** The placeholder of its form field. */
  hint?: string;
  /** Its field is as wide as the form, for long texts. */
  isLong?: true;
  /** The labels of its choices in a form; `''` means no choice. */
  words?: Readonly<Record<string, string>>;
}

/** Options by their JSON names, in the order of the help and of forms. */
export type RequestOptions = Readonly<Record<string, RequestOption>>;

/** A parsed and complete request: null for an omitted option without a default. */
export type Request<Options extends RequestOptions> = {
  [Name in keyof Options]: Options[Name] extends { default: unknown } | { isRequired: true }
    ? z.output<Options[Name]['schema']>
    : z.output<Options[Name]['schema']> | null;
};

type Shape<Options extends RequestOptions> = {
  [Name in keyof Options]: z.ZodType<Request<Options>[Name], z.input<Options[Name]['schema']>>;
};

/** The JSON fields of these options, each with its default. */
export const shapeOf = <Options extends RequestOptions>(options: Options): Shape<Options> =>
  Object.fromEntries(
    Object.entries(options).map(([name, option]) => [
      name,
      fieldOf(option, nameFields(options, option.description)),
    ]),
  ) as Shape<Options>;

/** Descriptions name other options by their flags: `--code` → `codes`. */
const nameFields = (options: RequestOptions, description: string): string =>
  description.replaceAll(/--([a-z][a-z-]*)/g, (flag, word: string) => {
    const named = Object.entries(options).find(([name, option]) => flagOf(name, option) === word);
    return named === undefined ? flag : `\`${named[0]}\``;
  });

function fieldOf(
  { schema, default: fallback, isRequired }: RequestOption,
  description: string,
): z.ZodType {
  if (isRequired) return schema.describe(description);
  return fallback === undefined
    ? schema.nullable().default(null).describe(description)
    : schema.prefault(fallback).describe(description);
}

/** `maxFailures` → `max-failures`. */
export const flagOf = (name: string, { flag }: Pick<RequestOption, 'flag'>): string =>
  flag ?? name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** The label of an option in a form. */
export const labelOf = (options: RequestOptions, name: string): string =>
  options[name]?.label ?? name;

type Scalar = string | number | boolean | null;

/** An option's value as people write it, in YAML or in a form; an empty value counts as not given. */
export type Written = Scalar | Scalar[] | { [key: string]: Scalar };

export type WrittenRequest = Record<string, Written>;

/** Parses what people wrote. @throws UnusableRequest that names every problem. */
export function readRequest<Options extends RequestOptions>(
  options: Options,
  written: WrittenRequest,
): Request<Options> {
  const sent = Object.fromEntries(
    Object.entries(written).map(([name, value]) => {
      const option = options[name];
      // An unknown name is refused, whatever its value.
      return [name, option === undefined ? value : toJson(option, value)];
    }),
  );
  return parseRequest(options, sent);
}

/** Parses what a program wrote, with each value in its JSON type. @throws UnusableRequest that names every problem. */
export function parseRequest<Options extends RequestOptions>(
  options: Options,
  sent: Record<string, unknown>,
): Request<Options> {
  const read = z.strictObject(shapeOf(options)).safeParse(sent);
  if (read.success) return read.data as Request<Options>;
  throw new UnusableRequest(problemsOf(read.error, sent));
}

/** The reverse: the input that `readRequest` would parse to this request. Null if there is nothing to write. */
export function writeRequest<Options extends RequestOptions>(
  options: Options,
  request: Request<Options>,
): { [Name in keyof Options]: Written } {
  const schema: z.ZodType = z.object(shapeOf(options));
  return z.encode(schema, request) as { [Name in keyof Options]: Written };
}

/** Converts a text to the type that an option's schema expects; the schema refuses invalid values. */
export const jsonOfText = (option: RequestOption, text: string): unknown => toJson(option, text);

const toJson = ({ schema }: RequestOption, value: Written): unknown =>
  value === null || value === '' ? undefined : JSON_OF[kindOf(schema)](value);

type Kind = 'text' | 'number' | 'switch' | 'list' | 'columns';

/**
 * The type that a schema expects, which decides how text is split: a list has commas between its values, columns are
 * `role=column`.
 */
export function kindOf(schema: z.ZodType): Kind {
  const taken = schema instanceof z.ZodPipe ? schema.in : schema;
  if (taken instanceof z.ZodNumber) return 'number';
  if (taken instanceof z.ZodBoolean) return 'switch';
  if (taken instanceof z.ZodArray) return 'list';
  return taken instanceof z.ZodRecord ? 'columns' : 'text';
}

/** The values of a choice; null for any other schema. */
export const choicesOf = ({ schema }: RequestOption): string[] | null =>
  schema instanceof z.ZodEnum ? schema.options.map(String) : null;

type Given = Exclude<Written, null>;

/** A ticked box in a form is `on`; where everything is text, the values are `true` and `false`. */
const SWITCHES: Record<string, boolean> = { on: true, true: true, false: false };

const JSON_OF: Record<Kind, (value: Given) => unknown> = {
  text: textOf,
  number: (value) =>
    typeof value === 'string' && /^\d{1,15}(\.\d{1,9})?$/.test(value) ? Number(value) : value,
  switch: (value) => (typeof value === 'string' ? (SWITCHES[value] ?? value) : value),
  list: (value) => [value].flat().flatMap((part) => String(part).split(',').flatMap(trimmed)),
  columns: (value) => (typeof value === 'string' ? pairOf(value) : stringsOf(value)),
};

/** A text is expected, and `false` means that there is none. */
function textOf(value: Given): unknown {
  if (value === false) return undefined;
  if (Array.isArray(value)) return value.join(',');
  return typeof value === 'object' ? value : String(value);
}

const trimmed = (part: string): string[] => (part.trim() === '' ? [] : [part.trim()]);

function pairOf(text: string): unknown {
  const at = text.indexOf('=');
  return at < 1 ? text : { [text.slice(0, at)]: text.slice(at + 1) };
}

function stringsOf(value: Exclude<Given, string>): unknown {
  if (typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, text]) =>
      text === null || text === '' ? [] : [[key, String(text)]],
    ),
  );
}

/** The problems, at most one for each option. */
function problemsOf(error: z.ZodError, sent: Record<string, unknown>): RequestProblem[] {
  const problems = error.issues.flatMap((issue): RequestProblem[] => {
    if (issue.code === 'unrecognized_keys' && issue.path.length === 0) {
      return issue.keys.map((option) => ({ kind: 'unknown', option }));
    }
    const option = String(issue.path[0]);
    const value = sent[option];
    return value === undefined
      ? [{ kind: 'missing', option }]
      : [{ kind: 'unusable', option, value, advice: issue.message }];
  });
  const first = new Map(problems.map((problem) => [problem.option, problem] as const).toReversed());
  // A missing option may only be misspelled.
  return [...first.values()]
    .toReversed()
    .toSorted((one, other) => Number(other.kind === 'unknown') - Number(one.kind === 'unknown'));
}
