import { Command, Help } from 'commander';
import type { ExitCode } from './process/exit.ts';
import { describeVersion } from './process/version.ts';

type AddCommand = (program: Command, onExit: (code: ExitCode) => void) => void;

interface CommandModule {
  /** What the commands of this module do, by their names, for the list of all commands. */
  summaries: Readonly<Record<string, string>>;
  load: () => Promise<AddCommand>;
  /** What it does concerns the other commands, too. */
  needsAll?: true;
}

const COMMANDS: readonly CommandModule[] = [
  {
    summaries: { run: 'import, work, wait and write the report, all in one' },
    load: async () => (await import('./commands/run.ts')).addRunCommand,
  },
  {
    summaries: { import: 'check and queue a manifest; print the batch id' },
    load: async () => (await import('./commands/import.ts')).addImportCommand,
  },
  {
    summaries: { worker: 'process rows until told to stop' },
    load: async () => (await import('./commands/worker.ts')).addWorkerCommand,
  },
  {
    summaries: { batches: 'what there is, newest first' },
    load: async () => (await import('./commands/batch/batches.ts')).addBatchesCommand,
  },
  {
    summaries: { status: 'counts that add up, and why nothing moves when nothing does' },
    load: async () => (await import('./commands/batch/status.ts')).addStatusCommand,
  },
  {
    summaries: { row: 'all that is known of one row' },
    load: async () => (await import('./commands/batch/row.ts')).addRowCommand,
  },
  {
    summaries: { results: 'the report: one line per row, in manifest order' },
    load: async () => (await import('./commands/batch/results.ts')).addResultsCommand,
  },
  {
    summaries: { verify: 'rows in = outcomes out, row by row' },
    load: async () => (await import('./commands/batch/verify.ts')).addVerifyCommand,
  },
  {
    summaries: {
      pause: 'start no more rows of a batch',
      resume: 'go on with a paused batch',
      cancel: 'end a batch: results stay, the rest is cancelled at once',
      retry: 'let ended rows of a batch wait again',
      refresh: 'open new sessions where they have expired or soon will',
    },
    load: async () => (await import('./commands/batch/steer.ts')).addSteeringCommands,
  },
  {
    summaries: { gate: 'is the API being called, and if not why and until when' },
    load: async () => (await import('./commands/gate.ts')).addGateCommand,
  },
  {
    summaries: { notify: 'is the webhook reached' },
    load: async () => (await import('./commands/notify.ts')).addNotifyCommand,
  },
  {
    summaries: { schedule: 'nightly runs: imports at a time of day' },
    load: async () => (await import('./commands/schedule/schedule.ts')).addScheduleCommand,
  },
  {
    summaries: { dashboard: 'the web pages' },
    load: async () => (await import('./commands/dashboard.ts')).addDashboardCommand,
  },
  {
    summaries: { sandbox: 'the practice API' },
    load: async () => (await import('./commands/sandbox.ts')).addSandboxCommand,
  },
  {
    summaries: { list: 'write a manifest of the videos in a folder' },
    load: async () => (await import('./commands/list.ts')).addListCommand,
  },
  {
    summaries: { probe: 'the verdict on a video, without calling anything' },
    load: async () => (await import('./commands/probe.ts')).addProbeCommand,
  },
  {
    summaries: { doctor: 'is everything here that is needed' },
    load: async () => (await import('./commands/doctor.ts')).addDoctorCommand,
  },
  {
    summaries: { completion: 'completion of commands and flags for bash, zsh or fish' },
    load: async () => (await import('./commands/completion.ts')).addCompletionCommand,
    needsAll: true,
  },
];

/**
 * The command line as it is defined; nothing runs before it is told to parse. Of the modules only the one is loaded
 * that `words` names, as loading all of them takes longer than most of them run; of the others the program
 * has the names. Without `words` all are loaded.
 */
export async function buildProgram(
  onExit: (code: ExitCode) => void,
  words?: readonly string[],
): Promise<Command> {
  const program: Command = new Command('kling-sessions');
  program
    .description(
      'Opens Kling video-editing sessions in bulk: a manifest of videos in, one session id per row out.',
    )
    .version(describeVersion())
    .showHelpAfterError('(add --help for help)')
    // The operands of a command that is not loaded are unknown.
    .configureHelp({
      subcommandTerm: (command): string =>
        command.parent === program ? command.name() : new Help().subcommandTerm(command),
    })
    .exitOverride();
  const asked = words && moduleOf(words);
  for (const module of COMMANDS) {
    const isLoaded = words === undefined || module === asked || asked?.needsAll === true;
    if (isLoaded) (await module.load())(program, onExit);
    for (const [name, summary] of Object.entries(module.summaries)) {
      const command = isLoaded ? findCommand(program, name) : program.command(name);
      command.summary(summary);
    }
  }
  return program;
}

/** The first word that is a command's name decides, as in `help status` and `status run`. */
function moduleOf(words: readonly string[]): CommandModule | undefined {
  const name = words.find((word) =>
    COMMANDS.some(({ summaries }) => Object.hasOwn(summaries, word)),
  );
  return COMMANDS.find(({ summaries }) => name !== undefined && Object.hasOwn(summaries, name));
}

function findCommand(program: Command, name: string): Command {
  const command = program.commands.find((candidate) => candidate.name() === name);
  if (command === undefined) throw new Error(`the module of ${name} adds no such command`);
  return command;
}
