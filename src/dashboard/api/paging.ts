import { z } from 'zod';

const USUAL = 50;
/** Most items on a page of a list. */
const MOST_LISTED = 200;

/** What every list of the API answers. */
export const nextPage = z
  .string()
  .nullable()
  .describe('`after` of the next page; null after the last one.');

/** A cursor that `read` understands; null is refused. */
export const cursor = <T>(read: (text: string) => T | null) =>
  z
    .string()
    .max(500)
    .transform((text, context): T => {
      const place = read(text);
      if (place !== null) return place;
      context.addIssue({ code: 'custom', message: 'use the `next` of the page before' });
      return z.NEVER;
    });

/**
 * What every list of the API takes. A cursor names the last item of a page, not its number. So an item that is added
 * or removed between two pages causes no repeated or missing item.
 */
export const pageQuery = <T>(read: (text: string) => T | null) =>
  z.object({
    after: cursor(read)
      .optional()
      .describe('`next` of the page before. Without it the list begins at its first page.'),
    limit: z.coerce.number().int().min(1).max(MOST_LISTED).default(USUAL),
  });
