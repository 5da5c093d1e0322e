import { z } from 'zod';
import { UnreadableRecord } from '../../unreadable-record.ts';

/** A kind of record that is kept as JSON text. What `read` would refuse, `write` does: there is one schema for both. */
export interface StoredJson<T> {
  /** @throws Error for a value that could not be read again. */
  write(value: T): string;
  /** @throws UnreadableRecord */
  read(text: string): T;
  /** Null for what cannot be read. */
  tryRead(text: string): T | null;
}

/** `what` names the record in messages, such as `The gate`. A schema may fill in what older records lack. */
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
    tryRead: (given) => text.safeParse(given).data ?? null,
  };
}

/** JSON text that is of this shape. */
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
