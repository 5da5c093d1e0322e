import { redactUrls } from '../core/redact-url.ts';

/** What a person looks for. */
export interface Sought {
  /**
   * Part of a cell, an id or a name. An address is searched without its user and signature, which are also hidden in
   * displayed rows.
   */
  text: string;
  /** The same in lower case. */
  lower: string;
  /** It may be the id of a session or of a request, which are found as a whole only. */
  mayBeId: boolean;
  mayBeCode: boolean;
}

/** Longer texts are cut. */
export const MAX_SOUGHT = 200;

/** Null if there is nothing to look for. */
export function readSought(query: string): Sought | null {
  const [text = ''] = redactUrls(query.trim()).split('?…', 1);
  const cut = text.slice(0, MAX_SOUGHT).trim();
  if (cut === '') return null;
  return {
    text: cut,
    lower: cut.toLowerCase(),
    mayBeId: /^\S{4,}$/.test(cut),
    mayBeCode: /^[\w.:-]{2,}$/.test(cut),
  };
}

const CONTEXT = 60;

/** The text around a match, for display. Without a match its beginning. */
export function excerptOf(text: string, { lower }: Pick<Sought, 'lower'>): string {
  const at = Math.max(0, text.toLowerCase().indexOf(lower));
  const [from, to] = [Math.max(0, at - CONTEXT), at + lower.length + CONTEXT];
  return `${from > 0 ? '…' : ''}${text.slice(from, to)}${to < text.length ? '…' : ''}`;
}
