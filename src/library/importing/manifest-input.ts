import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { isWebAddress } from '../../lib/core/web-address.ts';
import { refuseRequest } from '../../lib/requests/unusable-request.ts';
import type { ManifestInput } from '../../producer/manifest/open-input.ts';
import type { ManifestRow, ManifestSource } from './manifest-source.ts';

/** A source in the form that the reader of manifests takes. */
export function manifestInputOf(source: ManifestSource): ManifestInput {
  // An absolute path is never taken for an address.
  if (typeof source === 'string') return resolve(source);
  if ('path' in source) return resolve(source.path);
  if ('url' in source) return addressOf(source.url);
  if ('rows' in source) return { stream: Readable.from(linesOf(source.rows)), label: source.name };
  return { stream: Readable.from(bytesOf(source.stream)), label: source.name };
}

/** @throws UnusableRequest: anything else would be taken for a path. */
function addressOf(url: string | URL): string {
  const address = String(url);
  if (isWebAddress(address)) return address;
  throw refuseRequest('url', 'url: use an address that begins with http:// or https://.');
}

async function* linesOf(
  rows: AsyncIterable<ManifestRow> | Iterable<ManifestRow>,
): AsyncGenerator<Buffer> {
  for await (const row of rows) yield Buffer.from(`${JSON.stringify(row, withAllDigits)}\n`);
}

const withAllDigits = (_: string, value: unknown): unknown =>
  typeof value === 'bigint' ? String(value) : value;

async function* bytesOf(stream: AsyncIterable<Uint8Array | string>): AsyncGenerator<Buffer> {
  for await (const part of stream) yield Buffer.from(part);
}
