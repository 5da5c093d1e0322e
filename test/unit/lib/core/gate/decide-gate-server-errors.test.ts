import { describe, expect, it, test } from 'vitest';
import type { ApiFailure } from '../../../../../src/lib/core/answer/api-failure.ts';
import { failure, GateStory } from './gate-story.ts';

const broken = failure('server', { code: '5001', message: 'maintenance' });

describe('server errors', () => {
  test.each<[sentence: string, between: (story: GateStory) => void, mode: string]>([
    ['of ten rows in a row close the gate', () => {}, 'closed'],
    ['… also with silence between', (story) => story.call(failure('unconfirmed')), 'closed'],
    ['… not with a success between', (story) => story.call(null), 'open'],
    ['… not with a refusal between', (story) => story.call(failure('refused')), 'open'],
  ])('%s', (_sentence, between, mode) => {
    const story = new GateStory();
    story.calls(9, broken);
    between(story);
    story.call(broken);
    expect(story.gate.mode).toBe(mode);
  });

  it('server errors of nine rows do not close the gate', () => {
    const story = new GateStory();
    story.calls(9, broken);
    expect(story.gate.mode).toBe('open');
  });

  it('server errors of one row count once, however often', () => {
    const story = new GateStory();
    story.calls(9, broken);
    for (let i = 0; i < 20; i += 1) story.call(broken, 'row-1');
    expect(story.gate.mode).toBe('open');
    story.call(broken, 'row-10');
    expect(story.gate.mode).toBe('closed');
  });

  it('server errors count from zero after a success', () => {
    const story = new GateStory();
    story.calls(9, broken);
    story.call(null);
    story.calls(9, broken);
    expect(story.gate.mode).toBe('open');
  });

  it('server errors of calls older than the closing do not count', () => {
    const story = new GateStory();
    const passes = story.begins(30);
    story.call(failure('throttled'));
    story.sitOut();
    story.begin();
    for (const pass of passes) story.end(pass, broken);
    expect(story.gate.mode).toBe('open');
  });

  it('server errors close the gate for 10 s, then one call goes first', () => {
    const story = new GateStory();
    story.calls(10, broken);
    expect(story.pauseMs).toBe(10_000);
    story.sitOut();
    expect(story.begin().isTrialCall).toBe(true);
    expect(story.ask().kind).toBe('wait');
  });

  it('server errors leave the concurrency unchanged', () => {
    const story = new GateStory();
    story.calls(10, broken);
    expect(story.gate.reducedLimit).toBeNull();
  });
});

describe('the first call', () => {
  test.each<[sentence: string, answer: ApiFailure | null, mode: string, pauseMs: number]>([
    ['opens the gate by a success', null, 'open', 0],
    ['opens it by a refusal', failure('refused'), 'open', 0],
    ['closes it for twice as long by an error', broken, 'closed', 20_000],
    ['… and by silence', failure('unconfirmed'), 'closed', 20_000],
    ['… and by being throttled', failure('throttled'), 'closed', 20_000],
    ['blocks it by account trouble', failure('account'), 'blocked', 60_000],
  ])('%s', (_sentence, answer, mode, pauseMs) => {
    const story = new GateStory();
    story.calls(10, broken);
    story.sitOut();
    story.call(answer);
    expect(story.gate.mode).toBe(mode);
    expect(story.pauseMs).toBe(pauseMs);
  });
});

describe('answer that changes nothing', () => {
  test.each<[sentence: string, prepare: (story: GateStory) => void, answer: ApiFailure | null]>([
    ['a success at an open gate', () => {}, null],
    ['a refusal at an open gate', () => {}, failure('refused')],
    ['silence at an open gate', () => {}, failure('unconfirmed')],
    ['a success from before a closing', closeTwice, null],
    ['a throttled answer from before a closing', closeTwice, failure('throttled')],
    ['a success from before a blocking', (story) => story.call(failure('account')), null],
  ])('an answer that changes nothing is %s: nothing is written', (_sentence, prepare, answer) => {
    const story = new GateStory();
    const [pass, other] = story.begins(2);
    prepare(story);
    if (other) story.end(other, answer);
    const before = story.gate;
    if (pass) story.end(pass, answer);
    expect(story.gate).toBe(before);
  });

  function closeTwice(story: GateStory): void {
    story.call(failure('throttled'));
    story.sitOut();
    story.call(failure('throttled'));
  }
});
