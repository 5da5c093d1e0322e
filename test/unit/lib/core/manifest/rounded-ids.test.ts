import { describe, expect, it } from 'vitest';
import {
  findDamagedId,
  IdSurvey,
  judgeIdColumns,
  keptItsDigits,
  looksRounded,
  suspectIds,
} from '../../../../../src/lib/core/manifest/rounded-ids.ts';

const REAL = [
  '784912347344945201',
  '784912347344945317',
  '784912347344945399',
  '784912347344945455',
];
const FILLED_UP = REAL.map((id) => String(Number(id)));
const EXACT = REAL.map((id) => String(BigInt(Number(id))));

describe('looksRounded', () => {
  it.each([
    ['784912347344945000', true],
    ['784912347344945200', true],
    ['784912347344945300', true],
    ['784912347344945201', false],
    [EXACT[0] ?? '', false],
    ['784912347344945100', false],
    ['12345678901234500', false],
    ['1784912347344945200000', false],
    ['1784912347344945300000', true],
  ])('the id %s is judged by its digits: %s', (id, expected) => {
    expect(looksRounded(id)).toBe(expected);
  });
});

describe('keptItsDigits', () => {
  it.each([
    ['784912347344945201', true],
    ['784912347344945200', false],
    [EXACT[0] ?? '', false],
    ['7.84912347344945E+17', false],
  ])('the digits are kept or not: %s: %s', (digits, expected) => {
    expect(keptItsDigits(digits)).toBe(expected);
  });
});

describe('judgeIdColumns', () => {
  const judge = (pairs: [string, string][]) => {
    const survey = new IdSurvey();
    for (const [videoId, taskId] of pairs) survey.add({ videoId, taskId });
    return judgeIdColumns(survey.facts());
  };
  const pair = (videos: string[], tasks: string[]) =>
    videos.map((video, index): [string, string] => [video, tasks[index] ?? '']);

  it('a column of intact ids has no problem', () => {
    expect(judge(pair(REAL, REAL.toReversed()))).toEqual({ video_id: null, task_id: null });
  });

  it('a padded column is found, and the other is not', () => {
    expect(judge(pair(FILLED_UP, REAL))).toEqual({ video_id: 'filled_up', task_id: null });
  });

  it('a column is not judged by one id', () => {
    expect(judge(pair(['784912347344945000'], ['784912347344946001']))).toEqual({
      video_id: null,
      task_id: null,
    });
  });

  it('two columns are judged by one id in each', () => {
    expect(judge(pair(['784912347344945000'], ['784912347344946000']))).toEqual({
      video_id: 'filled_up',
      task_id: 'filled_up',
    });
  });

  it('a column is not judged by multiples of 4096, as real ids may be', () => {
    const ids = Array.from({ length: 50 }, (_, n) =>
      String(4096n * (191_000_000_000_000n + BigInt(n))),
    );
    expect(
      judge(
        pair(
          ids,
          ids.toReversed().map((id) => String(BigInt(id) + 4096n * 1000n)),
        ),
      ),
    ).toEqual({
      video_id: null,
      task_id: null,
    });
  });

  it('exact doubles are found if rows contradict each other', () => {
    const both = pair([...EXACT, EXACT[0] ?? ''], [...EXACT.toReversed(), EXACT[1] ?? '']);
    expect(judge(both)).toEqual({ video_id: 'exact', task_id: 'exact' });
  });
});

describe('findDamagedId', () => {
  const row = { line: 3, columns: { video_id: 'vid', task_id: 'task' } };
  const none = { video_id: null, task_id: null };

  it('a row of an intact manifest has no damaged id', () => {
    expect(findDamagedId({ videoId: '784912347344945200', taskId: '1' }, none, row)).toBeNull();
  });

  it('the id of a damaged column is named', () => {
    const damage = { video_id: null, task_id: 'filled_up' } as const;
    const found = findDamagedId({ videoId: '1', taskId: '784912347344945000' }, damage, row);
    expect(found).toMatchObject({ code: 'mangled_id', column: 'task' });
    expect(found?.message).toMatch(
      /^Line 3, column "task": "784912347344945000" has lost its last/,
    );
  });

  it('a row whose two ids are the same is refused', () => {
    const id = '784912347344945201';
    expect(findDamagedId({ videoId: id, taskId: id }, none, row)?.code).toBe('mangled_id');
  });
});

it('an id that looks rounded gets a warning', () => {
  const ids = { videoId: '784912347344945000', taskId: '784912347344945201' };
  expect(suspectIds(ids).map(({ message }) => message)).toEqual([
    'video_id 784912347344945000 may have lost its last digits: a rounded number looks like this',
  ]);
});
