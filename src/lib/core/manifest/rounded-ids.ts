import type { Remark } from '../video/video.ts';
import type { RowProblem } from './manifest.ts';

/**
 * Programs that store ids as floating-point numbers round them: 15 to 17 of 18 digits survive. Some fill up with
 * zeros (`784912347344945000`, `784912347344945200`), others write the rounded number exactly (`784912347344945216`).
 */
const MIN_DIGITS = 18;
const DIGITS = /^\d{18,32}$/;

/**
 * Whether an id looks like a rounded number: its shortest digits, filled up with zeros. One in 128 intact ids looks
 * like this by chance.
 */
export const looksRounded = (id: string): boolean => DIGITS.test(id) && shortest(id) === id;

/**
 * Whether floating point holds an id exactly. This alone says little: ids that end in many zero bits are not rare
 * (one in Kling's own documentation is a multiple of 4096).
 */
const isExactDouble = (id: string): boolean => DIGITS.test(id) && BigInt(Number(id)) === BigInt(id);

/** Whether the digits of a number in a workbook cannot come from floating point, so that none was lost. */
export const keptItsDigits = (digits: string): boolean =>
  /^\d+$/.test(digits) && shortest(digits) !== digits && BigInt(Number(digits)) !== BigInt(digits);

/** As JavaScript and most other languages print the number, without an exponent. */
function shortest(digits: string): string {
  const [mantissa = '', exponent = '0'] = Number(digits).toExponential().split('e');
  const significant = mantissa.replace('.', '');
  return significant.padEnd(Number(exponent) + 1, '0');
}

export interface IdPair {
  videoId: string;
  taskId: string;
}

/** What the first ids of a manifest show; see `IdSurvey`. */
export interface IdFacts {
  /** By column: ids of 18 digits and more, those that look rounded, and those that floating point holds exactly. */
  ids: { video_id: IdCounts; task_id: IdCounts };
  /** Rows with two equal ids, and rows that give a video a different task than an earlier row. */
  contradictions: number;
}

interface IdCounts {
  total: number;
  rounded: number;
  doubles: number;
}

export type IdRole = keyof IdFacts['ids'];

/** What is known about the id columns of a whole manifest and how a program damaged them. */
export type IdDamage = Record<IdRole, 'filled_up' | 'exact' | null>;

/**
 * Few ids look rounded by chance, so a column in which most do is certainly damaged. If all ids are exact doubles, a
 * second sign is needed: rows that contradict each other because different ids were rounded to the same one.
 */
export function judgeIdColumns({ ids, contradictions }: IdFacts): IdDamage {
  const mostLookRounded = ({ total, rounded }: IdCounts): boolean => rounded * 2 > total;
  const both = mostLookRounded(ids.video_id) && mostLookRounded(ids.task_id);
  const judge = (counts: IdCounts): IdDamage[IdRole] => {
    const { total, rounded, doubles } = counts;
    // One id proves nothing, but one in each column does.
    if (mostLookRounded(counts) && (rounded >= 2 || both)) return 'filled_up';
    return contradictions > 0 && doubles >= 2 && doubles === total ? 'exact' : null;
  };
  return { video_id: judge(ids.video_id), task_id: judge(ids.task_id) };
}

/** Inspects the first ids of a manifest, in bounded memory. */
export class IdSurvey {
  readonly #ids: IdFacts['ids'] = { video_id: newCounts(), task_id: newCounts() };
  readonly #taskOf = new Map<string, string>();
  #contradictions = 0;

  /** Further ids would not change the result. */
  static readonly ENOUGH = 2_000;

  get hasEnough(): boolean {
    const { video_id, task_id } = this.#ids;
    return video_id.total >= IdSurvey.ENOUGH && task_id.total >= IdSurvey.ENOUGH;
  }

  add({ videoId, taskId }: IdPair): void {
    count(this.#ids.video_id, videoId);
    count(this.#ids.task_id, taskId);
    if (videoId === '' || taskId === '') return;
    const known = this.#taskOf.get(videoId);
    if (videoId === taskId || (known !== undefined && known !== taskId)) this.#contradictions += 1;
    if (known === undefined && this.#taskOf.size < IdSurvey.ENOUGH)
      this.#taskOf.set(videoId, taskId);
  }

  facts(): IdFacts {
    return { ids: this.#ids, contradictions: this.#contradictions };
  }
}

const newCounts = (): IdCounts => ({ total: 0, rounded: 0, doubles: 0 });

function count(counts: IdCounts, id: string): void {
  if (id.length < MIN_DIGITS || !DIGITS.test(id)) return;
  counts.total += 1;
  if (looksRounded(id)) counts.rounded += 1;
  if (isExactDouble(id)) counts.doubles += 1;
}

const ADVICE = 'enter the ids again from their source, with the column formatted as text';

/** The first problem of a row's ids that only the whole manifest shows; null when there is none. */
export function findDamagedId(
  { videoId, taskId }: IdPair,
  damage: IdDamage,
  row: { line: number; columns: Record<IdRole, string | null> },
): RowProblem | null {
  const problem = (role: IdRole, value: string, message: string): RowProblem => ({
    code: 'mangled_id',
    column: row.columns[role],
    value,
    message: `Line ${row.line}, column "${row.columns[role]}": "${value}" ${message}; ${ADVICE}.`,
  });
  for (const [role, id] of [
    ['video_id', videoId],
    ['task_id', taskId],
  ] as const) {
    if (isDamaged(id, damage[role])) {
      return problem(role, id, 'has lost its last digits, like most ids in this column');
    }
  }
  if (videoId === taskId && DIGITS.test(videoId)) {
    return problem(
      'video_id',
      videoId,
      `is the task_id, too, which a video never has: both were rounded, or one was copied into the other's column`,
    );
  }
  return null;
}

function isDamaged(id: string, damage: IdDamage[IdRole]): boolean {
  switch (damage) {
    case 'filled_up':
      return looksRounded(id);
    case 'exact':
      return isExactDouble(id);
    case null:
      return false;
  }
}

/** The message about a file with damaged columns; null when there are none. */
export function aboutDamage(
  damage: IdDamage,
  columns: Record<IdRole, string | null>,
): string | null {
  const names = (['video_id', 'task_id'] as const)
    .filter((role) => damage[role] !== null)
    .map((role) => `"${columns[role]}"`);
  if (names.length === 0) return null;
  return `The ids in ${names.join(' and ')} have lost their last digits: some program kept them as numbers. These rows are invalid; ${ADVICE}.`;
}

/** The message about a row whose id looks rounded although its column does not. */
export function suspectIds({ videoId, taskId }: IdPair): Remark[] {
  return (
    [
      ['video_id', videoId],
      ['task_id', taskId],
    ] as const
  )
    .filter(([, id]) => looksRounded(id))
    .map(([role, id]) => ({
      code: 'id_may_be_rounded',
      message: `${role} ${id} may have lost its last digits: a rounded number looks like this`,
    }));
}
