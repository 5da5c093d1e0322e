import { expect, it } from 'vitest';
import { savedForm, savedForms } from '../../../../../src/lib/core/continuing/saved-form.ts';

it.each([
  ['zeros before a number are lost', '007', '7'],
  ['zeros behind a fraction are lost', '19.90', '19.9'],
  ['a point without a fraction is lost', '5.', '5'],
  ['a fraction gets a zero', '.5', '0.5'],
  ['a plus is lost', '+5', '5'],
  ['a negative zero is a zero', '-0.0', '0'],
  ['a power of ten is written out', '1e3', '1000'],
  ['15 digits are kept', '123456789012345', '123456789012345'],
  ['more digits are rounded', '12345678901234567', '12345678901234600'],
  ['a rounded number stays what it is', '1.23456789012346E+016', '12345678901234600'],
  ['noise of floating point is lost', '0.30000000000000004', '0.3'],
  ['spaces around a number are lost', ' 7 ', '7'],
  ['commas of thousands are lost', '-1,234,567.50', '-1234567.5'],
  ['a comma before the fraction is a point', '19,90', '19.9'],
  ['points of thousands are lost before such a comma', '1.234,50', '1234.5'],
  ['a percentage is its number', '12.50%', '0.125'],
  ['true becomes a value', 'true', 'TRUE'],
  ['False becomes a value', 'False', 'FALSE'],
])('a spreadsheet saves a cell so: %s', (_name, cell, saved) => {
  expect(savedForm(cell)).toBe(saved);
  expect(savedForm(saved)).toBe(saved);
});

it.each([
  '',
  '-',
  '.',
  'e5',
  '1e',
  '0x1F',
  '12,34,567',
  '1,2345.6',
  '5-',
  '%',
  '1 000',
  '2026-11-30',
  '12:30',
  '1e999',
  'yes',
  ' seven',
])('a spreadsheet leaves the text %j alone', (cell) => {
  expect(savedForm(cell)).toBe(cell);
});

it('a spreadsheet that would change no cell leaves the very list', () => {
  const cells = ['7', 'one', ''];
  expect(savedForms(cells)).toBe(cells);
  expect(savedForms(['007', 'one'])).toEqual(['7', 'one']);
});
