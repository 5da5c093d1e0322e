import { STATUS_CODES } from 'node:http';
import { redactUrls } from '../../core/redact-url.ts';
import { htmlTitle } from '../mp4/sniff.ts';
import { ReadError } from '../read-error.ts';
import type { Answer } from './getter.ts';

/** Bytes of an error page worth reading. */
const MAX_PAGE_BYTES = 4096;
const RETRYABLE_STATUSES = new Set([408, 425, 429]);
/** What S3, Google Cloud Storage, Azure and CloudFront write when a signature has run out. */
const EXPIRED =
  /Request has expired|ExpiredToken|token (?:provided )?has expired|Signature not valid in the specified time frame|Signature has expired|URL has expired|expired token/i;

/** Says what an answer without the file means. Closes the answer. */
export async function failureOfStatus(answer: Answer): Promise<ReadError> {
  const page = await readPage(answer);
  const { status } = answer;
  if (status >= 400 && status < 500 && EXPIRED.test(page)) {
    const message = `the URL has expired (HTTP ${status}); sign it again`;
    return new ReadError('url_expired', message, { isRetryable: false });
  }
  const words = storeWords(page) ?? pageWords(page, status) ?? STATUS_CODES[status] ?? '';
  const message = `HTTP ${status}${words === '' ? '' : ` (${words})`}`;
  const isRetryable = status >= 500 || RETRYABLE_STATUSES.has(status);
  return new ReadError(`http_${status}`, message, { isRetryable });
}

const MAX_WORDS = 160;

/** An object store's own code and sentence, from its XML or JSON: `NoSuchKey: The specified key does not exist.` */
function storeWords(page: string): string | undefined {
  const found = ['code', 'error', 'message'].map(
    (name) =>
      new RegExp(`<${name}>([^<]{1,400})<`, 'i').exec(page)?.[1] ??
      new RegExp(`"${name}"\\s*:\\s*"([^"\\\\]{1,400})"`, 'i').exec(page)?.[1],
  );
  const words = [...new Set(found.map((text) => oneLine(text ?? '')))].filter(
    (text) => text !== '',
  );
  return words.length === 0 ? undefined : redactUrls(words.join(': ')).slice(0, MAX_WORDS);
}

const oneLine = (text: string): string => text.replace(/[\p{C}\s]+/gu, ' ').trim();

/** A page's title, unless it only repeats the status: `403 Forbidden`, `Error 403 (Forbidden)!!1`. */
function pageWords(page: string, status: number): string | undefined {
  const title = htmlTitle(page);
  const phrase = (STATUS_CODES[status] ?? '').toLowerCase();
  const rest = title
    ?.toLowerCase()
    .replaceAll(phrase, '')
    .replace(/\b(http|error|status|code)\b|[^\p{L}]/gu, '');
  return rest === '' ? undefined : title;
}

async function readPage(answer: Answer): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of answer.body) {
      chunks.push(chunk);
      size += chunk.length;
      if (size >= MAX_PAGE_BYTES) {
        break;
      }
    }
  } catch {
    // The status says enough; the page is optional.
  }
  return Buffer.concat(chunks).toString('utf8', 0, MAX_PAGE_BYTES);
}
