import { describe, expect, it, test } from 'vitest';
import {
  composeOutcome,
  type Ending,
  isLastWord,
  rejection,
  repeatedSession,
} from '../../../../../src/lib/core/row/compose-outcome.ts';
import { newRowProgress, type RowProgress } from '../../../../../src/lib/core/row/row-progress.ts';

const NOW_MS = 1_000_000;
const DAY_MS = 86_400_000;

function session(
  details: Record<string, string | number> = {},
  requestId: string | null = null,
  httpStatus = 200,
): Ending {
  return { kind: 'session', session: { sessionId: 's-1', requestId, httpStatus, details } };
}

const failed: Ending = { kind: 'no_session', status: 'failed', code: '1301', message: 'forbidden' };

const progress = (others: Partial<RowProgress> = {}): RowProgress => ({
  ...newRowProgress('opening'),
  ...others,
});

describe('success', () => {
  it('a success has the session, which lives for 24 hours', () => {
    expect(composeOutcome(session(), progress({ attempts: 2 }), NOW_MS)).toEqual({
      status: 'succeeded',
      finishedAtMs: NOW_MS,
      attempts: 2,
      warnings: [],
      session: { id: 's-1', expiresAtMs: NOW_MS + DAY_MS },
    });
  });

  it('a success has the request id', () => {
    expect(composeOutcome(session({}, 'req-1'), null, NOW_MS).requestId).toBe('req-1');
  });

  it('a success has the HTTP status if it is not the usual one', () => {
    expect(composeOutcome(session({}, null, 201), null, NOW_MS).httpStatus).toBe(201);
    expect(composeOutcome(session(), null, NOW_MS)).not.toHaveProperty('httpStatus');
  });

  it('a success keeps the warnings and what the probe saw', () => {
    const video = { durationS: 5, width: 1_280, height: 720, fps: 29.97 };
    const seen = progress({ video, warnings: ['29.97 fps counts as 30'] });
    const apiSays = session({ width: 1, height: 1, fps: 1, original_duration: 1 });
    expect(composeOutcome(apiSays, seen, NOW_MS)).toMatchObject({
      video,
      warnings: ['29.97 fps counts as 30'],
    });
  });

  it('a success has the number of sessions that may exist beside it', () => {
    expect(composeOutcome(session(), progress({ lostCalls: 2 }), NOW_MS).possibleOrphans).toBe(2);
  });
});

describe('has what the API says of the video if there was no probe', () => {
  test.each<
    [sentence: string, details: Record<string, string | number>, video: object | undefined]
  >([
    [
      'is kept',
      { original_duration: 5, width: 1_280, height: 720, fps: 30 },
      { durationS: 5, width: 1_280, height: 720, fps: 30 },
    ],
    ['is kept as text, too', { width: '1280', fps: '29.97' }, { width: 1_280, fps: 29.97 }],
    ['may be a duration in ms', { original_duration: 5_041 }, { durationS: 5.041 }],
    ['may be nothing', {}, undefined],
    ['may be of no use', { width: 0, height: -1, fps: 'many', original_duration: '' }, undefined],
  ])('%s', (_sentence, details, video) => {
    expect(composeOutcome(session(details), null, NOW_MS).video).toEqual(video);
  });
});

describe('end without a session', () => {
  it('an end without a session has the reason', () => {
    expect(composeOutcome(failed, progress({ attempts: 1 }), NOW_MS)).toEqual({
      status: 'failed',
      finishedAtMs: NOW_MS,
      attempts: 1,
      warnings: [],
      error: { code: '1301', message: 'forbidden' },
    });
  });

  it('a row that was never dispatched ends without attempts', () => {
    expect(composeOutcome(failed, null, NOW_MS).attempts).toBe(0);
  });

  test.each<[requestId: string | null | undefined, kept: string | undefined]>([
    ['req-1', 'req-1'],
    [null, undefined],
    [undefined, undefined],
  ])('an end without a session by request %s keeps %s', (requestId, kept) => {
    const ending: Ending = { ...failed, ...(requestId !== undefined && { requestId }) };
    expect(composeOutcome(ending, null, NOW_MS).requestId).toBe(kept);
  });

  it('an end without a session keeps what the probe saw and has the number of sessions that may exist', () => {
    const seen = progress({ lostCalls: 3, video: { width: 640 } });
    const unconfirmed: Ending = { ...failed, status: 'unconfirmed' };
    expect(composeOutcome(unconfirmed, seen, NOW_MS)).toMatchObject({
      status: 'unconfirmed',
      possibleOrphans: 3,
      video: { width: 640 },
    });
  });

  it('an end without a session has the times of the calls after which one may exist', () => {
    const seen = progress({ lostCalls: 2, lostCallTimes: [7, 8], callBeganMs: 9 });
    expect(composeOutcome(failed, seen, NOW_MS).unclearCalls).toEqual([7, 8]);
    const repeated = repeatedSession(
      { sessionId: 's-1', requestId: null, httpStatus: 200, details: {} },
      3,
    );
    expect(composeOutcome(repeated, progress({ callBeganMs: 9 }), NOW_MS).unclearCalls).toEqual([
      9,
    ]);
    expect(composeOutcome(session(), progress({ callBeganMs: 9 }), NOW_MS)).not.toHaveProperty(
      'unclearCalls',
    );
  });

  it('an end without a session does not mention sessions if none can exist', () => {
    expect(composeOutcome(failed, progress(), NOW_MS)).not.toHaveProperty('possibleOrphans');
  });
});

test.each<[sentence: string, ending: Ending, isLast: boolean]>([
  ['a session is a last word', session(), true],
  ['so is a refusal', { ...failed, isRefusal: true }, true],
  ['attempts that are used up are not', failed, false],
  ['nor is anything marked as no refusal', { ...failed, isRefusal: false }, false],
])('%s', (_sentence, ending, isLast) => {
  expect(isLastWord(ending)).toBe(isLast);
});

test('a rejection names every violation, by the code of the first', () => {
  const violations = [
    { code: 'too_short', message: 'duration 1 s' },
    { code: 'bad_rate', message: '25 fps' },
  ];
  expect(rejection(violations)).toEqual({
    kind: 'no_session',
    status: 'rejected',
    code: 'too_short',
    message: 'duration 1 s; 25 fps',
  });
});
