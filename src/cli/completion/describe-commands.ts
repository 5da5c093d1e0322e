import type { Argument, Command, Option } from 'commander';

/** The kind of word that is expected at one place of a command line. */
export type Value =
  | { kind: 'choices'; choices: readonly string[] }
  | { kind: 'file' }
  /** Free text, which a shell cannot complete. */
  | { kind: 'free' };

export interface FlagShape {
  /** The flag with its dashes. */
  name: string;
  description: string;
  /** Null for a flag without a value. */
  value: Value | null;
}

/** One command as completion scripts need it. */
export interface CommandShape {
  /** The words that lead to the command: none for the program itself, `['gate', 'set']` for a subcommand. */
  path: readonly string[];
  description: string;
  flags: readonly FlagShape[];
  operand: Value | null;
  subcommands: readonly { name: string; description: string }[];
}

/** Names of operands and values that mean a file or folder. */
const FILE_NAMES = /^(manifest|file|folder|path|url\|file)$/;
/** Settings that hold paths. The values of their flags are all called `value`. */
const PATH_FLAGS = /-path$/;

/** The program and all its commands, outermost first. */
export function describeCommands(command: Command, path: readonly string[] = []): CommandShape[] {
  const help = command.createHelp();
  const subcommands = help.visibleCommands(command);
  const shape: CommandShape = {
    path,
    description: shorten(command.summary() || command.description()),
    flags: help.visibleOptions(command).flatMap(describeFlag),
    operand: command.registeredArguments.map(describeOperand)[0] ?? null,
    subcommands: subcommands.map((sub) => ({
      name: sub.name(),
      description: shorten(sub.summary() || sub.description()),
    })),
  };
  const inner = subcommands
    .filter((sub) => sub.name() !== 'help')
    .flatMap((sub) => describeCommands(sub, [...path, sub.name()]));
  return [shape, ...inner];
}

function describeFlag(option: Option): FlagShape[] {
  if (option.long == null) return [];
  return [
    { name: option.long, description: shorten(option.description), value: valueOfFlag(option) },
  ];
}

function valueOfFlag(option: Option): Value | null {
  if (!option.required && !option.optional) return null;
  const valueName = /[<[]([^>\]]+)/.exec(option.flags)?.[1] ?? '';
  return describeValue(PATH_FLAGS.test(option.long ?? '') ? 'path' : valueName, option.argChoices);
}

const describeOperand = (argument: Argument): Value =>
  describeValue(argument.name(), argument.argChoices);

function describeValue(name: string, choices: readonly string[] | undefined): Value {
  if (choices !== undefined && choices.length > 0) return { kind: 'choices', choices };
  return FILE_NAMES.test(name) ? { kind: 'file' } : { kind: 'free' };
}

/** The first clause only: completions have one line each. */
const shorten = (text: string): string => (text.split(/[(;.:](?= |$)| \(/)[0] ?? '').trim();
