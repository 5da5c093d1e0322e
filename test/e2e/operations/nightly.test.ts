import { Webhook } from 'standardwebhooks';
import { describe, expect } from 'vitest';
import { startWebhookReceiver, type WebhookReceiver } from '../../setup/webhook-receiver.ts';
import { klingManifest, test, type Workplace } from '../e2e-test.ts';

const SECRET = `whsec_${Buffer.alloc(32, 6).toString('base64')}`;

const SCHEDULES = `
schedules:
  nightly:
    cron: "0 2 * * *"
    tz: Asia/Taipei
    manifest: "clips-*.csv"
    tag: [spring]
  weekly: { cron: "0 3 * * 0", tz: UTC, manifest: /srv/weekly.csv, paused: true }
`;

/** The notices that a receiver got, in order of arrival; throws when a signature is wrong. */
const told = ({ received }: WebhookReceiver): { type: string; data: Record<string, unknown> }[] =>
  received.map(({ headers, body }) => {
    new Webhook(SECRET).verify(body, headers as Record<string, string>);
    return JSON.parse(body);
  });

function tellTo(place: Workplace, receiver: WebhookReceiver): void {
  Object.assign(place.env, {
    NOTIFY_URL: receiver.url,
    NOTIFY_SECRET: SECRET,
    NOTIFY_ALLOW_HOSTS: receiver.host,
    DASHBOARD_URL: 'https://kling.example',
  });
}

describe.concurrent('nights', () => {
  test('schedules are set from a file, run, announced, shown and removed', async ({ place }) => {
    await using receiver = await startWebhookReceiver();
    await place.redis();
    const refused = { status: 400, code: 1301, message: 'not allowed' };
    await place.api({ fail: (_call, nth) => (nth === 2 ? refused : null) });
    tellTo(place, receiver);
    await place.write('clips-1.csv', klingManifest(2));
    await place.write('schedules.yaml', SCHEDULES);
    place.start(['worker']);

    const applied = await place.cli(['schedule', 'apply', 'schedules.yaml']);
    const bad = await place.cli(['schedule', 'run', 'nightly']);
    await receiver.waitFor(1);
    await place.write('clips-2.csv', klingManifest(3));
    const good = await place.cli(['schedule', 'run', 'nightly', '--json']);
    await receiver.waitFor(3);
    const shown = await place.cli(['schedule', 'show', 'nightly', '--json']);
    await place.write(
      'schedules.yaml',
      SCHEDULES.replace('0 2 *', '30 4 *').replace(/ {2}weekly.*/, ''),
    );
    const planned = await place.cli(['schedule', 'apply', 'schedules.yaml', '--dry-run']);
    const listed = await place.cli(['schedule', 'list']);
    const removed = await place.cli(['schedule', 'remove', 'weekly']);

    expect(applied).toMatchObject({
      exitCode: 0,
      stdout: `+ nightly  new: "0 2 * * *"  Asia/Taipei  ${place.path('clips-*.csv')}\n+ weekly  new: "0 3 * * 0"  UTC  /srv/weekly.csv\n`,
    });
    const ids = [bad.stdout.trim(), JSON.parse(good.stdout).batchId];
    const [first, ...later] = told(receiver);
    expect(first).toMatchObject({
      type: 'batch.finished_with_failures',
      data: {
        link: `https://kling.example/batches/${ids[0]}`,
        batch: { id: ids[0], schedule: 'nightly', tags: ['spring'], rows: 2, withoutSession: 1 },
        errors: [{ code: '1301', count: 1 }],
      },
    });
    // Different workers may send these two.
    expect(new Set(later.map(({ type }) => type))).toEqual(
      new Set(['batch.finished', 'schedule.recovered']),
    );
    expect(JSON.parse(shown.stdout)).toMatchObject({
      next: { length: 5 },
      runs: [
        { state: 'finished', batchId: ids[1], manifest: place.path('clips-2.csv') },
        { state: 'finished', batchId: ids[0], counts: { succeeded: 1, failed: 1 } },
      ],
    });
    expect(planned.stdout).toBe(
      '~ nightly\n    cron: 0 2 * * * → 30 4 * * *\n- weekly  removed, with its history\n',
    );
    expect(listed.stdout).toMatch(/^nightly {2}"0 2 \* \* \*"[\s\S]*\nweekly[\s\S]*\n {2}paused;/);
    expect(removed).toMatchObject({ exitCode: 0, stdout: 'Schedule weekly is removed.\n' });
  });

  test('notify test says whether the receiver accepted it', async ({ place }) => {
    await using receiver = await startWebhookReceiver((response, nth) =>
      response.writeHead(nth === 1 ? 200 : 500).end('thanks'),
    );
    tellTo(place, receiver);

    const taken = await place.cli(['notify', 'test']);
    const refused = await place.cli(['notify', 'test', '--json']);
    const kept = await place.cli(['notify', 'test', '--notify-allow-hosts', 'other.example']);

    expect(taken).toMatchObject({
      exitCode: 0,
      stdout: `${receiver.host} accepted the notice (200): thanks.\n`,
    });
    expect(refused.exitCode).toBe(1);
    expect(JSON.parse(refused.stdout)).toMatchObject({ kind: 'not_taken', status: 500 });
    expect(kept.exitCode).toBe(1);
    expect(kept.stdout).toContain('add it to NOTIFY_ALLOW_HOSTS to allow it');
    expect(told(receiver).map(({ type }) => type)).toEqual(['test', 'test']);
  });
});
