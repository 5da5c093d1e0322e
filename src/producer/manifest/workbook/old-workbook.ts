import { ManifestError } from '../manifest-error.ts';
import { readBytes } from '../text/bytes.ts';
import type { ArchiveFile } from './archive.ts';

/** The stream in which Office keeps what a password protects, by the name in its directory. */
const ENCRYPTED = Buffer.from('EncryptedPackage', 'utf16le');

/** Identifies an OLE file: a workbook with a password, or one from before 2007. @throws ManifestError, always. */
export async function refuseOldWorkbook(file: ArchiveFile): Promise<never> {
  const advice = (await isEncrypted(file))
    ? 'is protected with a password; remove the password, save it'
    : 'is a workbook of the old format (.xls); save it as .xlsx';
  throw new ManifestError('unsupported_format', `${file.label} ${advice} and import that.`);
}

async function isEncrypted({ handle, signal }: ArchiveFile): Promise<boolean> {
  let tail = Buffer.alloc(0);
  for await (const chunk of readBytes(handle, signal)) {
    const bytes = Buffer.concat([tail, chunk]);
    if (bytes.includes(ENCRYPTED)) return true;
    tail = bytes.subarray(-ENCRYPTED.length);
  }
  return false;
}
