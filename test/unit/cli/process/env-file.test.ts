import { expect, test } from 'vitest';
import { envFileProblems } from '../../../../src/cli/process/env-file.ts';
import { temporaryFile } from '../../producer/manifest/manifest-fixture.ts';

const problemsOf = async (text: string): Promise<string[]> => {
  await using file = await temporaryFile(text, '.env');
  return envFileProblems(file.path).map((problem) => problem.replace(file.path, '.env'));
};

test.each(['DASHBOARD_PASSWORD=ab#cd', 'DASHBOARD_PASSWORD = ab#', 'DASHBOARD_PASSWORD=#abcd'])(
  'a value that Node would end at its # is a problem with its line: %s',
  async (line) => {
    expect(await problemsOf(`COMETAPI_KEY=sk-1\r\n${line}\r\n`)).toEqual([
      '.env, line 2: the value of DASHBOARD_PASSWORD would end at its #. Put the value into quotes, or white space around the # of a comment.',
    ]);
  },
);

test.each([
  'DASHBOARD_PASSWORD="ab#cd"',
  "DASHBOARD_PASSWORD='ab#cd' # a comment",
  'DASHBOARD_PASSWORD=abcd # a comment#',
  'DASHBOARD_PASSWORD=abcd #a comment',
  'DASHBOARD_PASSWORD=abcd',
  'DASHBOARD_PASSWORD=# not yet',
  '# DASHBOARD_PASSWORD=ab#cd',
  'PASSWORD_OF_ANOTHER_PROGRAM=ab#cd',
])('a file is no file of settings: %s', async (line) => {
  expect(await problemsOf(`${line}\n`)).toEqual([]);
});
