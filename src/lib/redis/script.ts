import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Command, type Redis } from 'ioredis';

export type Argument = string | number | Buffer;

/** Becomes part of the script's text, so it must be the same for every call. */
export type Constant =
  | string
  | number
  | readonly Constant[]
  | { readonly [name: string]: Constant };

/** The keys and arguments of a script. Each name is a local of its text. */
export interface Declaration {
  keys: readonly string[];
  /** Names the list of all keys after these. */
  moreKeys?: string;
  args: readonly string[];
  /** Names the list of all arguments after these … */
  rest?: string;
  /** … and says that it is a list of records with these fields. */
  fields?: readonly string[];
  constants?: Readonly<Record<string, Constant>>;
}

type MoreKeys<D> = D extends { moreKeys: infer Name extends string } ? Name : never;
type Rest<D> = D extends { rest: infer Name extends string } ? Name : never;
type RestItem<D> = D extends { fields: readonly (infer Field extends string)[] }
  ? Readonly<Record<Field, Argument>>
  : Argument;

export type GivenKeys<D extends Declaration> = {
  readonly [Name in D['keys'][number] | MoreKeys<D>]: Name extends MoreKeys<D>
    ? readonly string[]
    : string;
};

export type GivenArgs<D extends Pick<Declaration, 'args'>> = {
  readonly [Name in D['args'][number] | Rest<D>]: Name extends Rest<D>
    ? readonly RestItem<D>[]
    : Argument;
};

/** An object with exactly these names. It may be omitted if there are none. */
export type Given<Names> = [keyof Names] extends [never] ? [] : [given: Names];

/** A script whose keys and arguments have names, here and in its text. */
export interface Script<D extends Declaration> {
  run(redis: Redis, keys: GivenKeys<D>, ...args: Given<GivenArgs<D>>): Promise<unknown>;
}

/** Reads `lua/<name>.lua` once. Throws if the file does not exist, or if a name is not valid in Lua or given twice. */
export function loadScript<const D extends Declaration>(
  directory: URL,
  name: string,
  declared: D,
): Script<D> {
  const run = prepareScript(directory, [name], declared);
  return {
    run: (redis, keys, ...[args = {}]) =>
      run(redis, (name) => valueIn(keys, name) ?? valueIn(args, name)),
  };
}

/** The value that a caller passes under a name; undefined if none. */
export type Lookup = (name: string) => unknown;

/** Inherited properties do not count. */
export const valueIn = (given: object, name: string): unknown =>
  Object.hasOwn(given, name) ? given[name as keyof typeof given] : undefined;

/**
 * Several files as one script, which asks for each key and argument by its name: a row runs two scripts with 60 of
 * them, and merging these into an object was a sixth of all garbage. Otherwise as `loadScript`.
 */
export function prepareScript(
  directory: URL,
  names: string[],
  declared: Declaration,
): (redis: Redis, find: Lookup) => Promise<unknown> {
  const texts = names.map((name) => readFileSync(new URL(`${name}.lua`, directory), 'utf8'));
  const lua = [declareLocals(declared), ...texts].join('\n');
  // The server finds a script by the digest of its text. It gets the text only if it does not have it yet.
  const digest = createHash('sha1').update(lua).digest('hex');
  const { keys, moreKeys, args, rest, fields = [] } = declared;
  const keyNames = moreKeys === undefined ? keys : [...keys, moreKeys];
  const argNames = rest === undefined ? args : [...args, rest];
  return async (redis, find) => {
    const values: Argument[] = [];
    addValues(values, keyNames, find, fields);
    const keyCount = values.length;
    addValues(values, argNames, find, fields);
    try {
      return await redis.sendCommand(new FlatCommand('evalsha', [digest, keyCount, ...values]));
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      return await redis.sendCommand(new FlatCommand('eval', [lua, keyCount, ...values]));
    }
  };
}

/** A command whose arguments are no lists. ioredis calls `flat` on them, which takes half of its time for 40. */
class FlatCommand extends Command {
  constructor(name: string, args: Argument[]) {
    super(name, [], { replyEncoding: 'utf8' });
    this.args = args;
    this.stringifyArguments();
  }
}

/** Adds the values of these names in order, as the server takes them: a list gives its items, a record its fields. */
function addValues(
  values: Argument[],
  names: readonly string[],
  find: Lookup,
  fields: readonly string[],
): void {
  for (const name of names) {
    const value = find(name);
    if (value === undefined) throw new TypeError(`The script was not given ${name}.`);
    if (!Array.isArray(value)) values.push(value as Argument);
    else for (const item of value) addItem(values, item, fields);
  }
}

function addItem(
  values: Argument[],
  item: Argument | Readonly<Record<string, Argument>>,
  fields: readonly string[],
): void {
  if (typeof item !== 'object' || Buffer.isBuffer(item)) values.push(item);
  else addValues(values, fields, (name) => valueIn(item, name), fields);
}

/** One line of Lua that gives keys, arguments and constants their names. */
export function declareLocals(declared: Declaration): string {
  const { keys, moreKeys, args, rest, fields, constants = {} } = declared;
  const lists = [moreKeys, rest].filter((list) => list !== undefined);
  checkNames([...Object.keys(constants), ...keys, ...args, ...lists]);
  checkNames(fields ?? []);
  return [
    ...Object.entries(constants).map(([name, value]) => `local ${name} = ${inLua(value)}`),
    ...assign(keys, 'KEYS'),
    ...collect(moreKeys, 'KEYS', keys.length + 1),
    ...assign(args, 'ARGV'),
    ...collect(rest, 'ARGV', args.length + 1, fields),
  ].join(' ');
}

const assign = (names: readonly string[], table: string): string[] =>
  names.length === 0
    ? []
    : [`local ${names.join(', ')} = ${names.map((_, at) => `${table}[${at + 1}]`).join(', ')}`];

/** A loop, because `unpack` fails where there are more values than the stack of Lua takes. */
function collect(
  list: string | undefined,
  table: string,
  first: number,
  fields?: readonly string[],
): string[] {
  if (list === undefined) return [];
  const [step, item] =
    fields === undefined
      ? ['', `${table}[i]`]
      : [
          `, ${fields.length}`,
          `{ ${fields.map((field, at) => `${field} = ${table}[i + ${at}]`).join(', ')} }`,
        ];
  return [
    `local ${list} = {} for i = ${first}, #${table}${step} do ${list}[#${list} + 1] = ${item} end`,
  ];
}

function inLua(value: Constant): string {
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') {
    if (!/^[\w: -]*$/.test(value)) throw new TypeError(`${value} is no plain constant.`);
    return `'${value}'`;
  }
  const entries = Array.isArray(value)
    ? value.map(inLua)
    : Object.entries(value).map(([name, part]) => `[${inLua(name)}] = ${inLua(part)}`);
  return `{ ${entries.join(', ')} }`;
}

const LUA_WORDS = new Set(
  'and break do else elseif end false for function if in local nil not or repeat return then true until while'.split(
    ' ',
  ),
);

function checkNames(names: readonly string[]): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (!/^[A-Za-z]\w*$/.test(name) || LUA_WORDS.has(name)) {
      throw new TypeError(`${name} cannot be a name in Lua.`);
    }
    if (seen.has(name)) throw new TypeError(`${name} is declared twice.`);
    seen.add(name);
  }
}
