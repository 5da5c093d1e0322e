import { createHash } from 'node:crypto';
import { link, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  besideManifest,
  outOf,
  refuseManifest,
  refuseManifestOf,
  reportFormatOf,
} from '../../../../src/cli/show/report-place.ts';
import type { Batch } from '../../../../src/lib/core/batch/batch.ts';
import { originOf } from '../../../../src/lib/files/origin-of.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'report-place-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('the format of a report', () => {
  it.each([
    ['a.csv', 'csv'],
    ['A.TSV', 'tsv'],
    ['a.jsonl', 'jsonl'],
    ['a.ndjson', 'jsonl'],
    ['a.xlsx', 'xlsx'],
    ['report', 'csv'],
    ['-', 'csv'],
    ['/dev/stdout', 'csv'],
    ['/proc/self/fd/1', 'csv'],
  ])('%s is %s', (path, format) => {
    expect(reportFormatOf(path)).toBe(format);
  });

  it.each(['a.pdf', 'a.xls', 'a.json', 'a.ods', 'a.csv.gz'])('%s is refused', (path) => {
    expect(() => reportFormatOf(path)).toThrow(/name one that ends with \.csv, \.tsv, \.jsonl/);
  });
});

describe('the place of a report', () => {
  it.each(['-', '/dev/stdout', '/dev/fd/1', '/proc/self/fd/1'])('%s is stdout', (path) => {
    expect(outOf(path)).toBe('-');
  });

  it.each(['/dev/stderr', 'a.csv'])('%s is as it is', (path) => {
    expect(outOf(path)).toBe(path);
  });
});

describe('manifest itself', () => {
  it('the manifest itself is refused as a place, also under another name', async () => {
    const manifest = join(folder, 'a.csv');
    await writeFile(manifest, 'video_url\n');
    await link(manifest, join(folder, 'b.csv'));
    await expect(refuseManifest(join(folder, 'b.csv'), manifest)).rejects.toThrow(
      /is the manifest itself, which would be lost/,
    );
    await refuseManifest(join(folder, 'c.csv'), manifest);
  });

  it.each([
    ['with the bytes that were imported', 'video_url\n', null, true],
    ['at the place that it was imported from', 'changed since\n', 'its place', true],
    ['and an older report is replaced', 'an older report\n', 'elsewhere', false],
  ])(
    'the manifest itself is refused as a place long after its import: %s',
    async (_, content, from, isRefused) => {
      const path = join(folder, 'a.csv');
      await writeFile(path, content);
      const origin = from === 'its place' ? await originOf(path) : from;
      const manifestSha256 = createHash('sha256').update('video_url\n').digest('hex');
      const batch = { manifestSha256, origin } as Batch;
      const checked = refuseManifestOf(batch, path);
      if (isRefused) await expect(checked).rejects.toThrow(/is the manifest itself/);
      else await checked;
      await refuseManifestOf(batch, join(folder, 'new.csv'));
      await refuseManifestOf(batch, folder);
    },
  );
});

describe('file beside the manifest', () => {
  const beside = (input: string): Promise<string> =>
    besideManifest(input, { name: 'clips', suffix: '.results.csv' });

  it('a file beside the manifest has the name without extension, unless another manifest has the same', async () => {
    const input = join(folder, 'clips.csv');
    await writeFile(input, '');
    await writeFile(join(folder, 'clips.results.csv'), '');
    expect(await beside(input)).toBe(join(folder, 'clips.results.csv'));
    await writeFile(join(folder, 'clips.jsonl'), '');
    await writeFile(join(folder, 'clips.csv.gz'), '');
    expect(await beside(input)).toBe(join(folder, 'clips.csv.results.csv'));
    expect(await beside(join(folder, 'clips.jsonl'))).toBe(join(folder, 'clips.jsonl.results.csv'));
    expect(await beside(join(folder, 'clips.csv.gz'))).toBe(
      join(folder, 'clips.csv.gz.results.csv'),
    );
  });

  it.each(['-', 'https://x.example/clips.csv'])(
    'a file beside the manifest is in the working directory for %s',
    async (input) => {
      expect(await beside(input)).toBe('clips.results.csv');
    },
  );
});
