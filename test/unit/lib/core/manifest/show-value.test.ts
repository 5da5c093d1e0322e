import { describe, expect, it } from 'vitest';
import { showValue } from '../../../../../src/lib/core/manifest/show-value.ts';

describe('a value in a message', () => {
  it.each([
    ['is itself', '7.84E+17', '7.84E+17'],
    ['shows control characters', 'a\u0000b\nc', 'a·b·c'],
    ['keeps a question mark without a query', 'really?', 'really?'],
    ['has no query', 'https://x/a.mp4?sig=secret', 'https://x/a.mp4?…'],
    ['has no fragment', 'https://x/a.mp4#secret', 'https://x/a.mp4?…'],
    ['has no user-info', 'https://me:secret@x/a.mp4', 'https://…@x/a.mp4'],
    [
      'has none in the middle either',
      '1,ftp://me@x/,"https://y:secret@z',
      '1,ftp://…@x/,"https://…@z',
    ],
    ['may have an @ in its path', 'https://x/@me/a.mp4', 'https://x/@me/a.mp4'],
    ['is cut to 120 characters', 'x'.repeat(1000), `${'x'.repeat(119)}…`],
  ])('%s', (_, value, shown) => {
    expect(showValue(value)).toBe(shown);
  });
});
