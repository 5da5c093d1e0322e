import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ManifestRow, ManifestShape } from '../../../../src/lib/core/manifest/manifest.ts';
import { ManifestError } from '../../../../src/producer/manifest/manifest-error.ts';
import type { ManifestInput } from '../../../../src/producer/manifest/open-input.ts';
import {
  type OpenManifestOptions,
  openManifest,
} from '../../../../src/producer/manifest/open-manifest.ts';

export const signal = new AbortController().signal;

export interface TemporaryFile extends AsyncDisposable {
  path: string;
}

export async function temporaryFile(
  content: string | Uint8Array,
  name = 'manifest.csv',
): Promise<TemporaryFile> {
  const directory = await mkdtemp(join(tmpdir(), 'manifest-test-'));
  const path = join(directory, name);
  await writeFile(path, content);
  return {
    path,
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
}

export interface ReadManifest {
  name: string;
  sha256: string;
  shape: ManifestShape;
  rows: ManifestRow[];
}

/** Everything in a manifest with these bytes. */
export async function readManifest(
  content: string | Uint8Array,
  options: Partial<OpenManifestOptions> & { fileName?: string } = {},
): Promise<ReadManifest> {
  await using file = await temporaryFile(content, options.fileName);
  // Not without `await`: the file would be gone before it is read.
  return await readInput(file.path, options);
}

export async function readInput(
  input: ManifestInput,
  options: Partial<OpenManifestOptions> = {},
): Promise<ReadManifest> {
  await using manifest = await openManifest(input, { signal, ...options });
  const rows = (await collect(manifest.rows())).flat();
  const { name, sha256, shape } = manifest;
  return { name, sha256, shape, rows };
}

export async function cellsOf(content: string | Uint8Array): Promise<string[][]> {
  return (await readManifest(content)).rows.map((row) => row.cells);
}

/** One line per row: row number, line number, and the defect's code or `ok`. */
export function outline(rows: ManifestRow[]): string[] {
  return rows.map(({ row, line, defect }) => `row ${row} line ${line} ${defect?.code ?? 'ok'}`);
}

/** The `ManifestError` that reading ends with. */
export async function errorOf(promise: Promise<unknown>): Promise<ManifestError> {
  const error = await promise.then(
    () => new Error('it was read without an error'),
    (reason: unknown) => reason,
  );
  if (error instanceof ManifestError) return error;
  throw error;
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}
