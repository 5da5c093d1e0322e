import { describe, expect, it } from 'vitest';
import { refuseOtherFiles } from '../../../../src/producer/manifest/other-files.ts';

const sentenceOf = (head: string, label = 'a.xls'): string | null => {
  try {
    refuseOtherFiles(Buffer.from(head, 'latin1'), label);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
};

describe('a file that is not a table', () => {
  it.each([
    ['a video', '\0\0\0\x20ftypisom', /^a\.xls is a video .*kling-sessions list/],
    [
      'an HTML table under .xls',
      '<html xmlns:x="urn:x"><table>',
      /is an HTML page .*save it from there as \.xlsx/,
    ],
    [
      'XML of 2003',
      '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>',
      /XML format of 2003/,
    ],
    [
      'Gnumeric',
      '<?xml version="1.0"?><gnm:Workbook xmlns:gnm="x">',
      /is a workbook of Gnumeric; save/,
    ],
    ['other XML', '<?xml version="1.0"?><rss>', /is an XML document/],
    ['a PDF', '%PDF-1.7', /is a PDF/],
    ['Arrow', 'ARROW1\0\0', /is an Arrow or Feather file; write the table as Parquet or CSV/],
    ['an Arrow stream', '\xff\xff\xff\xff\x98\x01\0\0\x10\0\0\0', /is an Arrow/],
    ['ORC', 'ORC\x08', /is an ORC file/],
    ['Avro', 'Obj\x01\x04', /is an Avro file/],
    ['data of R', 'X\n\0\0\0\x03', /data of a statistics program or of Python/],
    ['a pickle', '\x80\x04\x95', /data of a statistics program or of Python/],
    ['a Matroska video', '\u001aE\u00df\u00a3', /is a video/],
    [
      'a list of paths',
      '/home/me/a.mp4\nC:\\clips\\b c.MOV\n',
      /lists files of a machine.*kling-sessions list/,
    ],
    ['a list of names', 'a.mp4\nb.mp4\n', /lists files of a machine/],
  ])('is named: %s', (_, head, sentence) => {
    expect(sentenceOf(head)).toMatch(sentence);
  });

  it.each([
    ['https://docs.google.com/spreadsheets/d/1/edit?…', /Google Sheets; .*export\?format=xlsx/],
    ['https://drive.google.com/file/d/1/view?…', /Google Drive; download/],
    ['https://www.dropbox.com/s/1/a.csv?…', /dl=0 by dl=1/],
    ['https://me.sharepoint.com/:x:/g/1', /OneDrive or SharePoint/],
    ['https://x.example/a.csv', /is an HTML page/],
  ])('is explained where it is the page of %s', (label, sentence) => {
    expect(sentenceOf('<!DOCTYPE html><html>', label)).toMatch(sentence);
  });

  it.each([
    ['a CSV', 'video_url,name\nhttps://x/1.mp4,a.mp4\n'],
    ['a list of addresses', 'https://x/1.mp4\nhttps://x/2.mp4\n'],
    ['a column of local paths under a header', 'video_url\n/home/me/a.mp4\n'],
    ['a header with angle brackets', '<b>,video_url\n'],
  ])('is not seen in %s', (_, head) => {
    expect(sentenceOf(head)).toBeNull();
  });
});
