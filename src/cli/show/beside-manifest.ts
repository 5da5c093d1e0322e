import { dirname, join } from 'node:path';

/** A file's path beside the manifest; in the working directory when that came from elsewhere. */
export function besideManifest(input: string, fileName: string): string {
  const isElsewhere = input === '-' || /^https?:\/\//i.test(input);
  return join(isElsewhere ? '.' : dirname(input), fileName);
}
