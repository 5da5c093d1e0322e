import { describe, expect, it } from 'vitest';
import { isInstalled } from '../../../scripts/install/packages.mjs';

const root = { version: '1.0.0' };
const got = { version: '14.6.0', integrity: 'sha512-a' };
const darwinOnly = { version: '1.0.0', integrity: 'sha512-b', optional: true };
const wanted = {
  packages: { '': root, 'node_modules/got': got, 'node_modules/fsevents': darwinOnly },
};

describe('whether the packages are installed', () => {
  it.each([
    ['all is there', { 'node_modules/got': got, 'node_modules/fsevents': darwinOnly }, true],
    ['an optional package of another platform is absent', { 'node_modules/got': got }, true],
    ['a package is absent', { 'node_modules/fsevents': darwinOnly }, false],
    ['a package is older', { 'node_modules/got': { ...got, version: '14.5.0' } }, false],
    ['a package differs', { 'node_modules/got': { ...got, integrity: 'sha512-c' } }, false],
    [
      'a package is no longer wanted',
      { 'node_modules/got': got, 'node_modules/citty': got },
      false,
    ],
  ])('when %s', (_when, packages, expected) => {
    expect(isInstalled(wanted, { packages })).toBe(expected);
  });
});
