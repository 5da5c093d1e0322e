import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import axe from 'axe-core';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { expect, inject } from 'vitest';
import { hashPassword } from '../../src/dashboard/auth/password-hash.ts';
import type { Role } from '../../src/dashboard/dashboard-env.ts';
import { klingManifest, Workplace } from '../e2e/e2e-test.ts';
import type { ApiServerOptions } from '../setup/api-server.ts';
import type { CliProcess } from '../setup/cli-process.ts';

/** What continuous integration keeps of a run. */
const SCREENSHOTS = fileURLToPath(new URL('../../artefacts/screenshots', import.meta.url));
/** The last six keep Chromium from contacting other hosts. */
const CHROMIUM_FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
/** A low cost, so that the tests are fast. */
const COST = { N: 1_024, r: 8, p: 1 };
const PASSWORD = 'correct horse';
const REFUSED = { status: 400, code: 1201, message: 'the clip is odd' };

interface ReaderOptions {
  colorScheme?: 'light' | 'dark';
  timezoneId?: string;
  javaScriptEnabled?: boolean;
}

/** A dashboard with a worker, an API and a Redis of its own, and a browser to look at it. */
export class DashboardLab implements AsyncDisposable {
  readonly place: Workplace;
  readonly url: string;
  readonly #browser: Browser;
  #dashboard: CliProcess;

  private constructor(place: Workplace, dashboard: CliProcess, url: string, browser: Browser) {
    this.place = place;
    this.url = url;
    this.#dashboard = dashboard;
    this.#browser = browser;
  }

  static async open(api: ApiServerOptions): Promise<DashboardLab> {
    const place = new Workplace(await mkdtemp(join(tmpdir(), 'kling-browser-')));
    try {
      return await DashboardLab.#openIn(place, api);
    } catch (error) {
      await place[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** With a batch of 30 rows that has ended; the API refused three of them. */
  static async openWithBatch(id: string): Promise<DashboardLab> {
    const lab = await DashboardLab.open({
      fail: ({ body }) => (String(body.video_id).endsWith('3') ? REFUSED : null),
    });
    try {
      await lab.#finishBatch(id);
      return lab;
    } catch (error) {
      await lab[Symbol.asyncDispose]();
      throw error;
    }
  }

  async #finishBatch(id: string): Promise<void> {
    await this.place.write('clips.csv', klingManifest(30));
    await this.place.cli(['import', 'clips.csv', '--batch', id, '--max-failures', 'off']);
    const page = await this.visitAs('olga');
    await page.goto(`/batches/${id}`);
    await page.locator('#state', { hasText: 'completed' }).waitFor();
    await page.context().close();
  }

  static async #openIn(place: Workplace, api: ApiServerOptions): Promise<DashboardLab> {
    await Promise.all([place.redis(), place.api(api), mkdir(SCREENSHOTS, { recursive: true })]);
    const password = await hashPassword(PASSWORD, COST);
    const user = (name: string, role: Role) => ({ name, role, password });
    const users = JSON.stringify([user('olga', 'operator'), user('victor', 'viewer')]);
    await place.write('users.json', users);
    const worker = place.start(['worker', '--api-concurrency', '5']);
    const [dashboard] = await Promise.all([
      startDashboard(place, '0'),
      worker.waitForText('worker started'),
    ]);
    const browser = await chromium.launch({
      executablePath: inject('chromiumPath') ?? '',
      args: CHROMIUM_FLAGS,
    });
    return new DashboardLab(place, dashboard, await dashboard.firstLine(), browser);
  }

  /** Opens a browser without a log-in. Any error of its pages fails the test. */
  async visit(options: ReaderOptions = {}): Promise<Page> {
    const context: BrowserContext = await this.#browser.newContext({
      baseURL: this.url,
      viewport: { width: 1_200, height: 800 },
      ...options,
    });
    context.setDefaultTimeout(30_000);
    return await context.newPage();
  }

  async visitAs(name: string, options?: ReaderOptions): Promise<Page> {
    const page = await this.visit(options);
    await page.goto('/login');
    await logIn(page, name, PASSWORD);
    await page.waitForURL(`${this.url}/`);
    return page;
  }

  /** Resolves when the process has ended and its port is free. */
  async killDashboard(): Promise<void> {
    this.#dashboard.kill('SIGKILL');
    await this.#dashboard.result();
  }

  /** At its previous address. */
  async startDashboard(): Promise<void> {
    this.#dashboard = await startDashboard(this.place, new URL(this.url).port);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
    await this.place[Symbol.asyncDispose]();
  }
}

async function startDashboard(place: Workplace, port: string): Promise<CliProcess> {
  const env = {
    DASHBOARD_USERS: 'users.json',
    DASHBOARD_PORT: port,
    DASHBOARD_NAME: 'Studio nights',
  };
  const dashboard = place.start(['dashboard'], { env });
  await dashboard.waitForText('http://');
  return dashboard;
}

export async function logIn(page: Page, name: string, password: string): Promise<void> {
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
}

/** Accessibility problems that a program can find (axe-core, serious and worse). */
export async function findBarriers(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = (await page.evaluate('axe.run()')) as axe.AxeResults;
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${page.url()} ${id}: ${nodes[0]?.html}`);
}

const WIDTHS_PX = [1_440, 800, 380];
/** Of small phones. */
const NARROWEST_PX = 360;

/** Screenshots as people see the page; it must not be wider than the window. */
export async function keepWidths(page: Page, name: string): Promise<void> {
  for (const width of WIDTHS_PX) {
    await expectFits(page, name, width);
    await keepScreenshot(page, `${name}-${width}`);
  }
  await expectFits(page, name, NARROWEST_PX);
}

async function expectFits(page: Page, name: string, width: number): Promise<void> {
  await page.setViewportSize({ width, height: 800 });
  const shownPx = await page.evaluate('document.documentElement.scrollWidth');
  expect([name, shownPx]).toEqual([name, width]);
}

/** Kept by continuous integration, for people to look at. */
export async function keepScreenshot(page: Page, name: string): Promise<void> {
  const path = join(SCREENSHOTS, `${name}.png`);
  const image = await page.screenshot({ path, fullPage: true });
  expect(image.length).toBeGreaterThan(5_000);
}
