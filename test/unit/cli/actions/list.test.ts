import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, open, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { executeList } from '../../../../src/cli/actions/list.ts';
import type { Settings } from '../../../../src/lib/settings/settings.ts';

const MP4 = Buffer.from('.mp4');
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'list-test-'));
  await writeFile(join(folder, 'a,1.mp4'), 'x');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const list = (out: string): Promise<unknown> =>
  executeList(folder, { baseUrl: new URL('https://h.example'), probe: false, out }, {} as Settings);

describe('file of a list', () => {
  it.each([
    ['clips.csv', 'https://h.example/a%2C1.mp4,"a,1.mp4",1,,,'],
    ['clips.TSV', 'https://h.example/a%2C1.mp4\ta,1.mp4\t1\t\t\t'],
    ['clips', 'https://h.example/a%2C1.mp4,"a,1.mp4",1,,,'],
  ])('%s is written in its format', async (name, line) => {
    await list(join(folder, name));
    expect((await readFile(join(folder, name), 'utf8')).split('\n')[1]).toBe(line);
  });

  it.each(['a,1.mp4', 'clips.xlsx', 'clips.jsonl', 'clips.ods', 'clips.csv.gz'])(
    '%s is refused before anything is read',
    async (name) => {
      await expect(list(join(folder, name))).rejects.toThrow(
        /name one that ends with \.csv(?: or|,) \.tsv/,
      );
      expect(await readdir(folder)).toEqual(['a,1.mp4']);
    },
  );

  it('the file of a list leaves out a video whose name is not UTF-8, as archives of other systems have them', async () => {
    const gbk = Buffer.concat([Buffer.from(join(folder, 'b')), Buffer.from([0xb5, 0xc6]), MP4]);
    // Not every file system takes such a name.
    const isTaken = await writeFile(gbk, 'x').then(
      () => true,
      () => false,
    );
    await list(join(folder, 'clips.csv'));
    const lines = (await readFile(join(folder, 'clips.csv'), 'utf8')).trimEnd().split('\n');
    expect(lines).toHaveLength(2);
    if (isTaken) expect(await readdir(folder)).toHaveLength(3);
  });

  it('the file of a list says in one sentence that its folder is missing', async () => {
    await expect(list(join(folder, 'no', 'clips.csv'))).rejects.toThrow(
      /^The list cannot be written to .*clips\.csv: its directory does not exist; create it, or choose another place with --out\.$/,
    );
  });

  it.runIf(existsSync('/proc/self/fd'))(
    'the file of a list is written after what a shell has opened',
    async () => {
      const log = join(folder, 'log');
      await writeFile(log, 'before\n');
      await using opened = await open(log, 'a');
      await list(`/dev/fd/${opened.fd}`);
      expect(await readFile(log, 'utf8')).toMatch(/^before\nvideo_url,name,/);
    },
  );
});

describe('links in a folder that is listed', () => {
  const namesOf = async (): Promise<string[]> => {
    await list(join(folder, 'clips.tsv'));
    const lines = (await readFile(join(folder, 'clips.tsv'), 'utf8')).trimEnd().split('\n');
    return lines.slice(1).map((line) => line.split('\t')[1] ?? '');
  };

  it('to its parent lists no video twice', async () => {
    await mkdir(join(folder, 'sub'));
    await writeFile(join(folder, 'sub/b.mp4'), 'x');
    await symlink('..', join(folder, 'sub/loop'));
    await symlink(folder, join(folder, 'again'));
    expect(await namesOf()).toEqual(['a,1.mp4', 'sub/b.mp4']);
  });

  it('to a video or a folder inside leave the names without a link', async () => {
    await mkdir(join(folder, 'z'));
    await writeFile(join(folder, 'z/b.mp4'), 'x');
    await symlink('z', join(folder, 'latest'));
    await symlink('z/b.mp4', join(folder, 'B.MP4'));
    expect(await namesOf()).toEqual(['a,1.mp4', 'z/b.mp4']);
  });

  it('to videos and folders outside are followed, each once', async () => {
    await using outside = await mkdtempDisposable();
    await mkdir(join(outside.path, 'day'));
    await writeFile(join(outside.path, 'day/c.mov'), 'x');
    await writeFile(join(outside.path, 'd.mp4'), 'x');
    await symlink(join(outside.path, 'day'), join(folder, 'day'));
    await symlink(join(outside.path, 'day'), join(folder, 'the same day'));
    await symlink(join(outside.path, 'd.mp4'), join(folder, 'd.mp4'));
    await symlink(join(outside.path, 'no.mp4'), join(folder, 'no.mp4'));
    expect(await namesOf()).toEqual(['a,1.mp4', 'd.mp4', 'day/c.mov']);
  });
});

const mkdtempDisposable = async (): Promise<{ path: string } & AsyncDisposable> => {
  const path = await mkdtemp(join(tmpdir(), 'list-test-'));
  return {
    path,
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
};
