import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { NON_VIDEOS, type Recipe, VIDEOS } from './recipes.ts';
import { MATERIALS, RECORDERS } from './recorders.ts';

const run = promisify(execFile);
const require = createRequire(import.meta.url);
const RECIPES: Record<string, Recipe> = {
  ...NON_VIDEOS,
  ...VIDEOS,
  ...RECORDERS,
  ...MATERIALS,
};

/** The static ffmpeg of the npm package: the same bytes on every machine. */
const ffmpegPath: string = require('@ffmpeg-installer/ffmpeg').path;

/**
 * Makes the given files of the corpus and their sources, and returns the folder. Files from an earlier call or
 * another test process with the same recipes are reused.
 */
export async function makeCorpus(names: readonly string[]): Promise<string> {
  const folder = await corpusFolder();
  const queue = [...names];
  await Promise.all(
    Array.from({ length: availableParallelism() }, async () => {
      for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
        await make(name, folder);
      }
    }),
  );
  return folder;
}

/** One folder per version of the recipes, so that old files never hide a change. */
async function corpusFolder(): Promise<string> {
  const hash = createHash('sha256');
  for (const file of ['recipes.ts', 'recorders.ts', 'box-surgery.ts', 'make-corpus.ts']) {
    hash.update(await readFile(new URL(file, import.meta.url)));
  }
  const folder = join(tmpdir(), `kling-sessions-corpus-${hash.digest('hex').slice(0, 16)}`);
  await mkdir(folder, { recursive: true });
  return folder;
}

const making = new Map<string, Promise<void>>();

function make(name: string, folder: string): Promise<void> {
  const already = making.get(name) ?? makeOnce(name, folder);
  making.set(name, already);
  return already;
}

async function makeOnce(name: string, folder: string): Promise<void> {
  const path = join(folder, name);
  if (existsSync(path)) {
    return;
  }
  const recipe = RECIPES[name];
  if (recipe === undefined) {
    throw new Error(`the corpus has no recipe for ${name}`);
  }
  // Renamed when complete, so that no other process sees a partial file.
  const draft = join(folder, `draft-${randomUUID()}-${name}`);
  await follow(recipe, { draft, folder });
  await rename(draft, path);
}

async function follow(recipe: Recipe, { draft, folder }: { draft: string; folder: string }) {
  switch (recipe.kind) {
    case 'bytes':
      return writeFile(draft, recipe.bytes());
    case 'surgery': {
      await make(recipe.from, folder);
      return writeFile(draft, recipe.operate(await readFile(join(folder, recipe.from))));
    }
    case 'ffmpeg': {
      const inputs = recipe.from ?? [];
      for (const input of inputs) {
        await make(input, folder);
      }
      const paths = inputs.map((input) => join(folder, input));
      await encode(recipe, paths, draft);
    }
  }
}

/** The format follows from the name, unless the arguments say otherwise. */
async function encode(
  { args, seek }: { args: string[]; seek?: string },
  inputs: string[],
  draft: string,
): Promise<void> {
  const before = seek === undefined ? [] : ['-ss', seek];
  const given = inputs.flatMap((input) => ['-i', input]);
  await run(ffmpegPath, ['-v', 'error', '-y', '-nostdin', ...before, ...given, ...args, draft]);
}
