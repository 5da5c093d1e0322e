import { z } from 'zod';
import { UnreadableRecord } from '../../unreadable-record.ts';

/**
 * A kind of record that is stored as JSON text. One schema serves both ways: `write` refuses what `read` would refuse.
 */
export interface StoredJson<T> {
  /** @throws Error for a value that `read` would refuse. */
  write(value: T): string;
  /** @throws UnreadableRecord */
  read(text: string): T;
  /** Null if the text is unreadable. */
  tryRead(text: string): T | null;
}

/** `what` names the record in messages, such as `The gate`. A schema may add fields that older records lack. */
export function storedJson<T>(what: string, schema: z.ZodType<T>): StoredJson<T> {
  const text = jsonText(schema);
  return {
    write(value) {
      const checked = schema.safeParse(value);
      if (checked.success) return JSON.stringify(value);
      throw new Error(
        `${what} is not stored, as it could not be read again: ${describeIssues(checked.error)}.`,
      );
    },
    read(given) {
      const read = text.safeParse(given);
      if (read.success) return read.data;
      throw new UnreadableRecord(what, describeIssues(read.error));
    },
    // Avoids the pipe of `text`, because reports and the feed read millions of outcomes.
    tryRead(given) {
      try {
        return schema.safeParse(JSON.parse(given)).data ?? null;
      } catch {
        return null;
      }
    },
  };
}

/** JSON text of this shape. */
export const jsonText = <T>(schema: z.ZodType<T>): z.ZodType<T, string> =>
  z
    .string()
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        context.addIssue({ code: 'custom', message: 'is not JSON' });
        return z.NEVER;
      }
    })
    .pipe(schema as z.ZodType<T, unknown>);

const SHOWN_ISSUES = 3;

/** `arrangements.window.zone: is not a time zone`; without a full stop. */
export function describeIssues({ issues }: z.ZodError): string {
  const shown = issues.slice(0, SHOWN_ISSUES).map(({ path, message }) => {
    const where = path.map(String).join('.');
    return where === '' ? message : `${where}: ${message}`;
  });
  const more = issues.length - shown.length;
  return [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}
