import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { digestOfApi } from '../../../scripts/client-types.ts';

test('the types of the client are made from the description that the server gives', () => {
  const types = readFileSync('src/client/api-types.ts', 'utf8');
  expect(/^\/\/ Description: (\w+)$/m.exec(types)?.[1]).toBe(digestOfApi());
});
