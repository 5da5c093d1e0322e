/** Whether a text is written as a web address and not as a path. The rest may still be wrong. */
export const isWebAddress = (text: string): boolean => /^https?:\/\//i.test(text);
