import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { hashPassword } from '../../dashboard/auth/password-hash.ts';
import { parseUserFile } from '../../dashboard/auth/users.ts';
import { CliError, EXIT, type ExitCode } from '../process/exit.ts';
import { createTerminal } from '../process/terminal.ts';

export interface HashPasswordFlags {
  role: 'operator' | 'viewer';
}

const MIN_LENGTH = 8;

/** Prints one user as a line for the file in `DASHBOARD_USERS`. */
export async function executeHashPassword(
  name: string,
  { role }: HashPasswordFlags,
): Promise<ExitCode> {
  const password = await readPassword();
  if (password.length < MIN_LENGTH) {
    throw new CliError(EXIT.usage, `A password needs at least ${MIN_LENGTH} characters.`);
  }
  const entry = JSON.stringify({ name, role, password: await hashPassword(password) });
  try {
    parseUserFile(`[${entry}]`);
  } catch (error) {
    throw new CliError(EXIT.usage, error instanceof Error ? error.message : String(error));
  }
  createTerminal(process.env).print(entry);
  return EXIT.ok;
}

/** Reads the first line of standard input; a terminal shows a prompt and hides the password. */
async function readPassword(): Promise<string> {
  const isTerminal = process.stdin.isTTY;
  if (isTerminal) process.stderr.write('Password: ');
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silent, terminal: isTerminal });
  for await (const line of lines) {
    if (isTerminal) process.stderr.write('\n');
    return line;
  }
  return '';
}
