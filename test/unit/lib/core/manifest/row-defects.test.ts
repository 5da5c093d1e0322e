import { expect, test } from 'vitest';
import {
  canSucceedOnRetry,
  ROW_DEFECTS,
} from '../../../../../src/lib/core/manifest/row-defects.ts';

test.each(ROW_DEFECTS)('a row with %s is not retried', (code) =>
  expect(canSucceedOnRetry(code)).toBe(false),
);

test.each(['http_404', '1201', 'cancelled', 'not_a_video'])('a row with %s may be', (code) =>
  expect(canSucceedOnRetry(code)).toBe(true),
);
