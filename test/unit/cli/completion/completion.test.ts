import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findProgram } from '../../../../scripts/find-program.mjs';
import { writeBashCompletion } from '../../../../src/cli/completion/bash-completion.ts';
import { describeCommands } from '../../../../src/cli/completion/describe-commands.ts';
import { writeFishCompletion } from '../../../../src/cli/completion/fish-completion.ts';
import { writeZshCompletion } from '../../../../src/cli/completion/zsh-completion.ts';
import { buildProgram } from '../../../../src/cli/program.ts';

const run = promisify(execFile);
const commands = describeCommands(await buildProgram(() => undefined));
const isMissing = (shell: string): boolean => findProgram([shell], process.env.PATH) === undefined;

/** A folder with two manifests, in which the shells are asked. */
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kling-completion-'));
  await writeFile(join(folder, 'videos.csv'), '');
  await writeFile(join(folder, 'more videos.csv'), '');
  await writeFile(join(folder, 'bash'), writeBashCompletion(commands));
  await writeFile(join(folder, 'zsh'), writeZshCompletion(commands));
  await writeFile(join(folder, 'fish'), writeFishCompletion(commands));
});
afterAll(() => rm(folder, { recursive: true }));

type Ask = (line: string) => Promise<string[]>;

const lines = (text: string): string[] =>
  text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .toSorted();

/** What bash calls when TAB is pressed at the end of the line, and what bash then does itself. */
const askBash: Ask = async (line) => {
  const words = line.split(' ').map((word) => `'${word}'`);
  const { stdout } = await run(
    'bash',
    [
      '--norc',
      '-c',
      `source ./bash
compopt() { [[ $1 == +o ]] && files=no; [[ $1 == -o ]] && files=yes; }
COMP_WORDS=(${words.join(' ')}); COMP_CWORD=$(( \${#COMP_WORDS[@]} - 1 ))
_kling_sessions
(( \${#COMPREPLY[@]} )) && printf '%s\\n' "\${COMPREPLY[@]}"
[[ $files == no ]] || compgen -f -- "\${COMP_WORDS[COMP_CWORD]}"`,
    ],
    { cwd: folder },
  ).catch((error: { stdout: string; stderr: string }) => {
    if (error.stderr !== '') throw error;
    return error;
  });
  return lines(stdout);
};

const askFish: Ask = async (line) => {
  const script = `source ./fish; complete -C '${line}'`;
  const env = { ...process.env, HOME: folder };
  const { stdout } = await run('fish', ['--no-config', '-c', script], { cwd: folder, env });
  return lines(stdout).map((found) => found.split('\t')[0] ?? '');
};

/** A zsh in its own terminal that prints what it would add to its completions when TAB is pressed. */
const askZsh: Ask = async (line) => {
  await writeFile(join(folder, '.zshrc'), ZSH_SET_UP);
  const env = { ...process.env, ZDOTDIR: folder };
  const { stdout } = await run('zsh', ['-f', '-c', ZSH_ASK, 'ask', line], { cwd: folder, env });
  return lines(stdout);
};

const ZSH_SET_UP = `
PS1=''
autoload -U compinit && compinit -u -d ./zcompdump
source ./zsh
bindkey '^I' complete-word
comppostfuncs=(exit)
compadd() {
  if [[ \${@[1,(i)(-|--)]} != *-(O|A|D)\\ * ]]; then
    local -a found
    builtin compadd -A found "$@"
    (( $#found )) && print -rl -- FOUND:$^found
  fi
  builtin compadd "$@"
}
print READY
`;

const ZSH_ASK = `
zmodload zsh/zpty
zpty shell zsh -i
zpty -r -m shell answer '*READY*'
zpty -w -n shell "$1"$'\\t'
while zpty -r shell answer; do
  [[ $answer == *FOUND:* ]] && print -r -- "\${answer##*FOUND:}"
done
true
`;

const SHELLS: readonly (readonly [string, Ask])[] = [
  ['bash', askBash],
  ['zsh', askZsh],
  ['fish', askFish],
];

describe.each(SHELLS)('%s', (shell, ask) => {
  const inShell = test.skipIf(isMissing(shell));

  inShell('offers every command', async () => {
    const names = commands[0]?.subcommands.map(({ name }) => name) ?? [];
    expect(await ask('kling-sessions ')).toEqual(names.toSorted());
  });

  inShell('offers the subcommands of a command', async () => {
    expect(await ask('kling-sessions gate s')).toEqual(['set', 'show']);
  });

  inShell('offers the flags of the command in question', async () => {
    expect(await ask('kling-sessions gate set --c')).toEqual(['--concurrency']);
    expect(await ask('kling-sessions worker --probe-a')).toEqual(['--probe-allow-hosts']);
  });

  inShell('offers the fixed values of a flag', async () => {
    expect(await ask('kling-sessions import --format j')).toEqual(['jsonl']);
  });

  inShell('offers files where a file is wanted, and only there', async () => {
    expect(await ask('kling-sessions run vi')).toEqual(['videos.csv']);
    expect(await ask('kling-sessions results clips --out vi')).toEqual(['videos.csv']);
    expect(await ask('kling-sessions run --batch vi')).toEqual([]);
  });

  inShell('a value that is called like a command leads nowhere else', async () => {
    expect(await ask('kling-sessions import --batch run --dry')).toEqual(['--dry-run']);
  });
});
