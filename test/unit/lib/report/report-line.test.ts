import { describe, expect, it } from 'vitest';
import type { ManifestRow, ManifestShape } from '../../../../src/lib/core/manifest/manifest.ts';
import type { Outcome } from '../../../../src/lib/core/row/outcome.ts';
import { createReportFormatter } from '../../../../src/lib/report/create-report-formatter.ts';
import type { ReportEntry } from '../../../../src/lib/report/report-formatter.ts';

const roles = { video_url: 'url', video_id: null, task_id: null, video_created_at: null };
const csv: ManifestShape = { format: 'csv', delimiter: ',', columns: ['url', 'name'], roles };
const jsonl: ManifestShape = { format: 'jsonl', delimiter: null, columns: ['url', 'n'], roles };
const list: ManifestShape = { format: 'list', delimiter: null, columns: ['video_url'], roles };

const KLING_HEADER =
  'kling_row,kling_status,kling_session_id,kling_expires_at,kling_error_code,kling_error,' +
  'kling_warnings,kling_attempts,kling_request_id,kling_duration_s,kling_width,kling_height,' +
  'kling_fps,kling_duplicate_of,kling_finished_at,kling_units,kling_balance,kling_batch,' +
  'kling_unclear_calls,kling_sent';

const FINISHED_AT_MS = Date.parse('2026-05-31T10:00:00Z');

const succeeded: Outcome = {
  status: 'succeeded',
  finishedAtMs: FINISHED_AT_MS,
  attempts: 2,
  session: { id: '849123456789012345', expiresAtMs: Date.parse('2026-06-01T10:00:00Z') },
  warnings: ['29.97 fps counts as 30', 'rotated'],
  requestId: 'req-1',
  video: { durationS: 5.005, width: 1280, height: 720, fps: 29.97 },
};

function outcome(fields: Partial<Outcome>): Outcome {
  return { status: 'failed', finishedAtMs: FINISHED_AT_MS, attempts: 0, warnings: [], ...fields };
}

function entry(
  cells: string[],
  result: ReportEntry['result'],
  fields: Partial<ManifestRow> & { original?: Outcome } = {},
): ReportEntry {
  const { original = null, ...row } = fields;
  return { row: { row: 3, line: 4, cells, ...row }, result, original };
}

function csvLine(of: ReportEntry, shape = csv): string {
  return String(createReportFormatter(shape, 'csv').line(of));
}

describe('CSV report', () => {
  it('a CSV report begins with the user columns, then ours', () => {
    expect(createReportFormatter(csv, 'csv').header).toBe(`url,name,${KLING_HEADER}\n`);
  });

  it('a CSV report shows everything about a success', () => {
    expect(csvLine(entry(['u', 'n'], succeeded))).toBe(
      'u,n,3,succeeded,849123456789012345,2026-06-01T10:00:00.000Z,,,29.97 fps counts as 30; rotated,' +
        '2,req-1,5.005,1280,720,29.97,,2026-05-31T10:00:00.000Z,,,,,\n',
    );
  });

  it('a CSV report says that a call under way may have opened a session', () => {
    const opening = entry(['https://a.example/1.mp4', 'n'], 'opening');
    const line = csvLine({ ...opening, callBeganMs: FINISHED_AT_MS });
    expect(line).toContain(
      ',a call has begun and has no answer yet: it may have opened a session,',
    );
    expect(line).toContain(',2026-05-31T10:00:00.000Z,"{""video_url""');
    const lost = { lostCalls: 1, lostCallTimes: [FINISHED_AT_MS - 1_000] };
    expect(csvLine({ ...opening, lost, callBeganMs: FINISHED_AT_MS })).toContain(
      ',2026-05-31T09:59:59.000Z; 2026-05-31T10:00:00.000Z,',
    );
  });

  it('a CSV report shows why a row failed', () => {
    const failed = outcome({ error: { code: '1201', message: 'bad, "worse"' }, attempts: 1 });
    expect(csvLine(entry(['u', 'n'], failed))).toBe(
      'u,n,3,failed,,,1201,"bad, ""worse""",,1,,,,,,,2026-05-31T10:00:00.000Z,,,,,\n',
    );
  });

  it('a CSV report shows where a row is that has not ended', () => {
    expect(csvLine(entry(['u', 'n'], 'waiting'))).toBe('u,n,3,waiting,,,,,,,,,,,,,,,,,,\n');
  });

  it('a CSV report gives a duplicate the session of the row that it repeats', () => {
    const duplicate = outcome({ status: 'duplicate', duplicateOf: 1, finishedAtMs: 0 });
    expect(csvLine(entry(['u', 'n'], duplicate, { original: succeeded }))).toBe(
      'u,n,3,duplicate,849123456789012345,2026-06-01T10:00:00.000Z,,,29.97 fps counts as 30; rotated,' +
        '0,req-1,5.005,1280,720,29.97,1,2026-05-31T10:00:00.000Z,,,,,\n',
    );
  });

  it('a CSV report shows a duplicate without a session while the row that it repeats has none', () => {
    const duplicate = outcome({ status: 'duplicate', duplicateOf: 1 });
    expect(csvLine(entry(['u', 'n'], duplicate))).toBe(
      'u,n,3,duplicate,,,,,,0,,,,,,1,2026-05-31T10:00:00.000Z,,,,,\n',
    );
  });

  it('a CSV report shows how many sessions may exist beside the recorded one', () => {
    expect(csvLine(entry(['u', 'n'], outcome({ possibleOrphans: 2 })))).toContain(
      ',2 other sessions may exist: calls got no clear answer,',
    );
  });

  it('a CSV report shows when the calls without a clear answer began, and what they sent', () => {
    const unclear = outcome({
      status: 'unconfirmed',
      unclearCalls: [FINISHED_AT_MS - 5_000, FINISHED_AT_MS],
    });
    expect(csvLine(entry(['https://a.example/1.mp4?sig=x', 'n'], unclear))).toContain(
      ',2026-05-31T09:59:55.000Z; 2026-05-31T10:00:00.000Z,"{""video_url"":""https://a.example/1.mp4?sig=x""}"\n',
    );
  });

  it('a CSV report shows the lost calls of a row that has not ended', () => {
    const lost = { lostCalls: 1, lostCallTimes: [FINISHED_AT_MS] };
    const waiting = { ...entry(['https://a.example/1.mp4', 'n'], 'ready'), lost };
    expect(csvLine(waiting)).toBe(
      'https://a.example/1.mp4,n,3,ready,,,,,1 other session may exist: a call got no clear answer,' +
        ',,,,,,,,,,,2026-05-31T10:00:00.000Z,"{""video_url"":""https://a.example/1.mp4""}"\n',
    );
  });

  it.each([
    ['a delimiter', 'a,b', '"a,b"'],
    ['a quote', 'a"b', '"a""b"'],
    ['a line end', 'a\r\nb', '"a\r\nb"'],
    ['a formula', '=1+1', '=1+1'],
    ['white space', ' a ', ' a '],
  ])('a CSV report writes a user cell with %s', (_, cell, written) => {
    expect(csvLine(entry(['u', cell], 'waiting'))).toBe(
      `u,${written},3,waiting,,,,,,,,,,,,,,,,,,\n`,
    );
  });

  it.each([
    [';', 'a;b', '"a;b"'],
    ['\t', 'a\tb', '"a\tb"'],
    ['|', 'a|b', '"a|b"'],
    ['|', 'a,b', 'a,b'],
  ] as const)('a CSV report has the delimiter of the manifest, %j', (delimiter, cell, written) => {
    const line = csvLine(entry(['u', cell], 'ready'), { ...csv, delimiter });
    expect(line.startsWith(['u', written, '3', 'ready'].join(delimiter))).toBe(true);
  });

  it.each(['=cmd()', '+1', '-1', '@sum', '\tx', '\rx'])(
    'a CSV report keeps a spreadsheet from running %j in what it quotes',
    (text) => {
      const quoting = outcome({
        error: { code: text, message: text },
        warnings: [text],
        requestId: text,
      });
      const line = csvLine(entry(['u', 'n'], quoting));
      const cell = text.includes('\r') ? `"'${text}"` : `'${text}`;
      expect(line).toContain(`failed,,,${cell},${cell},${cell},0,${cell},`);
    },
  );

  it.each(['=cmd()', '+1', '-1', '@sum'])(
    'a CSV report keeps a spreadsheet from running the session id %j',
    (id) => {
      const opened = outcome({ status: 'succeeded', session: { id, expiresAtMs: 0 } });
      expect(csvLine(entry(['u', 'n'], opened))).toContain(`succeeded,'${id},`);
    },
  );

  it('a CSV report escapes the user cells as well on request', () => {
    const formatter = createReportFormatter(csv, 'csv', { escapesOwnCells: true });
    expect(formatter.line(entry(['=1', 'ok'], 'ready'))).toMatch(/^'=1,ok,3,ready/);
  });

  it('a CSV report keeps its own columns aligned beside ragged rows', () => {
    const formatter = createReportFormatter(csv, 'csv', { maxCells: 3 });
    expect(formatter.header).toBe(`url,name,,${KLING_HEADER}\n`);
    expect(formatter.line(entry(['u', 'n', 'x'], 'ready'))).toMatch(/^u,n,x,3,ready/);
    expect(formatter.line(entry(['u'], 'ready'))).toMatch(/^u,,,3,ready/);
  });

  it('a CSV report returns the exact bytes of a row that is not UTF-8', () => {
    const line = createReportFormatter(csv, 'csv').line(
      entry(['u', 'caf\xe9,'], outcome({ error: { code: 'é', message: '' } }), { isBinary: true }),
    );
    expect(line).toEqual(
      Buffer.concat([
        Buffer.from('u,"caf\xe9,"', 'latin1'),
        Buffer.from(',3,failed,,,é,,,0,,,,,,,2026-05-31T10:00:00.000Z,,,,,\n', 'utf8'),
      ]),
    );
  });

  it('a CSV report spreads JSON objects over the columns, with their digits unchanged', () => {
    const line = csvLine(entry(['{"n":849123456789012345.0,"x":1}'], 'ready'), jsonl);
    expect(line).toMatch(/^,849123456789012345.0,3,ready/);
    const nested = csvLine(entry(['{"url":"u","n":{"a":[1, null]}}'], 'ready'), jsonl);
    expect(nested).toMatch(/^u,"\{""a"":\[1,null\]\}",3,ready/);
  });

  it('a CSV report of a list has one column', () => {
    expect(createReportFormatter(list, 'csv').header).toBe(`video_url,${KLING_HEADER}\n`);
    expect(csvLine(entry(['u'], 'ready'), list)).toMatch(/^u,3,ready/);
  });
});

describe('JSONL report', () => {
  const KLING_WAITING =
    '"kling_row":3,"kling_status":"waiting","kling_session_id":null,"kling_expires_at":null,' +
    '"kling_error_code":null,"kling_error":null,"kling_warnings":null,"kling_attempts":null,' +
    '"kling_request_id":null,"kling_duration_s":null,"kling_width":null,"kling_height":null,' +
    '"kling_fps":null,"kling_duplicate_of":null,"kling_finished_at":null,"kling_units":null,"kling_balance":null,"kling_batch":null,"kling_unclear_calls":null,"kling_sent":null';

  function jsonLine(of: ReportEntry, shape = jsonl): string {
    return String(createReportFormatter(shape, 'jsonl').line(of));
  }

  it('a JSONL report has no header', () => {
    expect(createReportFormatter(jsonl, 'jsonl').header).toBeNull();
  });

  it('a JSONL report extends the original object', () => {
    const json = '{ "n": 1.50e3, "é": "\\u00e9" }';
    expect(jsonLine(entry([json], 'waiting'))).toBe(
      `{"n": 1.50e3, "é": "\\u00e9",${KLING_WAITING}}\n`,
    );
    expect(jsonLine(entry(['{}'], 'waiting'))).toBe(`{${KLING_WAITING}}\n`);
  });

  it('a JSONL report has one line a row for readers that know other ends of lines, too', () => {
    const text = 'a\u0085b\u2028c\u2029d';
    const ofCsv = jsonLine(entry([text], 'waiting'), { ...csv, columns: ['n'] });
    const ofJsonl = jsonLine(entry([`{"n":"${text}"}`], 'waiting'));
    for (const line of [ofCsv, ofJsonl]) {
      expect(line).not.toMatch(/[\u0085\u2028\u2029]/);
      expect(JSON.parse(line)).toMatchObject({ n: text });
    }
  });

  it('a JSONL report keeps a line that is not an object', () => {
    const defect = { code: 'broken_json' as const, column: null, value: null, message: '' };
    expect(jsonLine(entry(['{"a'], 'waiting', { defect }))).toBe(
      `{"kling_line":"{\\"a",${KLING_WAITING}}\n`,
    );
  });

  it('a JSONL report names the cells of a CSV row, each once', () => {
    const shape = { ...csv, columns: ['url', 'a', 'a', ''] };
    expect(jsonLine(entry(['u', '1', '2', '3', '4'], 'waiting'), shape)).toBe(
      `{"url":"u","a":"1","a_2":"2","column_4":"3","column_5":"4",${KLING_WAITING}}\n`,
    );
  });

  it('a JSONL report has numbers as numbers and ids as strings', () => {
    expect(JSON.parse(jsonLine(entry(['{}'], succeeded)))).toMatchObject({
      kling_session_id: '849123456789012345',
      kling_duration_s: 5.005,
      kling_attempts: 2,
    });
  });
});
