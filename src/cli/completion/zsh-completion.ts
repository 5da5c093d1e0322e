import type { CommandShape, FlagShape, Value } from './describe-commands.ts';

/** For a folder in `fpath`, or for sourcing after `compinit`. */
export function writeZshCompletion(commands: readonly CommandShape[]): string {
  return `#compdef kling-sessions
# Completion of kling-sessions for zsh.
_kling_sessions() {
  local at='' word
  local -i depth=0
  for word in \${words[2,CURRENT-1]}; do
    case "$at $word" in
${commands
  .slice(1)
  .map(({ path }) => `      (${quote(at(path))})`)
  .map((pattern) => `${pattern} at+=" $word"; depth+=1 ;;`)
  .join('\n')}
    esac
  done
  # What is left begins with the innermost command.
  (( depth )) && shift $depth words && (( CURRENT -= depth ))
  case "$at" in
${commands.map(writeCommand).join('\n')}
  esac
}
if [[ $funcstack[1] == _kling_sessions ]]; then
  _kling_sessions "$@"
else
  compdef _kling_sessions kling-sessions
fi
`;
}

function writeCommand({ path, flags, operand, subcommands }: CommandShape): string {
  const specs = flags.map(writeFlag);
  if (subcommands.length > 0) {
    const names = subcommands.map(
      ({ name, description }) => `${name}\\:${quoteInside(escapeSpec(description))}`,
    );
    specs.push(quote(`1:command:((${names.join(' ')}))`));
  } else if (operand !== null) {
    specs.push(quote(`*:operand:${action(operand)}`));
  }
  return `    (${quote(at(path))})
      _arguments -S ${specs.join(' \\\n        ')} ;;`;
}

function writeFlag({ name, description, value }: FlagShape): string {
  const text = `[${escapeSpec(description)}]`;
  return quote(value === null ? `${name}${text}` : `${name}=${text}:value:${action(value)}`);
}

function action(value: Value): string {
  switch (value.kind) {
    case 'choices':
      return `(${value.choices.join(' ')})`;
    case 'file':
      return '_files';
    case 'free':
      return ' ';
  }
}

const at = (path: readonly string[]): string => path.map((word) => ` ${word}`).join('');
const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
/** A word inside a list that is already quoted. */
const quoteInside = (text: string): string => `"${text.replaceAll('"', '\\"')}"`;
const escapeSpec = (text: string): string => text.replaceAll(/[[\]:\\`$]/g, '\\$&');
