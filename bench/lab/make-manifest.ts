import { hash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';

/**
 * `plain`: addresses as a CDN serves them. `signed`: the same with a random 64-digit signature each, which no
 * compression can make smaller than 32 bytes.
 */
export type AddressKind = 'plain' | 'signed';

/** Task ids begin here, above all video ids. */
const TASKS_FROM = 50_000_000;

export interface ManifestSize {
  rows: number;
  /** Of the whole file. */
  sizeBytes: number;
}

/** Writes a manifest of four columns, about 110 bytes a row (190 when signed); the same rows every time. */
export async function makeManifest(
  path: string,
  rows: number,
  kind: AddressKind,
  origin = 'https://media.example.com',
): Promise<ManifestSize> {
  const file = createWriteStream(path);
  file.write('sku,title,video_url,note\n');
  for (let first = 1; first <= rows; first += 1_000) {
    const count = Math.min(1_000, rows - first + 1);
    const lines = Array.from({ length: count }, (_, index) => line(first + index, kind, origin));
    if (!file.write(lines.join(''))) await once(file, 'drain');
  }
  file.end();
  await once(file, 'finish');
  return { rows, sizeBytes: file.bytesWritten };
}

const ROOMS = ['kitchen', 'garden', 'studio', 'street', 'rooftop', 'workshop', 'beach'];
const LIGHTS = ['warm light', 'daylight', 'backlit', 'at dusk'];

function line(row: number, kind: AddressKind, origin: string): string {
  const random = hash('sha256', String(row));
  const pick = (from: string[], at: number): string =>
    from[Number.parseInt(random.slice(at, at + 4), 16) % from.length] ?? '';
  const sku = `SKU-${random.slice(0, 6)}`;
  const title = `"Take ${row % 9}, ${pick(ROOMS, 8)}, ${pick(LIGHTS, 12)}"`;
  const url = `${origin}/spring/2026/clip-${String(row).padStart(7, '0')}.mp4`;
  const signature = kind === 'signed' ? `?expires=1999999999&sig=${random}` : '';
  return `${sku},${title},${url}${signature},reviewed\n`;
}

/** A manifest of videos that Kling itself made, which are not probed. */
export const klingIds = (rows: number): string =>
  ['video_id,task_id', ...klingLines(0, rows), ''].join('\n');

/** The same as a file, for as many rows as no string can hold. */
export async function writeKlingIds(path: string, rows: number): Promise<void> {
  const file = createWriteStream(path);
  file.write('video_id,task_id\n');
  for (let first = 0; first < rows; first += 1_000) {
    const lines = klingLines(first, Math.min(1_000, rows - first));
    if (!file.write(`${lines.join('\n')}\n`)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'finish');
}

function klingLines(first: number, count: number): string[] {
  const id = (row: number): string => String(784_912_000_000_000_000n + BigInt(row));
  return Array.from(
    { length: count },
    (_, index) => `${id(first + index)},${id(first + index + TASKS_FROM)}`,
  );
}
