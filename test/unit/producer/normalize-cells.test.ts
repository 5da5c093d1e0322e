import { expect, it } from 'vitest';
import { createCellNormalizer } from '../../../src/producer/normalize-cells.ts';
import { readManifest } from './manifest/manifest-fixture.ts';

/** The normalized cells of each row of a manifest with these bytes. */
async function normalize(content: string): Promise<string[][]> {
  const { shape, rows } = await readManifest(content);
  return rows.map(createCellNormalizer(shape));
}

const plain = 'video_url,title\nhttps://a.example/1.mp4,one\n';

it.each([
  ['the columns stand in another order', 'title,video_url\none,https://a.example/1.mp4\n'],
  ['another delimiter divides them', 'video_url;title\nhttps://a.example/1.mp4;one\n'],
  ['an empty column was added', 'video_url,title,note\nhttps://a.example/1.mp4,one,\n'],
  [
    'it is a report',
    'video_url,title,kling_row,kling_status\nhttps://a.example/1.mp4,one,1,failed\n',
  ],
  ['its video has a fragment', 'video_url,title\nhttps://a.example/1.mp4#t=2,one\n'],
  [
    'its video was signed again',
    'video_url,title\nhttps://a.example/1.mp4?Expires=1767225600&Signature=s,one\n',
  ],
  ['its lines end with CRLF', 'video_url,title\r\nhttps://a.example/1.mp4,one\r\n'],
  ['it begins with a byte order mark', '\ufeffvideo_url,title\nhttps://a.example/1.mp4,one\n'],
  ['it is an object', '{"title":"one","video_url":"https://a.example/1.mp4","note":null}\n'],
])('a row stays the same when %s', async (_name, content) => {
  expect(await normalize(content)).toEqual(await normalize(plain));
});

it.each([
  ['a cell differs', 'video_url,title\nhttps://a.example/1.mp4,One\n'],
  ['its video has a parameter more', 'video_url,title\nhttps://a.example/1.mp4?part=2,one\n'],
  ['a cell is in another column', 'video_url,name\nhttps://a.example/1.mp4,one\n'],
  ['white space was added', 'video_url,title\nhttps://a.example/1.mp4,one \n'],
])('a row is another one when %s', async (_name, content) => {
  expect(await normalize(content)).not.toEqual(await normalize(plain));
});

it('cells stay under their names if a JSONL manifest gets new keys later', async () => {
  const [first, second] = await normalize(
    '{"video_url":"https://a.example/1.mp4"}\n{"title":"one","video_url":"https://a.example/1.mp4"}\n',
  );
  expect([first, second]).toEqual([
    ['video_url', 'https://a.example/1.mp4'],
    ['title', 'one', 'video_url', 'https://a.example/1.mp4'],
  ]);
});

it('line breaks within a cell are treated alike', async () => {
  const [one] = await normalize('video_url,note\nhttps://a.example/1.mp4,"a\nb"\n');
  const [other] = await normalize('video_url,note\r\nhttps://a.example/1.mp4,"a\r\nb"\r\n');
  expect(one).toEqual(other);
});
