import { open, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A turn that shows no sign of life for this long belongs to a dead process. */
const GIVEN_UP_MS = 15_000;
const TURN = /^starting-(\d+)$/;

/** A turn of this process. Disposing ends it. */
export interface Turn extends AsyncDisposable {
  /** Shows that it is still needed; to be called every few seconds. */
  keep(): Promise<void>;
}

/**
 * Takes the turn to start or stop something in `folder`; null while another process has it. Disposing ends the turn.
 * Turns are numbered files, and the highest number counts. That file is never deleted. So if several processes find
 * the turn of a dead process, only one of them can create the next file.
 */
export async function takeTurn(folder: string): Promise<Turn | null> {
  const pathOf = (turn: number): string => join(folder, `starting-${turn}`);
  const before = await listTurns(folder);
  const last = before.at(-1) ?? 0;
  if (last > 0 && !(await isOver(pathOf(last)))) return null;
  const mine = last + 1;
  if (!(await makeFile(pathOf(mine)))) return null;
  if ((await listTurns(folder)).at(-1) !== mine) {
    // Other processes have had turns since this process looked, and have deleted old files.
    await rm(pathOf(mine), { force: true });
    return null;
  }
  for (const turn of before) await rm(pathOf(turn), { force: true });
  return {
    keep: async () => {
      const now = new Date();
      await utimes(pathOf(mine), now, now);
    },
    [Symbol.asyncDispose]: () => writeFile(pathOf(mine), 'over'),
  };
}

/** Whether a process has the turn. */
export async function isTurnTaken(folder: string): Promise<boolean> {
  const last = (await listTurns(folder)).at(-1);
  return last !== undefined && !(await isOver(join(folder, `starting-${last}`)));
}

/** Numbers, lowest first. */
async function listTurns(folder: string): Promise<number[]> {
  const names = await readdir(folder);
  return names
    .flatMap((name) => TURN.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}

async function isOver(path: string): Promise<boolean> {
  try {
    const { size, mtimeMs } = await stat(path);
    return size > 0 || Date.now() - mtimeMs > GIVEN_UP_MS;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
}

/** False when the file already exists. */
async function makeFile(path: string): Promise<boolean> {
  try {
    await (await open(path, 'wx')).close();
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

const hasCode = (error: unknown, code: string): boolean =>
  (error as NodeJS.ErrnoException).code === code;
