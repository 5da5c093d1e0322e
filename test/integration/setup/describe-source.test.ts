import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { describeSource } from '../../../scripts/describe-source.mjs';

const someDay = { SOURCE_DATE_EPOCH: '1795564800' };
const builtOn = '2026-11-25';

function makeFolder(): string {
  const root = mkdtempSync(join(tmpdir(), 'source-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, 'src'));
  writeFileSync(join(root, 'src', 'main.ts'), '');
  return root;
}

function git(root: string, ...args: string[]): string {
  const author = ['-c', 'user.name=a', '-c', 'user.email=a@example.com'];
  return execFileSync('git', [...author, ...args], { cwd: root, encoding: 'utf8' }).trim();
}

function makeRepository(): { root: string; commit: string } {
  const root = makeFolder();
  git(root, 'init', '-q');
  git(root, 'add', '.');
  git(root, 'commit', '-q', '-m', 'all');
  return { root, commit: git(root, 'rev-parse', '--short', 'HEAD') };
}

test('the description names the commit, and whether the source differs from it', () => {
  const { root, commit } = makeRepository();
  writeFileSync(join(root, 'notes.txt'), 'no part of the program');
  expect(describeSource(root, someDay)).toEqual({ commit, isChanged: false, builtOn });
  writeFileSync(join(root, 'src', 'main.ts'), 'export {};');
  expect(describeSource(root, someDay)).toEqual({ commit, isChanged: true, builtOn });
});

test('without git the commit is unknown, unless the environment names it', () => {
  const root = makeFolder();
  expect(describeSource(root, someDay)).toEqual({ commit: null, isChanged: false, builtOn });
  const given = { ...someDay, SOURCE_COMMIT: 'abc1234def' };
  expect(describeSource(root, given)).toEqual({ commit: 'abc1234', isChanged: false, builtOn });
});

test('the description ignores another repository around it', () => {
  const { root } = makeRepository();
  expect(describeSource(join(root, 'src'), someDay).commit).toBeNull();
});
