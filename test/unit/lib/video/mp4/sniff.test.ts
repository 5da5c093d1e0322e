import { describe, expect, test } from 'vitest';
import { sniff } from '../../../../../src/lib/video/mp4/sniff.ts';

const packets = (first: number, size: number) => {
  const bytes = Buffer.alloc(first + 3 * size);
  for (const packet of [0, 1, 2]) {
    bytes[first + packet * size] = 0x47;
  }
  return bytes;
};

describe('other containers', () => {
  test.each([
    ['webm', Buffer.from('\x1a\x45\xdf\xa3....\x42\x82\x84webm', 'latin1')],
    ['matroska', Buffer.from('\x1a\x45\xdf\xa3....\x42\x82\x88matroska', 'latin1')],
    ['avi', Buffer.from('RIFF....AVI LIST')],
    ['wav', Buffer.from('RIFF....WAVEfmt ')],
    ['mpegts', packets(0, 188)],
    ['m2ts', packets(4, 192)],
    ['mpegps', Buffer.from([0, 0, 1, 0xba, 0x44])],
    ['flv', Buffer.from('FLV\x01\x05')],
    ['ogg', Buffer.from('OggS\0\x02')],
    ['mp3', Buffer.from('ID3\x04')],
  ])('%s', (container, head) => {
    expect(sniff(head)).toEqual({ kind: 'container', container });
  });
});

describe('files that are not videos', () => {
  test.each([
    [
      'an HTML page titled "Access denied"',
      '<!DOCTYPE html><html><head><title>\n Access denied </title>',
    ],
    ['an HTML page titled "Login"', '\uFEFF \r\n<html><title lang="en">Login</title>'],
    ['an HTML page', '<html><body>no title'],
    ['an XML document', '<?xml version="1.0"?><Error><Code>NoSuchKey</Code>'],
    ['a JSON document', '{"error": "not found"}'],
    ['a JSON document', '[]'],
    ['an HLS playlist', '#EXTM3U\n#EXT-X-VERSION:3'],
    ['a GIF image', 'GIF89a'],
    ['a PDF document', '%PDF-1.7'],
    ['a ZIP archive', 'PK\x03\x04'],
  ])('%s', (description, text) => {
    expect(sniff(Buffer.from(text))).toEqual({ kind: 'other', description });
  });

  test('a title is one line of at most 80 characters', () => {
    const sniffed = sniff(Buffer.from(`<html><title>a\n"b"\u0007${'c'.repeat(200)}</title>`));
    expect(sniffed).toEqual({
      kind: 'other',
      description: `an HTML page titled "a b ${'c'.repeat(76)}"`,
    });
  });
});

test.each([
  ['ftyp', Buffer.from('\0\0\0\x20ftypisom')],
  ['an old MOV', Buffer.from('\0\0\x10\0moov\0\0\0\x6cmvhd')],
  ['nothing', Buffer.alloc(0)],
  ['zeros', Buffer.alloc(5000)],
])('a file of another kind may be MP4 or MOV: %s', (_name, head) => {
  expect(sniff(head)).toEqual({ kind: 'boxes' });
});
