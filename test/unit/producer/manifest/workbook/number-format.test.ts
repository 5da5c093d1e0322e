import { describe, expect, it } from 'vitest';
import {
  numberStyle,
  showSerial,
} from '../../../../../src/producer/manifest/workbook/number-format.ts';

describe('number format', () => {
  it.each([
    [14, null, 'date'],
    [20, null, 'time'],
    [22, null, 'date'],
    [45, null, 'time'],
    [46, null, 'duration'],
    [57, null, 'date'],
    [0, null, 'plain'],
    [49, null, 'plain'],
    [164, 'yyyy\\-mm\\-dd', 'date'],
    [164, 'd/m/yy h:mm;@', 'date'],
    [164, 'mmm', 'date'],
    [164, '[$-411]ggge"年"m"月"d"日"', 'date'],
    [164, 'h:mm AM/PM', 'time'],
    [164, '[$-409]h:mm:ss AM/PM;@', 'time'],
    [164, '[h]:mm:ss', 'duration'],
    [164, '[HH]:MM', 'duration'],
    [164, '[mm]:ss', 'duration'],
    [164, '[Red]#,##0 "days"', 'plain'],
    [164, '#,##0.00 _h', 'plain'],
    [164, '0.00E+00', 'plain'],
    [164, 'General" d"', 'plain'],
    [164, '0\\d', 'plain'],
  ])('a number format shows the number of id %i, code %s as %s', (id, code, style) => {
    expect(numberStyle(id, code)).toBe(style);
  });
});

describe('serial number', () => {
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
  ])('the serial number %d is %s', (serial, iso) => {
    expect(showSerial(serial, 'date', false)).toBe(iso);
  });

  it.each([
    [0, '1904-01-01'],
    [44711, '2026-05-31'],
  ])('the serial number %d is %s where days count from 1904', (serial, iso) => {
    expect(showSerial(serial, 'date', true)).toBe(iso);
  });

  it.each([
    ['time', 0.4375, '10:30:00'],
    ['time', 46173.4375, '10:30:00'],
    ['time', 0.9999999999, '00:00:00'],
    ['duration', 0.4375, '10:30:00'],
    ['duration', 1.1041666666666667, '26:30:00'],
    ['duration', 0.0024305555555555556, '0:03:30'],
    ['duration', 0.00005787037, '0:00:05'],
    ['duration', -0.5, '-12:00:00'],
  ] as const)(
    'a serial number that is a %s, %d, is %s from 1900 as from 1904',
    (style, serial, text) => {
      expect([showSerial(serial, style, false), showSerial(serial, style, true)]).toEqual([
        text,
        text,
      ]);
    },
  );
});
