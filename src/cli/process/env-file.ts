import { readFileSync } from 'node:fs';
import { SETTINGS } from '../../lib/settings/settings.ts';

const ASSIGNMENT = /^\s*(\w+)\s*=\s*(.*)$/;
/** Without quotes, and with a `#` in a word, after one or at its beginning. Node takes the rest for a comment. */
const CUT = /^(?!["'`])(?:[^#]*[^#\s]#|#\S)/;

/**
 * What is wrong with an env file, one sentence each: settings of this program whose value Node ends at a `#`. Shells
 * and Compose keep such a value whole, so the same line would give them a different password
 * (findings/env-files-cut-at-the-hash).
 */
export function envFileProblems(path: string): string[] {
  return readFileSync(path, 'utf8')
    .split(/\r?\n/)
    .flatMap((line, index) => {
      const [, name = '', value = ''] = ASSIGNMENT.exec(line) ?? [];
      if (!(Object.hasOwn(SETTINGS, name) && CUT.test(value))) return [];
      return `${path}, line ${index + 1}: the value of ${name} would end at its #. Put the value into quotes, or white space around the # of a comment.`;
    });
}
