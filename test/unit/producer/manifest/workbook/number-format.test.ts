import { describe, expect, it } from 'vitest';
import {
  isDateFormat,
  serialToIso,
} from '../../../../../src/producer/manifest/workbook/number-format.ts';

describe('a number format shows a date', () => {
  it.each([
    [14, null, true],
    [22, null, true],
    [57, null, true],
    [0, null, false],
    [46, null, false],
    [49, null, false],
    [164, 'yyyy\\-mm\\-dd', true],
    [164, 'd/m/yy h:mm;@', true],
    [164, '[$-411]ggge"年"m"月"d"日"', true],
    [164, '[Red]#,##0 "days"', false],
    [164, '#,##0.00 _h', false],
    [164, '0.00E+00', false],
    [164, 'General" d"', false],
    [164, '[h]:mm:ss', false],
    [164, '0\\d', false],
  ])('id %i, code %s: %s', (id, code, isDate) => {
    expect(isDateFormat(id, code)).toBe(isDate);
  });
});

describe('a serial number', () => {
  it.each([
    [1, '1900-01-01'],
    [59, '1900-02-28'],
    [61, '1900-03-01'],
    [46173, '2026-05-31'],
    [46173.5, '2026-05-31T12:00:00'],
    [46173.604166666664, '2026-05-31T14:30:00'],
    [46173.000011574, '2026-05-31T00:00:01'],
    [46173.00000578, '2026-05-31T00:00:00.499'],
    [0.25, '06:00:00'],
    [0, '00:00:00'],
    [2958465, '9999-12-31'],
    [2958466, null],
    [-1, null],
  ])('%d is %s', (serial, iso) => {
    expect(serialToIso(serial, false)).toBe(iso);
  });

  it.each([
    [0, '1904-01-01'],
    [44711, '2026-05-31'],
  ])('%d is %s where days count from 1904', (serial, iso) => {
    expect(serialToIso(serial, true)).toBe(iso);
  });
});
