import fc from 'fast-check';
import { expect, it } from 'vitest';
import { checkVideoUrl } from '../../../../../src/lib/core/manifest/check-video-url.ts';

it('URL accepts every address that is accepted without it', () => {
  const host = fc.stringMatching(/^(?:(?:xn--)?[a-zA-Z0-9-]{0,6}\.){0,3}[a-zA-Z0-9-]{1,4}$/);
  const rest = fc.string({ unit: fc.constantFrom(...'/?#:@a1.%[]\\'), maxLength: 6 });
  fc.assert(
    fc.property(host, rest, (name, path) => {
      const url = `https://${name}${path}`;
      if (checkVideoUrl(url) === null) expect(URL.canParse(url)).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});
