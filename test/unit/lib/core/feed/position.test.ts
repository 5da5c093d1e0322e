import { describe, expect, it } from 'vitest';
import { formatPosition, parsePosition } from '../../../../../src/lib/core/feed/position.ts';

describe('position', () => {
  it('a position is read as it was written', () => {
    const position = { event: 1_099_511_627_775, row: 1_048_575 };
    expect(parsePosition(formatPosition(position))).toEqual(position);
  });

  it.each(['', '7', '-7', '0-1', '1-', '1-2-3', '01-2', '1.5-0', '99999999999999-0', '1-0 '])(
    'a text that is no position is refused: %j',
    (text) => {
      expect(parsePosition(text)).toBeNull();
    },
  );
});
