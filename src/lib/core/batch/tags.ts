const TAG = /^[\p{L}\p{N}][\p{L}\p{N}._:-]{0,39}$/u;
const MAX_TAGS = 20;

/** The tags in a text such as `spring, ads`, each once; null for invalid tags, or for more than 20. */
export function parseTags(text: string): string[] | null {
  const tags = [...new Set(text.split(',').map((tag) => tag.trim()))].filter((tag) => tag !== '');
  return tags.length <= MAX_TAGS && tags.every((tag) => TAG.test(tag)) ? tags : null;
}

/** The message for a text without valid tags. */
export const TAG_RULE =
  'Use letters, digits and . _ : - in each, at most 40 characters, with commas between, at most 20.';
