/** Exit codes as documented in `docs/cli.md`. */
export const EXIT = {
  /** Every row has a session. */
  ok: 0,
  unexpected: 1,
  /** Usage or configuration. */
  usage: 2,
  /** Finished, but some rows have no session. */
  withoutSession: 3,
  /**
   * Stopped at a blocked gate, a paused batch or the limit of the day; a person must act, or the next day must begin.
   */
  personNeeded: 4,
  /** Redis cannot be reached; try again. */
  unavailable: 75,
  /** Interrupted; the same command resumes. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends a command with one clear message and a documented exit code. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}
