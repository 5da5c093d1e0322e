import { ManifestError } from '../manifest-error.ts';

/** What is wrong with the bytes of a Parquet file; the message continues "is damaged (…)". */
export class ParquetError extends Error {
  override readonly name = 'ParquetError';
}

export const brokenParquet = (label: string, error: ParquetError): ManifestError =>
  new ManifestError(
    'parquet_broken',
    `The Parquet file ${label} is damaged (${error.message}); copy it again, or write it again.`,
    { cause: error },
  );

/** A file that is intact but unsupported. The sentence continues the file's name. */
export const unreadableParquet = (label: string, sentence: string): ManifestError =>
  new ManifestError('unsupported_format', `The Parquet file ${label} ${sentence}`);
