/** A setting is missing or cannot be used. Nothing was done. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly code = 'unusable_settings';
  /** One sentence for each problem. */
  readonly problems: readonly string[];

  constructor(...problems: string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}
