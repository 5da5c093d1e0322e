/** One problem of a request. */
export type RequestProblem =
  | { kind: 'missing'; option: string }
  /** The option does not exist. */
  | { kind: 'unknown'; option: string }
  /** `advice`: a sentence that says which values can be used. */
  | { kind: 'unusable'; option: string; value: unknown; advice: string }
  /** `sentence` is the whole message. `option`: the option concerned, if there is one. */
  | { kind: 'whole'; option: string | null; sentence: string };

/** The request is invalid. Nothing was done. */
export class UnusableRequest extends Error {
  override readonly name = 'UnusableRequest';
  /** Never empty. */
  readonly problems: readonly RequestProblem[];

  constructor(problems: readonly RequestProblem[]) {
    super(describeProblems(problems));
    this.problems = problems;
  }
}

/** About one option, or about the request as a whole (null). */
export const refuseRequest = (option: string | null, sentence: string): UnusableRequest =>
  new UnusableRequest([{ kind: 'whole', option, sentence }]);

/** `nameOf`: the reader's name of an option: its flag, its JSON field or its label. */
export const describeProblems = (
  problems: readonly RequestProblem[],
  nameOf: (option: string) => string = (option) => option,
): string => problems.map((problem) => describeProblem(problem, nameOf)).join(' ');

export function describeProblem(
  problem: RequestProblem,
  nameOf: (option: string) => string,
): string {
  switch (problem.kind) {
    case 'missing':
      return `${nameOf(problem.option)} is missing.`;
    case 'unknown':
      return `There is no option ${nameOf(problem.option)}.`;
    case 'unusable':
      return `${nameOf(problem.option)}: ${show(problem.value)} cannot be used. ${problem.advice}`;
    case 'whole':
      return problem.sentence;
  }
}

const MAX_SHOWN = 120;

function show(value: unknown): string {
  const text = typeof value === 'string' ? `"${value}"` : (JSON.stringify(value) ?? '');
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}
