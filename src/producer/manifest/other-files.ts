import { hasKnownColumn } from './column-roles.ts';
import { ManifestError } from './manifest-error.ts';

/** How much of a file is inspected. */
const HEAD_CHARS = 4096;

const A_VIDEO =
  'is a video, not a table of videos. Kling fetches videos from http(s) addresses, so put it on a server or into a bucket, and list its address; `kling-sessions list <folder> --base-url https://…` writes the table.';

/** There are more video formats than their beginnings tell; a text holds no NUL. */
const VIDEO_NAME = /\.(?:mp4|mov|m4v|avi|mkv|webm|mpe?g|ts|mts|m2ts|wmv|flv|3gp)$/i;

/** Files that are not tables, by their beginning as Latin-1: what they are, and what to do. */
const OTHER_FILES: readonly [pattern: RegExp, sentence: string][] = [
  [/^.{4}ftyp|^\cZE\xdf\xa3|^RIFF.{4}AVI |^.{4}(?:moov|mdat|wide|free|skip)/s, A_VIDEO],
  [/^PAR[1E]/, 'is a compressed Parquet file; decompress it, as Parquet compresses by itself.'],
  [
    /^(?:ARROW1|FEA1|\xff\xff\xff\xff.{4}\cP\0\0\0)/s,
    'is an Arrow or Feather file; write the table as Parquet or CSV and import that.',
  ],
  [/^ORC/, 'is an ORC file; write the table as Parquet or CSV and import that.'],
  [/^Obj\cA/, 'is an Avro file; write the table as Parquet or CSV and import that.'],
  [
    /^(?:RD[AX][23]\n|X\n\0\0\0[\cB\cC]|\$FL[23]@|<stata_dta>|\x89HDF|\x80[\cB-\cE][\x95c}\]])/,
    'holds the data of a statistics program or of Python, which is not read here; write the table as Parquet or CSV and import that.',
  ],
  [
    /^[\cC01C\x83\x8b\xf5].[\cA-\cL].{25}\0\0/s,
    'is a dBASE table, which is not read here; save the table as CSV or .xlsx and import that.',
  ],
  [
    /^(?:ID;P|TABLE\r?\n0,1\r?\n)/,
    'is a table in an exchange format of spreadsheets (SYLK or DIF); save it as .xlsx or CSV and import that.',
  ],
  [
    /^(?:\s|--[^\n]*\n|\/\*[^\n]*\n)*(?:(?:insert\s+into|create\s+table|drop\s+table)\s[^,;\t|]|begin\s+transaction;|(?:set|pragma)\s+\w+\s*=)/i,
    'is a script of SQL; have the database write the table as CSV, for example with `psql --csv`, `sqlite3 -csv -header` or `mysql --batch`.',
  ],
  // The first form is what is left of it when its mark was taken for that of UTF-16.
  [
    /^(?:\0[^\0]\0[^\0]\0|[^\0]\0{3}[^\0]\0{3}|\0\0(?:\xfe\xff|\0[^\0]\0\0))/,
    'is text in UTF-32, which is not read here; save it as UTF-8 and import that.',
  ],
  [/^PK\cE\cF/, 'is an empty ZIP archive.'],
  [/^.{257}ustar/s, 'is an archive of files (tar); unpack it and import the table in it.'],
  [/^[^\0-\cZ -\xff]\x8b/, 'is compressed twice; decompress it once and import that.'],
  [/^%PDF-/, 'is a PDF; export the table as CSV or .xlsx and import that.'],
  [/^\x89PNG|^\xff\xd8\xff|^GIF8/, 'is a picture; import the table itself, as CSV or .xlsx.'],
  [/^SQLite format 3\0/, 'is a SQLite database; export the table as CSV and import that.'],
  [
    /^(?:7z\xbc\xaf|Rar!|BZh|\xfd7zXZ|\x28\xb5\x2f\xfd)/,
    'is compressed in a way that is not read here; decompress it, or use gzip.',
  ],
  [/<gnm:Workbook\b/, 'is a workbook of Gnumeric; save it as .xlsx or .ods and import that.'],
  [
    /<Workbook\b|urn:schemas-microsoft-com:office:spreadsheet|progid="Excel\.Sheet"/,
    'is a workbook in the XML format of 2003, whatever its name; open it in a spreadsheet program, save it as .xlsx and import that.',
  ],
  [
    /^\s*(?:<!doctype html|<html|<head|<body|<table|<tr|<meta)\b/i,
    'is an HTML page, not a table; if a spreadsheet program opens it, save it from there as .xlsx or CSV and import that.',
  ],
  [/^\s*<\?xml/i, 'is an XML document; save the table in it as CSV or .xlsx and import that.'],
  // A frame, or a rule of dashes under the names; in UTF-8 the corner of a frame begins with two bytes that lines share.
  [
    /^\s*(?:\|\|[^|\n][^\n]*\|\|[ \t]*\r?\n|\+--[-+]*\+\r?\n|\xe2(?:\x94[\x8c\x8f]|\x95[\x94\xad]))|^\s*[^\n]*\n(?=[^\n]*---)(?=[^\n]*-[^-\n]+-)[ :|+-]+\r?\n/,
    'is a table drawn for people to read; have the program write CSV, for example with `psql --csv`, `sqlite3 -csv -header` or `mysql --batch`.',
  ],
];

/** Addresses copied from a browser that lead to a page about a file instead of the file. */
const SHARE_LINKS: readonly [pattern: RegExp, advice: string][] = [
  [
    /^https?:\/\/docs\.google\.com\/spreadsheets\//i,
    'is a page of Google Sheets; in the address replace /edit and what follows by /export?format=xlsx, share the sheet with anyone who has the link, or download it and import the file.',
  ],
  [
    /^https?:\/\/drive\.google\.com\//i,
    'is a page of Google Drive; download the file and import that.',
  ],
  [
    /^https?:\/\/(?:www\.)?dropbox\.com\//i,
    'is a page of Dropbox; in the address replace dl=0 by dl=1, or download the file and import that.',
  ],
  [
    /^https?:\/\/(?:[\w-]+\.sharepoint\.com|1drv\.ms|onedrive\.live\.com)\//i,
    'is a page of OneDrive or SharePoint; download the file and import that.',
  ],
  [
    /^https?:/i,
    'is a web page, not a table, such as a link for people or a log-in; download the table and import the file.',
  ],
];

/**
 * Recognises files that are not manifests, before a whole page is mistaken for a column name.
 * @throws ManifestError `unsupported_format`.
 */
export function refuseOtherFiles(head: Buffer, label: string): void {
  const start = head.toString('latin1', 0, HEAD_CHARS).replace(/^\xef\xbb\xbf/, '');
  const known = OTHER_FILES.find(([pattern]) => pattern.test(start))?.[1];
  const found = known ?? (VIDEO_NAME.test(label) && head.includes(0) ? A_VIDEO : undefined);
  const sentence = found === undefined ? aboutPaths(head) : (aboutShareLink(start, label) ?? found);
  if (sentence !== null) throw new ManifestError('unsupported_format', `${label} ${sentence}`);
}

const aboutShareLink = (start: string, label: string): string | null =>
  /^\s*<(?:!doctype|html)/i.test(start)
    ? (SHARE_LINKS.find(([pattern]) => pattern.test(label))?.[1] ?? null)
    : null;

const VIDEO_PATH =
  /^(?:(?:[a-z]:[\\/]|\.{0,2}[\\/]|~\/)?[^"<>|,;\t]*\.(?:mp4|mov|m4v|avi|mkv|webm)|"[^"<>|\t]*\.(?:mp4|mov|m4v|avi|mkv|webm)")$/i;
const PATH_LINES = 10;

/** The first lines of a list of local paths are all paths of videos, below a name or a folder at most. */
function aboutPaths(head: Buffer): string | null {
  const lines = head
    .toString('utf8', 0, HEAD_CHARS)
    .split(/\r?\n/, PATH_LINES)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const isPath = (line: string): boolean => VIDEO_PATH.test(line) && !line.includes('://');
  const [first = '', ...others] = lines;
  const isList = isPath(first) || (others.length > 0 && !hasKnownColumn([first], {}));
  return isList && others.every(isPath)
    ? 'lists files of a machine. Kling fetches videos from http(s) addresses, so put them on a server or into a bucket, and list their addresses; `kling-sessions list <folder> --base-url https://…` writes the table.'
    : null;
}
