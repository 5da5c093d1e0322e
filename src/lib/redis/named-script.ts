import type { Redis } from 'ioredis';
import { type Argument, readScript, scriptOf } from './script.ts';

/** One value for each declared name, no more and no fewer. */
type Given<Name extends string, Value> = [Name] extends [never]
  ? Readonly<Record<string, never>>
  : Readonly<Record<Name, Value>>;

/** What a script is given. `rest` names the list of all arguments after the named ones. */
export interface Declaration<Key extends string, Arg extends string, Rest extends string> {
  keys: readonly Key[];
  args: readonly Arg[];
  rest?: Rest;
}

/** A script whose keys and arguments have names, here and in its text. */
export interface NamedScript<Key extends string, Arg extends string, Rest extends string> {
  run(
    redis: Redis,
    keys: Given<Key, string>,
    args: Given<Arg, Argument>,
    ...rest: [Rest] extends [never] ? [] : [rest: readonly Argument[]]
  ): Promise<unknown>;
}

/**
 * Reads `lua/<name>.lua` once and gives its keys and arguments, in the order declared, as Lua locals of these names.
 * Throws when there is no such file, or when a name is none in Lua or is given twice.
 */
export function loadNamedScript<
  const Key extends string,
  const Arg extends string,
  const Rest extends string = never,
>(
  directory: URL,
  name: string,
  declared: Declaration<Key, Arg, Rest>,
): NamedScript<Key, Arg, Rest> {
  const script = scriptOf(`${declareLocals(declared)}\n${readScript(directory, name)}`);
  return {
    run: (redis, keys, args, ...[rest = []]) =>
      script.run(redis, valuesOf<string>(declared.keys, keys), [
        ...valuesOf<Argument>(declared.args, args),
        ...rest,
      ]),
  };
}

const valuesOf = <Value>(names: readonly string[], given: object): Value[] => {
  const values = new Map<string, Value>(Object.entries(given));
  return names.map((name) => {
    const value = values.get(name);
    if (value === undefined) throw new TypeError(`The script was not given ${name}.`);
    return value;
  });
};

/** One line of Lua, the same for every call: the server knows a script by the digest of its text. */
export function declareLocals({ keys, args, rest }: Declaration<string, string, string>): string {
  checkNames(rest === undefined ? [...keys, ...args] : [...keys, ...args, rest]);
  const lines = [assign(keys, 'KEYS'), assign(args, 'ARGV')];
  if (rest !== undefined) {
    const first = args.length + 1;
    lines.push(`local ${rest} = {} for i = ${first}, #ARGV do ${rest}[#${rest} + 1] = ARGV[i] end`);
  }
  return lines.filter((line) => line !== '').join(' ');
}

const assign = (names: readonly string[], table: string): string =>
  names.length === 0
    ? ''
    : `local ${names.join(', ')} = ${names.map((_, index) => `${table}[${index + 1}]`).join(', ')}`;

const LUA_WORDS = new Set(
  'and break do else elseif end false for function if in local nil not or repeat return then true until while'.split(
    ' ',
  ),
);

function checkNames(names: string[]): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (!/^[A-Za-z]\w*$/.test(name) || LUA_WORDS.has(name)) {
      throw new TypeError(`${name} cannot be a name in Lua.`);
    }
    if (seen.has(name)) throw new TypeError(`${name} is declared twice.`);
    seen.add(name);
  }
}
