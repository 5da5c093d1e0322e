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
    ['a video', '\0\0\0\x20ftypisom', /^a\.xls is a video, .*kling-sessions list/],
    [
      'an HTML table under .xls',
      '<html xmlns:x="urn:x"><table>',
      /is an HTML page, .*save it from there as \.xlsx/,
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
    [
      'a table of psql',
      ' sku | video_url \n-----+-----------\n A   | x\n',
      /drawn for people.*psql --csv/,
    ],
    ['a table in Markdown', '| sku | video_url |\n|---|:---:|\n| A | x |\n', /drawn for people/],
    ['a table in columns', 'sku  video_url\n---  ---------\nA    x\n', /drawn for people/],
    [
      'a table of MySQL',
      '+-----+------+\n| sku | video_url |\n+-----+------+\n',
      /drawn for people/,
    ],
    ['a table in a box', '\xe2\x94\x8c\xe2\x94\x80', /drawn for people/],
    ['an empty archive', 'PK\x05\x06\0\0', /^a\.xls is an empty ZIP archive\.$/],
    ['tar', `clips.csv${'\0'.repeat(248)}ustar\0`, /is an archive of files \(tar\)/],
    ['gzip in gzip', '\x1f\x8b\x08\0', /is compressed twice/],
    ['a table of Jira', '||sku||video_url||\n|A|x|\n', /drawn for people/],
    ['a wider table of Jira', '||sku||video_url|| \r\n|A|x|\n', /drawn for people/],
    ['SYLK', 'ID;PCALCOOO32\nB;Y5;X5\n', /SYLK or DIF/],
    ['DIF', 'TABLE\r\n0,1\r\n"EXCEL"\r\n', /SYLK or DIF/],
    ['dBASE', `\x03\x7e\x0b\x1d\x01${'\0'.repeat(27)}SKU`, /is a dBASE table/],
    ['SQL of sqlite3', 'INSERT INTO "t"(sku,video_url) VALUES', /script of SQL/],
    [
      'SQL of pg_dump',
      '--\n-- PostgreSQL database dump\n--\n\nSET statement_timeout = 0;\n',
      /script of SQL/,
    ],
    [
      'SQL of mysqldump',
      '/*!40101 SET @saved = @@c */;\n-- MySQL dump\nDROP TABLE IF EXISTS `t`;\n',
      /script of SQL/,
    ],
    ['a part of a page', '<TR><TH>video_url</TH>', /is an HTML page/],
    ['a list of names', 'a.mp4\nb.mp4\n', /lists files of a machine/],
    ['a column of names', 'filename\na.mp4\nb.mp4\n', /lists files of a machine/],
    ['what find prints', 'vid\nvid/a b.mp4\nvid/c.mov\n', /lists files of a machine/],
    ['paths in quotes', '"/home/me/a, b.mp4"\n"/home/me/c.mp4"\n', /lists files of a machine/],
  ])('a file that is not a table is named: %s', (_, head, sentence) => {
    expect(sentenceOf(head)).toMatch(sentence);
  });

  it.each([
    'video_url,note\n---,---\n',
    'My clips\n--------\nvideo_url\n',
    'sku|video_url\nA-1|x\n',
    'sku\tvideo_url\n---\t---\n',
    '|||video_url\nA|||https://x.example/1.mp4\n',
    '||sku|video_url\n',
    'Set name,video_url\n',
    'Drop table;video_url\n',
    '- - -\nvideo_url\n',
  ])('a table that only resembles another kind of file is read: %j', (head) => {
    expect(sentenceOf(head)).toBeNull();
  });

  it('a file is taken for a video by its name, too, but only if it is no text', () => {
    expect(sentenceOf('G\x40\0\x10\0\0', 'clips/a.ts')).toMatch(/^clips\/a\.ts is a video, /);
    expect(sentenceOf('\0\0\x01\xba', 'A.MP4')).toMatch(/^A\.MP4 is a video, /);
    expect(sentenceOf('video_url\nhttps://x.example/1.mp4\n', 'a.mp4')).toBeNull();
    expect(sentenceOf('\0\0\x01\xba', 'a.csv')).toBeNull();
  });

  it.each([
    ['https://docs.google.com/spreadsheets/d/1/edit?…', /Google Sheets; .*export\?format=xlsx/],
    ['https://drive.google.com/file/d/1/view?…', /Google Drive; download/],
    ['https://www.dropbox.com/s/1/a.csv?…', /dl=0 by dl=1/],
    ['https://me.sharepoint.com/:x:/g/1', /OneDrive or SharePoint/],
    ['https://x.example/a.csv', /is a web page, .*download the table/],
  ])('a file that is the page of %s is explained', (label, sentence) => {
    expect(sentenceOf('<!DOCTYPE html><html>', label)).toMatch(sentence);
  });

  it.each([
    ['a CSV', 'video_url,name\nhttps://x/1.mp4,a.mp4\n'],
    ['a list of addresses', 'https://x/1.mp4\nhttps://x/2.mp4\n'],
    ['a name and an address', 'filename\na.mp4\nhttps://x/b.mp4\n'],
    ['a column of local paths under a header', 'video_url\n/home/me/a.mp4\n'],
    ['a header with angle brackets', '<b>,video_url\n'],
  ])('no other kind of file is seen in %s', (_, head) => {
    expect(sentenceOf(head)).toBeNull();
  });
});
