import { expect, test } from 'vitest';
import { parseVideoPath } from '../../../../src/sandbox/video/video-path.ts';

const PLAIN = { delayMs: 0, hasRanges: true, hasLength: true, isRedirect: false };

test.each([
  ['good.mp4', { ...PLAIN, file: 'good.mp4' }],
  ['own/folder/good.mp4', { ...PLAIN, file: 'own/folder/good.mp4' }],
  ['slow/200/good.mp4', { ...PLAIN, delayMs: 200, file: 'good.mp4' }],
  ['slow/good.mp4', { ...PLAIN, file: 'slow/good.mp4' }],
  ['no-ranges/good.mp4', { ...PLAIN, hasRanges: false, file: 'good.mp4' }],
  ['redirect/good.mp4', { ...PLAIN, isRedirect: true, file: 'good.mp4' }],
  ['no-length/slow/5/a.mp4', { ...PLAIN, hasLength: false, delayMs: 5, file: 'a.mp4' }],
])('%s', (path, request) => {
  expect(parseVideoPath(path)).toEqual(request);
});
