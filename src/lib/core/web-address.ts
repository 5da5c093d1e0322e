/** Whether it is written as an address of the web, as opposed to a path; the rest may still be wrong. */
export const isWebAddress = (text: string): boolean => /^https?:\/\//i.test(text);
