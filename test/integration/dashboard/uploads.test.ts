import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { IMPORT_OPTIONS } from '../../../src/lib/requests/import-request.ts';
import { DashboardLab } from './dashboard-lab.ts';

const UPLOADS = '/api/v1/uploads';
const MANIFEST =
  'Title,Where\nfirst,https://videos.example/1.mp4\nsecond,nowhere\nthird,https://videos.example/3.mp4\n';
interface Answer {
  id: string;
  examined: { message: string };
  entries: object[];
  error: { message: string };
}
const read = async (response: Response): Promise<Answer> => (await response.json()) as Answer;

const LIMIT_BYTES = 2_097_152;

describe('upload by a program', () => {
  it('an upload by a program is checked, mapped, started as the user who sent it, and then deleted', async () => {
    const lab = await DashboardLab.open();
    const sent = await lab.sendFile(`${UPLOADS}?name=C:\\clips\\night.csv`, MANIFEST);
    const upload = await read(sent);
    expect(upload).toMatchObject({
      fileName: 'night.csv',
      sizeBytes: MANIFEST.length,
      examined: { kind: 'not_understood', columns: ['Title', 'Where'] },
    });
    expect(upload.examined.message).toContain('`video_url=<column>` in the query');
    const path = `${UPLOADS}/${upload.id}`;
    const { examined } = await read(await lab.ask(`${path}?video_url=Where`));
    expect(examined).toMatchObject({
      rows: 3,
      counts: { url: 2, kling: 0, invalid: 1, duplicate: 0 },
      problems: [{ line: 3, column: 'Where' }],
    });

    const wanted = { map: { video_url: 'Where' }, batchId: 'night', tags: ['spring', 'ads'] };
    const started = await lab.ask(`${path}/start`, 'POST', wanted);
    expect([started.status, await started.json()]).toEqual([
      200,
      { batchId: 'night', wasFound: false },
    ]);
    await expect.poll(async () => (await lab.bench.batch('night')).state).toBe('running');
    expect(await lab.bench.batch('night')).toMatchObject({
      rows: 3,
      arrangements: { tags: ['spring', 'ads'] },
    });
    const { entries } = await read(await lab.ask('/api/v1/batches/night/history'));
    expect(entries).toEqual([
      expect.objectContaining({ who: 'anna', what: 'uploaded and started it' }),
    ]);
    expect((await lab.ask(`${path}/start`, 'POST', wanted)).status).toBe(404);
  });

  it('an upload by a program can be discarded', async () => {
    const lab = await DashboardLab.open();
    const { id } = await read(await lab.sendFile(UPLOADS, MANIFEST));
    expect((await lab.ask(`${UPLOADS}/${id}`, 'DELETE', {})).status).toBe(200);
    expect((await lab.ask(`${UPLOADS}/${id}`)).status).toBe(404);
  });

  it.each([
    [
      'a file that says that it is too large',
      'x'.repeat(LIMIT_BYTES + 1),
      413,
      /larger than 2 MiB/,
    ],
    ['an empty file', '', 400, /not empty/],
  ])('an upload by a program is refused: %s', async (_, content, status, words) => {
    const lab = await DashboardLab.open({ maxUploadBytes: LIMIT_BYTES });
    const answer = await lab.sendFile(UPLOADS, content);
    expect([answer.status, await answer.json()]).toEqual([
      status,
      { error: { code: expect.any(String), message: expect.stringMatching(words) } },
    ]);
  });

  it('an upload is cut off once it proves too large', async () => {
    const lab = await DashboardLab.open({ maxUploadBytes: LIMIT_BYTES });
    const part = new TextEncoder().encode('x'.repeat(65_536));
    const endless = new ReadableStream<Uint8Array>({ pull: (to) => to.enqueue(part) });
    const answer = await lab.sendFile(UPLOADS, endless).catch((error: Error) => error);
    // A client that is still sending may see a broken connection before the answer.
    if (answer instanceof Response) expect(answer.status).toBe(413);
    expect((await lab.ask('/healthz')).status).toBe(200);
  });

  it("an upload by a program is refused as a form, which another site's page could send", async () => {
    const lab = await DashboardLab.open();
    const answer = await lab.sendFile(UPLOADS, MANIFEST, 'text/plain');
    expect([answer.status, (await read(answer)).error.message]).toEqual([
      403,
      expect.stringContaining('or `application/octet-stream` with a file'),
    ]);
  });

  it.each([
    ['a tag that cannot be one', { tags: ['a b'] }, 400, /tags: Use letters/],
    ['a priority beyond the greatest', { priority: 101 }, 400, /priority/],
    ['no column for the videos', {}, 409, /`video_url=<column>` in `map`/],
    ['a column that there is not', { map: { video_url: 'Elsewhere' } }, 409, /Elsewhere/],
    ['an unknown option', { reused: true }, 400, /reused/],
  ])('an upload does not start with %s', async (_, wanted, status, words) => {
    const lab = await DashboardLab.open();
    const { id } = await read(await lab.sendFile(UPLOADS, MANIFEST));
    const answer = await lab.ask(`${UPLOADS}/${id}/start`, 'POST', wanted);
    expect([answer.status, (await read(answer)).error.message]).toEqual([
      status,
      expect.stringMatching(words),
    ]);
  });
});

/** All options of an import, as JSON and as the form sends them. */
const EVERYTHING = {
  batch: 'night',
  map: { video_url: 'Where' },
  delimiter: ',',
  format: 'csv',
  skipHidden: false,
  limit: 2,
  canary: 1,
  priority: 70,
  maxSessions: 500,
  maxFailures: '12',
  tag: ['spring', 'ads'],
  mends: 'earlier',
  reuse: true,
  strictFps: true,
  finishBy: '06:00',
  window: '22:00-06:00',
  keepAlive: '3d',
  tz: 'Asia/Taipei',
  out: 'https://storage.example/{yyyy}/night.csv?signature=secret',
};
const FORM: Record<string, string> = {
  ...(Object.fromEntries(
    Object.entries(EVERYTHING).filter(([name]) => name !== 'map' && name !== 'skipHidden'),
  ) as Record<string, string>),
  'map.video_url': 'Where',
  limit: '2',
  canary: '1',
  priority: '70',
  maxSessions: '500',
  tag: 'spring, ads',
  reuse: 'on',
  strictFps: 'on',
};
const NIGHT = {
  rows: 2,
  priority: 70,
  maxSessions: 500,
  keepAlive: { untilMs: expect.any(Number), zone: 'Asia/Taipei' },
  mends: 'earlier',
  report: {
    place: expect.stringMatching(/^https:\/\/storage\.example\/\d{4}\/night\.csv\?…$/),
    last: null,
  },
  options: {
    strictFps: true,
    maxFailures: { kind: 'count', rows: 12 },
    reuse: true,
    trialRows: 1,
  },
  arrangements: {
    tags: ['spring', 'ads'],
    finishBy: { zone: 'Asia/Taipei' },
    window: { from: '22:00', to: '06:00', zone: 'Asia/Taipei' },
  },
};

describe('options of an import', () => {
  it('an import by the API has every option of `import`', async () => {
    const lab = await DashboardLab.open();
    await lab.openBatch('earlier', {});
    const { id } = await read(await lab.sendFile(UPLOADS, MANIFEST));
    const { sheet, ...all } = {
      ...{ sheet: null, continue: null, key: null, keepAliveUntil: null },
      ...EVERYTHING,
    };
    expect(new Set([...Object.keys(all), 'sheet'])).toEqual(new Set(Object.keys(IMPORT_OPTIONS)));
    const started = await lab.ask(`${UPLOADS}/${id}/start`, 'POST', { ...all, sheet });
    expect([started.status, await started.json()]).toEqual([200, expect.anything()]);
    await expect.poll(async () => (await lab.bench.batch('night')).rows).toBe(2);
    expect(await lab.bench.batch('night')).toMatchObject(NIGHT);
  });

  it('an import by the form of the page has the same options', async () => {
    const lab = await DashboardLab.open();
    await lab.openBatch('earlier', {});
    const page = (await lab.submitFile(MANIFEST)).headers.get('location') ?? '';
    const started = await lab.submit('/upload', `${page}/start`, FORM);
    expect(started.headers.get('location')).toBe('/batches/night?done=started');
    await expect.poll(async () => (await lab.bench.batch('night')).rows).toBe(2);
    expect(await lab.bench.batch('night')).toMatchObject(NIGHT);
  });

  it('an import names no file on the workers’ machine for its report, unless REPORT_FOLDERS names its folder', async () => {
    const lab = await DashboardLab.open();
    const { id } = await read(await lab.sendFile(UPLOADS, MANIFEST));
    const wanted = { map: { video_url: 'Where' }, out: '/srv/out/night.csv' };
    const refused = await lab.ask(`${UPLOADS}/${id}/start`, 'POST', wanted);
    expect(refused.status).toBe(400);
    expect(await refused.text()).toContain('REPORT_FOLDERS');
  });

  it('an import takes three options by their former names', async () => {
    const lab = await DashboardLab.open();
    const { id } = await read(await lab.sendFile(UPLOADS, MANIFEST));
    const former = { batchId: 'night', trialRows: 1, tags: ['spring'] };
    const wanted = { map: { video_url: 'Where' }, ...former };
    expect((await lab.ask(`${UPLOADS}/${id}/start`, 'POST', wanted)).status).toBe(200);
    expect(await lab.bench.batch('night')).toMatchObject({
      options: { trialRows: 1 },
      arrangements: { tags: ['spring'] },
    });
  });
});

describe('upload by the page', () => {
  it('an upload by the page says what is wrong, keeps the input, and starts nothing', async () => {
    const lab = await DashboardLab.open();
    const page = (await lab.submitFile(MANIFEST)).headers.get('location') ?? '';
    const wrong = { 'map.video_url': 'Where', priority: '101', tag: 'a <b>' };
    const refused = await lab.submit('/upload', `${page}/start`, wrong);
    const shown = await refused.text();
    expect(refused.status).toBe(400);
    expect(shown).toContain('Priority, 1 to 100: 101 cannot be used. Use a whole number');
    expect(shown).toContain('value="a &lt;b&gt;"');
    expect(shown).toContain('name="map.video_url" value="Where"');
    expect((await lab.submit('/upload', `${page}/start`, { ...FORM, mends: 'none' })).status).toBe(
      400,
    );
    expect((await lab.look(page)).status).toBe(200);
  });

  it('an upload by the page is read in the stated format and encoding', async () => {
    const lab = await DashboardLab.open();
    const page =
      (await lab.submitFile('Where\tTitle\nhttps://a.example/1.mp4\tx\n')).headers.get(
        'location',
      ) ?? '';
    const read = async (query: string) => await (await lab.look(`${page}?${query}`)).text();
    expect(await read('map.video_url=Where&delimiter=TAB')).toContain('separated by TAB');
    expect(await read('delimiter=x')).toContain('Use one of , ; | or TAB.');
    expect(await read('map.video_url=Where&sheet=Clips')).toContain('has no sheets');
  });

  it('an upload by the page is accepted up to its limit, and refused with one byte more', async () => {
    const lab = await DashboardLab.open({ maxUploadBytes: LIMIT_BYTES });
    const header = 'video_url\n';
    const taken = await lab.submitFile(header + '\n'.repeat(LIMIT_BYTES - header.length));
    expect([taken.status, taken.headers.get('location')]).toEqual([
      303,
      expect.stringMatching(/^\/upload\/[\w-]+$/),
    ]);
    const refused = await lab.submitFile('x'.repeat(LIMIT_BYTES + 1));
    expect([refused.status, await refused.text()]).toEqual([
      413,
      expect.stringContaining('The file is larger than 2 MiB.'),
    ]);
  });

  it("an upload by the page is refused without the page's token", async () => {
    const lab = await DashboardLab.open();
    expect((await lab.submitFile(MANIFEST, 'guessed')).status).toBe(403);
  });
});

const recorded = async (name: string): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(await readFile(join(import.meta.dirname, '../../corpus/tables', name)));

describe('what people should know about a table', () => {
  it.each([
    ['libreoffice-7.4.ods', /1 row that .* tick “Leave out hidden rows” below/, /“Sheet” below/],
    ['libreoffice-7.4-gb18030.csv', /GB18030/, /./],
    ['gnumeric-1.12-of-a-workbook.csv', /have lost their last digits/, /./],
  ])('a note about a table is on the page that shows an upload: %s', async (name, ...words) => {
    const lab = await DashboardLab.open();
    const sent = await lab.submitFile(await recorded(name));
    const page = await (await lab.look(sent.headers.get('location') ?? '')).text();
    for (const word of words) expect(page).toMatch(word);
    expect(page).not.toMatch(/--(?:map|sheet|skip-hidden)/);
  });

  it('a note about a table is in the answer to a program', async () => {
    const lab = await DashboardLab.open();
    const sent = await lab.sendFile(UPLOADS, await recorded('libreoffice-7.4.ods'));
    const { examined } = await read(sent);
    expect(examined).toMatchObject({
      remarks: expect.arrayContaining([
        expect.stringMatching(/leave hidden rows out use `skipHidden`/),
      ]),
    });
  });
});

it.each(['duckdb-1.5.parquet', 'polars-0.26.parquet', 'arrow-rs-v2.parquet'])(
  'Parquet is read from the page and from a program: %s',
  async (name) => {
    const lab = await DashboardLab.open();
    const { id, examined } = await read(await lab.sendFile(UPLOADS, await recorded(name)));
    expect(examined).toMatchObject({ kind: 'understood', container: 'parquet' });
    const started = await lab.ask(`${UPLOADS}/${id}/start`, 'POST', { batch: 'columns' });
    expect([started.status, await started.json()]).toMatchObject([200, { batchId: 'columns' }]);
    const sent = await lab.submitFile(await recorded(name));
    const page = await (await lab.look(sent.headers.get('location') ?? '')).text();
    expect(page).toContain('Parquet, ');
  },
);
