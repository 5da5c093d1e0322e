import { expect, it } from 'vitest';
import {
  findReportPlaceProblem,
  formatOfPlace,
  refuseRemotePlace,
  showPlace,
  wholePlace,
} from '../../../../src/lib/report/delivery/report-place.ts';

it.each([
  ['/srv/out/{yyyy-MM-dd}.csv', null],
  ['out/night.xlsx', null],
  ['/srv/out/night', null],
  ['https://s3.example/b/night.jsonl?X-Amz-Signature=a.pdf', null],
  ['https://s3.example/b/{yyyy-MM-dd}.csv', null],
  ['/srv/out/{night}.csv', /is not a date/],
  ['/srv/out/night.pdf', /cannot be a \.pdf file/],
  ['https://s3.example/b/night.pdf?x.csv', /cannot be a \.pdf file/],
  ['/srv/out/', /names a folder/],
  ['-', /standard output/],
  ['s3://bucket/night.csv', /begins with http/],
  ['https://', /begins with http/],
])('the text %s is a place for a report, or says why not', (place, problem) => {
  const found = findReportPlaceProblem(place);
  if (problem === null) expect(found).toBeNull();
  else expect(found).toMatch(problem);
});

it('a place has the format of its extension, and CSV without one', () => {
  expect(formatOfPlace('/srv/a.XLSX')).toBe('xlsx');
  expect(formatOfPlace('https://s3.example/a.jsonl?b.csv')).toBe('jsonl');
  expect(formatOfPlace('https://s3.example/upload')).toBe('csv');
});

it('a place shows no query of an address, and every path', () => {
  expect(showPlace('https://me:pw@s3.example/a.csv?X-Amz-Signature=1')).toBe(
    'https://s3.example/a.csv?…',
  );
  expect(showPlace('/srv/a?b.csv')).toBe('/srv/a?b.csv');
});

it('a place is absolute for a worker, or needs the folder that it begins at', () => {
  expect(wholePlace('a.csv', '/srv')).toBe('/srv/a.csv');
  expect(wholePlace('a.csv', null)).toBeNull();
  expect(wholePlace('/srv/x/../a.csv', null)).toBe('/srv/a.csv');
});

it.each([
  ['/srv/out/a.csv', [], /Only the command line/],
  ['/srv/out/a.csv', ['/srv/out'], null],
  ['/srv/out/a.csv', ['/srv/out/'], null],
  ['/srv/outer/a.csv', ['/srv/out'], /REPORT_FOLDERS names: \/srv\/out/],
  ['https://s3.example/a.csv', [], null],
] as const)('%s from a browser is judged by a REPORT_FOLDERS of %j', (place, folders, problem) => {
  const found = refuseRemotePlace(place, folders);
  if (problem === null) expect(found).toBeNull();
  else expect(found).toMatch(problem);
});
