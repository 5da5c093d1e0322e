import { expect, test } from 'vitest';
import { forPeople, forPrograms } from '../../../../src/dashboard/uploads/reading.ts';

test.each([
  [
    'There is no batch night; `kling-sessions batches` lists them.',
    'There is no batch night; the page “Batches” lists them.',
    'There is no batch night; `GET /batches` lists them.',
  ],
  [
    'To keep the sessions, continue that batch (`--continue night`).',
    'To keep the sessions, continue that batch (write night into “Continues batch” below).',
    'To keep the sessions, continue that batch (`"continue": "night"`).',
  ],
  [
    'Wait for its end, or end it with `kling-sessions cancel night`.',
    'Wait for its end, or cancel it on its page.',
    'Wait for its end, or end it with `POST /batches/night/cancel`.',
  ],
  [
    'Leave it, or use --sheet all.',
    'Leave it, or write all into “Sheet” below.',
    'Leave it, or use `sheet` all.',
  ],
])('pages and the API say %j in their own terms', (sentence, onPage, inApi) => {
  expect(forPeople(sentence)).toBe(onPage);
  expect(forPrograms(sentence, 'the query')).toBe(inApi);
});
