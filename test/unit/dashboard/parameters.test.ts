import { describe, expect, test } from 'vitest';
import {
  describeUnused,
  oneOf,
  someOf,
  textUpTo,
  wholeNumber,
} from '../../../src/dashboard/parameters.ts';

const PARAMETERS = {
  q: textUpTo(5),
  state: oneOf(['running', 'paused']),
  status: someOf(['failed', 'rejected']),
  page: wholeNumber(0, 3),
  from: wholeNumber(1),
};

describe('describeUnused', () => {
  test.each([
    '',
    'q=',
    'q=word&state=paused&status=failed,rejected&page=0&from=1',
    'state=&from=&page=',
  ])('describeUnused says nothing about a query that is used in full: %s', (query) => {
    expect(describeUnused(PARAMETERS, new URLSearchParams(query))).toEqual([]);
  });

  test.each([
    [
      'stat=x',
      'This page has no parameter `stat`, so it was ignored; it has q, state, status, page, from.',
    ],
    ['constructor=x', 'This page has no parameter `constructor`'],
    ['=x', 'This page has no parameter ``'],
    ['a`b=1', "This page has no parameter `a'b`"],
    ['state=Running', '`state=Running` was ignored: state takes one of running, paused.'],
    ['status=failed,odd', '`status=failed,odd` was ignored: status takes some of failed, rejected'],
    ['page=-1', '`page=-1` was ignored: page takes a whole number from 0.'],
    ['page=1000', '`page=1000` was ignored'],
    ['from=0', '`from=0` was ignored: from takes a whole number from 1.'],
    ['from=1e3', '`from=1e3` was ignored'],
    ['q=longer', '`q=longer` was ignored: q takes at most 5 characters.'],
    ['q=a&q=b', '`q` is given more than once; only the first is used.'],
  ])('describeUnused says what of a query is not used: %s', (query, sentence) => {
    const [said, ...others] = describeUnused(PARAMETERS, new URLSearchParams(query));
    expect(said).toContain(sentence);
    expect(others).toEqual([]);
  });

  test('describeUnused says that a page has no parameters, and stays short', () => {
    const query = new URLSearchParams(
      Array.from({ length: 99 }, (_, at): [string, string] => [`p${at}`, 'x']),
    );
    const said = describeUnused({}, query);
    expect(said).toHaveLength(5);
    expect(said[0]).toContain('it has none.');
    expect(
      describeUnused({}, new URLSearchParams({ ['x'.repeat(9_000)]: '' }))[0]?.length,
    ).toBeLessThan(200);
  });
});
