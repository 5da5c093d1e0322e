import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { findPlaceProblem } from '../../files/allowed-places.ts';
import { ReportError } from '../report-error.ts';
import { checkDestination } from '../write-report.ts';

/**
 * Checks whether a worker may and can write a report there, without leaving a trace. `folders`: the only allowed
 * ones; empty allows any except the system's own.
 * @throws ReportError; `refused` when neither waiting nor a new folder helps.
 */
export async function checkReportFile(path: string, folders: readonly string[]): Promise<void> {
  const real = await findReal(path);
  const refuse = (why: string): never => {
    throw new ReportError('refused', `The report cannot be written to ${path}: ${why}.`);
  };
  switch (await findPlaceProblem(real, folders)) {
    case 'system':
      return refuse('it belongs to the system');
    case 'outside':
      return refuse('it is not in a folder that REPORT_FOLDERS names');
    case null:
      break;
  }
  const found = await stat(real).catch(() => null);
  if (found !== null && !found.isFile() && !found.isDirectory()) refuse('it is not a regular file');
  await checkDestination(path);
}

/** The real path; parts that do not exist are taken literally. */
async function findReal(path: string): Promise<string> {
  const folder = dirname(resolve(path));
  return await realpath(path).catch(async () =>
    join(await realpath(folder).catch(() => folder), basename(path)),
  );
}
