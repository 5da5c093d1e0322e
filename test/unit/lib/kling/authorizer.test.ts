import { expect, it, test } from 'vitest';
import { bearerAuthorizer } from '../../../../src/lib/kling/authorizer.ts';

it('the authorizer drops the line feed at the end of a secret file', async () => {
  expect(await bearerAuthorizer(' sk-abc\n').authorize()).toEqual({
    authorization: 'Bearer sk-abc',
  });
});

test.each([
  ['nothing', ' \n'],
  ['two lines', 'sk-abc\nsk-def'],
  ['a dash that a word processor made', 'sk–abc'],
])('the authorizer refuses %s, without quoting it', (_sentence, key) => {
  expect(() => bearerAuthorizer(key)).toThrow(TypeError);
  expect(() => bearerAuthorizer(key)).not.toThrow('abc');
});
