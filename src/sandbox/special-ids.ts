import { isKlingErrorCode, type KlingErrorCode } from './kling-errors.ts';

/** How the practice API treats a pair of ids. It knows no videos, so the digits of `video_id` decide. */
export type PairAnswer =
  | { kind: 'session' }
  | { kind: 'kling_error'; code: KlingErrorCode }
  /** Code 0 without a session: `data.status` is not 0. */
  | { kind: 'unrecognised' }
  /** A session is opened, but the connection is reset instead of an answer. */
  | { kind: 'answer_lost' };

const ID_PATTERN = /^\d{18}$/;
/** 14 digits that mean "special", and 4 that say which case. Kling's own ids begin differently. */
const SPECIAL_PATTERN = /^90000000000000(?<suffix>\d{4})$/;

/**
 * Any two ids of 18 digits open a session, except if `video_id` is 90000000000000 and four digits: one of Kling's
 * error codes gives that error, 0001 an unrecognised video, 0002 loses the answer.
 */
export function answerForPair(videoId: string, taskId: string): PairAnswer {
  if (!ID_PATTERN.test(videoId) || !ID_PATTERN.test(taskId)) {
    return { kind: 'kling_error', code: 1203 };
  }
  const suffix = Number(SPECIAL_PATTERN.exec(videoId)?.groups?.suffix);
  if (suffix === 1) return { kind: 'unrecognised' };
  if (suffix === 2) return { kind: 'answer_lost' };
  return isKlingErrorCode(suffix) ? { kind: 'kling_error', code: suffix } : { kind: 'session' };
}
