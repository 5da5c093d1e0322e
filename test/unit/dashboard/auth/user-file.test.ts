import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { hashPassword } from '../../../../src/dashboard/auth/password-hash.ts';
import { UserFile } from '../../../../src/dashboard/auth/user-file.ts';

/** Cheap to check, so that the tests are quick. */
const COST = { N: 1_024, r: 8, p: 1 };
const hashes = { old: '', new: '' };
beforeAll(async () => {
  hashes.old = await hashPassword('old password', COST);
  hashes.new = await hashPassword('new password', COST);
});

const anna = (password: string, role = 'operator') =>
  JSON.stringify([{ name: 'anna', role, password }]);

async function openFile(content: string) {
  const folder = await mkdtemp(join(tmpdir(), 'kling-users-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'users.json');
  const lines: string[] = [];
  await writeFile(path, content);
  const log = pino({}, { write: (line) => lines.push(line) });
  const users = await UserFile.open(path, log);
  onTestFinished(() => users[Symbol.dispose]());
  const replace = async (next: string) => {
    await writeFile(`${path}.new`, next);
    await rename(`${path}.new`, path);
    await users.look();
  };
  return { users, lines, path, replace };
}

describe('file of users', () => {
  test('a file of users is read again when it changes: the old password and its log-ins end', async () => {
    const { users, replace } = await openFile(anna(hashes.old));
    const mark = users.markOf('anna');
    expect(await users.authenticate('anna', 'old password')).toMatchObject({ role: 'operator' });

    await replace(anna(hashes.new, 'viewer'));

    expect(await users.authenticate('anna', 'old password')).toBeNull();
    expect(users.find('anna', mark)).toBeNull();
    expect(await users.authenticate('anna', 'new password')).toMatchObject({ role: 'viewer' });
  });

  test.each(['[', '[]', '[{"name": "anna"}]'])(
    'a file of users that becomes unusable (%s) leaves the users as they are, and is logged once',
    async (content) => {
      const { users, lines, replace } = await openFile(anna(hashes.old));
      await replace(content);
      await users.look();
      expect(await users.authenticate('anna', 'old password')).not.toBeNull();
      expect(lines.map((line) => JSON.parse(line).msg)).toEqual([
        'the file of users cannot be used; the users before stay',
      ]);
    },
  );

  test('a file of users that is removed and comes back is read again', async () => {
    const { users, path, replace } = await openFile(anna(hashes.old));
    await rm(path);
    await users.look();
    expect(await users.authenticate('anna', 'old password')).not.toBeNull();
    await replace(anna(hashes.new));
    expect(await users.authenticate('anna', 'new password')).not.toBeNull();
  });
});
