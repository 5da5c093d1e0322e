import { access, constants, realpath, stat } from 'node:fs/promises';
import { findPlaceProblem } from '../../lib/files/allowed-places.ts';
import { explainOutputError } from '../../lib/files/output-file.ts';
import type { Settings } from '../../lib/settings/settings.ts';
import type { Finding } from './finding.ts';

/** Whether a worker on this machine could write reports to each folder that is named for them. */
export const lookAtFolders = async ({ REPORT_FOLDERS: folders }: Settings): Promise<Finding[]> =>
  await Promise.all(folders.map(lookAt));

async function lookAt(folder: string): Promise<Finding> {
  const problem = await findProblem(folder).catch(explain);
  return problem === null
    ? { name: 'reports', grade: 'good', message: `${folder} can be written to` }
    : { name: 'reports', grade: 'bad', message: `${folder} takes no reports: ${problem}.` };
}

async function findProblem(folder: string): Promise<string | null> {
  const real = await realpath(folder);
  if ((await findPlaceProblem(real, [])) === 'system') return 'it belongs to the system';
  if (!(await stat(real)).isDirectory()) return 'it is not a folder';
  await access(real, constants.W_OK | constants.X_OK);
  return null;
}

const explain = (error: NodeJS.ErrnoException): string =>
  error.code === 'ENOENT'
    ? 'it does not exist on this machine; create it'
    : explainOutputError(error, 'REPORT_FOLDERS');
