import { Command, Help } from 'commander';
import { refuseUnknownSubcommand } from './options/refuse-unknown-subcommand.ts';
import type { ExitCode } from './process/exit.ts';
import { describeVersion } from './process/version.ts';

type AddCommand = (program: Command, onExit: (code: ExitCode) => void) => void;

interface CommandModule {
  /** What the commands of this module do, by command name, for the list of all commands. */
  summaries: Readonly<Record<string, string>>;
  load: () => Promise<AddCommand>;
  /** The module needs the definitions of all other commands, too. */
  needsAll?: true;
}

const COMMANDS: readonly CommandModule[] = [
  {
    summaries: { run: 'import a manifest, open its sessions and write the report' },
    load: async () => (await import('./commands/run.ts')).addRunCommand,
  },
  {
    summaries: { import: 'check and queue a manifest; print the batch id' },
    load: async () => (await import('./commands/import.ts')).addImportCommand,
  },
  {
    summaries: { worker: 'process rows until stopped' },
    load: async () => (await import('./commands/worker.ts')).addWorkerCommand,
  },
  {
    summaries: { batches: 'list the batches, newest first' },
    load: async () => (await import('./commands/batch/batches.ts')).addBatchesCommand,
  },
  {
    summaries: { status: 'show the progress of a batch and, if nothing moves, why' },
    load: async () => (await import('./commands/batch/status.ts')).addStatusCommand,
  },
  {
    summaries: { row: 'show everything about one row' },
    load: async () => (await import('./commands/batch/row.ts')).addRowCommand,
  },
  {
    summaries: { find: 'find rows by your own key, those with a live session first' },
    load: async () => (await import('./commands/batch/find.ts')).addFindCommand,
  },
  {
    summaries: { results: 'write the report: one line per row, in manifest order' },
    load: async () => (await import('./commands/batch/results.ts')).addResultsCommand,
  },
  {
    summaries: { verify: 'check that every row has exactly one outcome' },
    load: async () => (await import('./commands/batch/verify.ts')).addVerifyCommand,
  },
  {
    summaries: {
      pause: 'stop starting rows of a batch',
      resume: 'resume a paused batch',
      cancel: 'end a batch: results stay, all other rows are cancelled',
      retry: 'queue ended rows of a batch again',
      refresh: 'open new sessions for those that have expired or soon will',
    },
    load: async () => (await import('./commands/batch/steer.ts')).addSteeringCommands,
  },
  {
    summaries: { gate: 'show whether the API is being called and, if not, why and until when' },
    load: async () => (await import('./commands/gate.ts')).addGateCommand,
  },
  {
    summaries: { notify: 'test the webhook' },
    load: async () => (await import('./commands/notify.ts')).addNotifyCommand,
  },
  {
    summaries: { schedule: 'manage imports at set times, such as nightly runs' },
    load: async () => (await import('./commands/schedule/schedule.ts')).addScheduleCommand,
  },
  {
    summaries: { dashboard: 'serve the web pages' },
    load: async () => (await import('./commands/dashboard.ts')).addDashboardCommand,
  },
  {
    summaries: { tokens: 'create, list and revoke the tokens with which programs use the API' },
    load: async () => (await import('./commands/tokens.ts')).addTokensCommand,
  },
  {
    summaries: { database: 'manage the PostgreSQL database of results' },
    load: async () => (await import('./commands/database.ts')).addDatabaseCommand,
  },
  {
    summaries: { sandbox: 'serve the practice API' },
    load: async () => (await import('./commands/sandbox.ts')).addSandboxCommand,
  },
  {
    summaries: { list: 'write a manifest of the videos in a folder' },
    load: async () => (await import('./commands/list.ts')).addListCommand,
  },
  {
    summaries: { probe: 'judge videos without calling the API' },
    load: async () => (await import('./commands/probe.ts')).addProbeCommand,
  },
  {
    summaries: { doctor: 'check Redis, ffprobe, the credentials and every setting' },
    load: async () => (await import('./commands/doctor.ts')).addDoctorCommand,
  },
  {
    summaries: { completion: 'print the completion script for bash, zsh or fish' },
    load: async () => (await import('./commands/completion.ts')).addCompletionCommand,
    needsAll: true,
  },
];

/**
 * The command line; nothing runs before `parse`. Only the module of the command in `words` is loaded, because loading
 * all of them takes longer than most commands run. Other modules are known by name only. Without `words`, all are
 * loaded.
 */
export async function buildProgram(
  onExit: (code: ExitCode) => void,
  words?: readonly string[],
): Promise<Command> {
  const program: Command = new Command('kling-sessions');
  program
    .description(
      'Opens Kling video-editing sessions in bulk: a manifest of videos in, one session id per row out.\n\n' +
        'A session is what Kling needs before it can edit a video; it lives for 24 hours.\n' +
        'A manifest is your table of videos: one row per video.\n' +
        'A batch is one import of a manifest, with its options and its progress.\n' +
        'The gate decides, for all workers, whether the API may be called now.',
    )
    .version(describeVersion())
    .showHelpAfterError('(add --help for help)')
    // The operands of a command are unknown until it is loaded.
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
      refuseUnknownSubcommand(command);
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
