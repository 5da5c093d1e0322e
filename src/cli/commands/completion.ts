import { Argument, type Command } from 'commander';
import { writeBashCompletion } from '../completion/bash-completion.ts';
import { describeCommands } from '../completion/describe-commands.ts';
import { writeFishCompletion } from '../completion/fish-completion.ts';
import { writeZshCompletion } from '../completion/zsh-completion.ts';
import { EXIT, type ExitCode } from '../process/exit.ts';

const WRITERS = {
  bash: writeBashCompletion,
  zsh: writeZshCompletion,
  fish: writeFishCompletion,
} as const;
type Shell = keyof typeof WRITERS;

export function addCompletionCommand(program: Command, onExit: (code: ExitCode) => void): void {
  program
    .command('completion')
    .description(
      'Prints a script that teaches a shell the commands, flags and fixed values of this version. It starts no process when TAB is pressed.',
    )
    .addArgument(new Argument('<shell>', 'which one').choices(Object.keys(WRITERS)))
    .addHelpText(
      'after',
      `
Example:
  kling-sessions completion bash > ~/.local/share/bash-completion/completions/kling-sessions
  kling-sessions completion zsh > "\${fpath[1]}/_kling-sessions"
  kling-sessions completion fish > ~/.config/fish/completions/kling-sessions.fish`,
    )
    .action((shell: Shell) => {
      process.stdout.write(WRITERS[shell](describeCommands(program)));
      onExit(EXIT.ok);
    });
}
