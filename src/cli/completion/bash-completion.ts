import type { CommandShape, Value } from './describe-commands.ts';

/** Needs only bash itself, from 3.2 on, which is the version of macOS. */
export function writeBashCompletion(commands: readonly CommandShape[]): string {
  return `# Completion of kling-sessions for bash.
_kling_sessions() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]} at='' i
  # Bash takes the = of --flag=value for a word.
  if [[ $word == = ]]; then
    word=''
  elif [[ $before == = ]]; then
    before=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$at \${COMP_WORDS[i]}" in
${list(commands.slice(1).map(({ path }) => quote(at(path))))}
        at+=" \${COMP_WORDS[i]}" ;;
    esac
  done
  local IFS=$'\\n'
  COMPREPLY=()
  case "$at $before" in
${commands.flatMap(writeValues).join('\n')}
  esac
  case "$at" in
${commands.map(writeCommand).join('\n')}
  esac
}
complete -o default -F _kling_sessions kling-sessions
`;
}

/** If nothing else fits, bash offers files by itself. */
const NO_FILES = 'compopt +o default 2>/dev/null';

function writeValues({ path, flags }: CommandShape): string[] {
  return flags.flatMap(({ name, value }) =>
    value === null ? [] : [`    ${quote(`${at(path)} ${name}`)}) ${offer(value)}; return ;;`],
  );
}

function writeCommand({ path, flags, operand, subcommands }: CommandShape): string {
  const names = words(flags.map(({ name }) => name));
  const others = subcommands.map(({ name }) => name);
  const operands: Value =
    others.length > 0 ? { kind: 'choices', choices: others } : (operand ?? { kind: 'free' });
  return `    ${quote(at(path))})
      if [[ $word == -* ]]; then
        ${NO_FILES}; COMPREPLY=($(compgen -W ${names} -- "$word"))
      else
        ${offer(operands)}
      fi ;;`;
}

function offer(value: Value): string {
  switch (value.kind) {
    case 'choices':
      return `${NO_FILES}; COMPREPLY=($(compgen -W ${words(value.choices)} -- "$word"))`;
    case 'file':
      return 'compopt -o filenames 2>/dev/null';
    case 'free':
      return NO_FILES;
  }
}

const at = (path: readonly string[]): string => path.map((word) => ` ${word}`).join('');
const words = (names: readonly string[]): string => `$'${names.join('\\n')}'`;
const quote = (text: string): string => `'${text}'`;
const list = (patterns: readonly string[]): string => `      ${patterns.join(' | \\\n      ')})`;
