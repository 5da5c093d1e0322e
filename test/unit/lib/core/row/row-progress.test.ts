import { describe, expect, it } from 'vitest';
import {
  findCall,
  loseCall,
  newRowProgress,
  withLostCall,
} from '../../../../../src/lib/core/row/row-progress.ts';

const fresh = newRowProgress('opening');

describe('lost call', () => {
  it('a lost call counts, with the time when it began', () => {
    const calling = { ...fresh, isCalling: true, callBeganMs: 7 };
    expect(withLostCall(calling)).toMatchObject({
      isCalling: false,
      attempts: 1,
      unconfirmed: 1,
      lostCalls: 1,
      lostCallTimes: [7],
    });
    expect(withLostCall(fresh)).toBe(fresh);
  });

  it('a lost call counts without a time in a record from before there were times', () => {
    expect(loseCall({ ...fresh, lostCalls: 1 })).toEqual({ lostCalls: 2, lostCallTimes: [] });
  });

  it('a lost call always counts, but only the latest 20 times are kept', () => {
    let progress = fresh;
    for (let callBeganMs = 1; callBeganMs <= 30; callBeganMs += 1) {
      progress = { ...progress, ...loseCall({ ...progress, callBeganMs }) };
    }
    expect(progress.lostCalls).toBe(30);
    expect(progress.lostCallTimes).toEqual(Array.from({ length: 20 }, (_, at) => at + 11));
  });

  it('a lost call that is answered after all counts no longer', () => {
    const lost = { ...fresh, lostCalls: 2, lostCallTimes: [7, 8] };
    expect(findCall(lost, 7)).toEqual({ lostCalls: 1, lostCallTimes: [8] });
    expect(findCall({ ...fresh, lostCalls: 0 }, 7)).toEqual({ lostCalls: 0, lostCallTimes: [] });
  });

  it('an answered call that did not count as lost leaves the others', () => {
    const lost = { ...fresh, lostCalls: 2, lostCallTimes: [7, 8] };
    expect(findCall(lost, 9)).toEqual({ lostCalls: 2, lostCallTimes: [7, 8] });
    expect(findCall(lost, null)).toEqual({ lostCalls: 2, lostCallTimes: [7, 8] });
  });
});
