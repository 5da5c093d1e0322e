import type { CommandShape, Value } from './describe-commands.ts';

/** For `~/.config/fish/completions/kling-sessions.fish`, or for `source`. */
export function writeFishCompletion(commands: readonly CommandShape[]): string {
  return `# Completion of kling-sessions for fish.
set -g __kling_sessions_paths ${commands
    .slice(1)
    .map(({ path }) => quote(path.join(' ')))
    .join(' ')}

# Whether the words so far lead to exactly this command.
function __kling_sessions_at
    set -l at ''
    for word in (commandline -opc)[2..-1]
        set -l next (string trim "$at $word")
        contains -- $next $__kling_sessions_paths; and set at $next
    end
    test "$at" = "$argv[1]"
end

complete -c kling-sessions -e
complete -c kling-sessions -f
${commands.flatMap(writeCommand).join('\n')}
`;
}

function writeCommand({ path, flags, operand, subcommands }: CommandShape): string[] {
  const when = `complete -c kling-sessions -n ${quote(`__kling_sessions_at "${path.join(' ')}"`)}`;
  return [
    ...subcommands.map(({ name, description }) => `${when} -a ${name} -d ${quote(description)}`),
    ...(operand === null ? [] : operands(operand).map((rest) => `${when} ${rest}`)),
    ...flags.map(({ name, description, value }) => {
      const parameter = value === null ? '' : ` ${parameterOf(value)}`;
      return `${when} -l ${name.slice(2)}${parameter} -d ${quote(description)}`;
    }),
  ];
}

function operands(value: Value): string[] {
  switch (value.kind) {
    case 'choices':
      return [`-a ${quote(value.choices.join(' '))}`];
    case 'file':
      return ['-F'];
    case 'free':
      return [];
  }
}

function parameterOf(value: Value): string {
  switch (value.kind) {
    case 'choices':
      return `-x -a ${quote(value.choices.join(' '))}`;
    case 'file':
      return '-r -F';
    case 'free':
      return '-x';
  }
}

const quote = (text: string): string => `'${text.replaceAll(/[\\']/g, '\\$&')}'`;
