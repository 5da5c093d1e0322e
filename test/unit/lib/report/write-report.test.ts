import { existsSync } from 'node:fs';
import {
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ManifestShape } from '../../../../src/lib/core/manifest/manifest.ts';
import { createReportFormatter } from '../../../../src/lib/report/create-report-formatter.ts';
import { ReportError } from '../../../../src/lib/report/report-error.ts';
import type { ReportEntry } from '../../../../src/lib/report/report-formatter.ts';
import { writeReport } from '../../../../src/lib/report/write-report.ts';

const shape: ManifestShape = {
  format: 'csv',
  delimiter: ',',
  columns: ['url'],
  roles: { video_url: 'url', video_id: null, task_id: null, video_created_at: null },
};
const formatter = createReportFormatter(shape, 'csv');

async function* entries(count: number, failure?: Error): AsyncGenerator<ReportEntry[]> {
  for (let row = 1; row <= count; row += 1) {
    yield [{ row: { row, line: row + 1, cells: [`u${row}`] }, result: 'waiting', original: null }];
  }
  if (failure) throw failure;
}

function urlsOf(report: string): string[] {
  return report
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/,.*/, ''));
}

describe('writing a report', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'report-test-'));
  });

  afterEach(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  it('writing a report puts a file in place and counts its rows', async () => {
    const path = join(directory, 'a.results.csv');
    await writeFile(path, 'an older report');
    expect(await writeReport(formatter, entries(2), path)).toBe(2);
    expect(urlsOf(await readFile(path, 'utf8'))).toEqual(['url', 'u1', 'u2']);
    expect(await readdir(directory)).toEqual(['a.results.csv']);
  });

  it('writing a report passes large reports on in pieces', async () => {
    const path = join(directory, 'a.csv');
    expect(await writeReport(formatter, entries(20_000), path)).toBe(20_000);
    expect(urlsOf(await readFile(path, 'utf8')).at(-1)).toBe('u20000');
  });

  it('writing a report keeps the old file if the rows end with an error', async () => {
    const path = join(directory, 'a.csv');
    await writeFile(path, 'an older report');
    const failure = new Error('Redis went away');
    await expect(writeReport(formatter, entries(20_000, failure), path)).rejects.toBe(failure);
    expect(await readFile(path, 'utf8')).toBe('an older report');
    expect(await readdir(directory)).toEqual(['a.csv']);
  });

  it('writing a report replaces the file that a link leads to, not the link', async () => {
    const path = join(directory, 'a.csv');
    await writeFile(path, '');
    await symlink(path, join(directory, 'link.csv'));
    await writeReport(formatter, entries(1), join(directory, 'link.csv'));
    expect(urlsOf(await readFile(path, 'utf8'))).toEqual(['url', 'u1']);
  });

  it('writing a report says in one sentence why a directory cannot be written to', async () => {
    await mkdir(join(directory, 'a'));
    const failed = writeReport(formatter, entries(1), join(directory, 'a'));
    await expect(failed).rejects.toMatchObject({ code: 'EISDIR' });
    await expect(failed).rejects.toThrow(
      /cannot be written to .*: it is a directory; name a file\.$/,
    );
    expect(await readdir(directory)).toEqual(['a']);
  });

  it('writing a report says that a directory is missing', async () => {
    const failed = writeReport(formatter, entries(1), join(directory, 'no', 'a.csv'));
    await expect(failed).rejects.toThrow(/its directory does not exist/);
  });

  it.runIf(existsSync('/dev/full'))('writing a report says that the disk is full', async () => {
    const failed = writeReport(formatter, entries(1), '/dev/full');
    await expect(failed).rejects.toMatchObject({ name: 'ReportError', code: 'ENOSPC' });
    await expect(failed).rejects.toThrow(/the disk is full; make room/);
  });

  it.runIf(existsSync('/proc/self/fd'))(
    'writes after what a shell has opened, and replaces nothing',
    async () => {
      const path = join(directory, 'log');
      await writeFile(path, 'before\n');
      const before = await stat(path);
      await using opened = await open(path, 'a');
      await symlink(`/proc/self/fd/${opened.fd}`, join(directory, 'link.csv'));
      await writeReport(formatter, entries(1), `/dev/fd/${opened.fd}`);
      await writeReport(formatter, entries(1), join(directory, 'link.csv'));
      const text = await readFile(path, 'utf8');
      expect(text.startsWith('before\nvideo_url') || text.startsWith('before\nurl')).toBe(true);
      expect(text.split('u1')).toHaveLength(3);
      expect((await stat(path)).ino).toBe(before.ino);
      expect((await readdir(directory)).toSorted()).toEqual(['link.csv', 'log']);
    },
  );

  it('writing a report creates no file under /dev', async () => {
    const failed = writeReport(formatter, entries(1), '/dev/no-such-device.csv');
    await expect(failed).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('writing a report to a stream leaves it open', async () => {
    const stream = new PassThrough();
    const written = text(stream);
    expect(await writeReport(formatter, entries(20_000), stream)).toBe(20_000);
    expect(stream.writableEnded).toBe(false);
    stream.end();
    expect(urlsOf(await written)).toHaveLength(20_001);
  });

  it('writing a report says that the reader of a stream has gone', async () => {
    const gone = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });
    const stream = new Writable({ write: (_chunk, _encoding, done) => done(gone) });
    const failed = writeReport(formatter, entries(1), stream);
    await expect(failed).rejects.toBeInstanceOf(ReportError);
    await expect(failed).rejects.toMatchObject({ code: 'EPIPE' });
  });
});
