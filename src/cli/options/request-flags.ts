import { type Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import {
  choicesOf,
  flagOf,
  jsonOfText,
  type Request,
  type RequestOption,
  type RequestOptions,
} from '../../lib/requests/option.ts';

/** Gives a command a flag for each of these options. `requestOf` completes what it parses. */
export function addRequestFlags(command: Command, options: RequestOptions): Command {
  for (const [name, option] of Object.entries(options)) command.addOption(flagFor(name, option));
  return command;
}

/** The request in a command's flags. */
export const requestFrom = <Options extends RequestOptions>(
  options: Options,
  flags: object,
): Request<Options> =>
  Object.fromEntries(
    Object.entries(options).map(([name, option]) => [
      name,
      (flags as Record<string, unknown>)[attributeOf(name, option)] ?? null,
    ]),
  ) as Request<Options>;

const attributeOf = (name: string, option: RequestOption): string =>
  new Option(`--${flagOf(name, option)}`).attributeName();

function flagFor(name: string, option: RequestOption): Option {
  const { description, value, isRequired, default: fallback } = option;
  const flag = new Option(
    `--${flagOf(name, option)}${value === undefined ? '' : ` <${value}>`}`,
    description,
  );
  if (isRequired) flag.makeOptionMandatory();
  const choices = choicesOf(option);
  if (choices !== null) flag.choices(choices);
  else if (value !== undefined) flag.argParser(parserOf(option));
  if (fallback === undefined) return flag;
  const meant: unknown = z.parse(option.schema, fallback);
  const isPlain = meant === fallback;
  return flag.default(meant, isPlain ? undefined : (option.defaultWords ?? String(fallback)));
}

/** The parser for an operand that is an option. */
export const parserOf =
  (option: RequestOption) =>
  (text: string, previous: unknown): unknown => {
    const read = option.schema.safeParse(toJson(option, text, previous));
    if (read.success) return read.data;
    const rule = read.error.issues[0]?.message ?? '';
    throw new InvalidArgumentError(text === 'off' ? rule + describeOff(option) : rule);
  };

const describeOff = ({ offBy }: RequestOption): string =>
  offBy === undefined
    ? ''
    : ` For a new batch leave it out; \`kling-sessions ${offBy} <batch> off\` changes an existing one.`;

/** A repeatable flag adds to the values given before. */
function toJson(option: RequestOption, text: string, previous: unknown): unknown {
  const given = jsonOfText(option, text) ?? text;
  if (Array.isArray(given)) {
    return given.length === 0 ? text : [...(Array.isArray(previous) ? previous : []), ...given];
  }
  const isPair = typeof given === 'object' && typeof previous === 'object';
  return isPair ? { ...previous, ...given } : given;
}
