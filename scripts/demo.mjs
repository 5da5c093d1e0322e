// Runs the main job on the sample videos and compares the result of every row with the manifest.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkReport } from './check-report.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const work = join(root, '.kling-sessions', 'demo');
/** The port in the manifest's addresses. */
const MANIFEST_PORT = 4280;
/** Every row of the demo ends, but some end without a session. */
const EXIT_SOME_WITHOUT_SESSION = 3;

const NEXT_STEP = `
Next, with a key of the API and a table of your own:
  echo 'COMETAPI_KEY=sk-…' > .env
  npx kling-sessions run videos.csv
To see this batch in a browser:
  npx kling-sessions dashboard --sandbox --dir .kling-sessions/demo`;

console.log(
  'Opening sessions for the sample rows against a practice API; this takes up to a minute.',
);
const sandboxPort = (await isFree(MANIFEST_PORT)) ? MANIFEST_PORT : await findFreePort();
const report = join(work, 'videos.results.csv');
const exitCode = await run([
  'run',
  manifestFor(sandboxPort),
  '--sandbox',
  '--sandbox-port',
  String(sandboxPort),
  '--batch',
  `demo-${Date.now()}`,
  '--dir',
  work,
  '--out',
  report,
]);
process.exitCode =
  exitCode === EXIT_SOME_WITHOUT_SESSION ? settle(checkReport(report)) : exitCode || 1;

function settle({ rows, wrong }) {
  for (const sentence of wrong) console.error(sentence);
  if (wrong.length > 0) return 1;
  console.log(`All ${rows} rows ended as the manifest says they should.`);
  console.log(NEXT_STEP);
  return 0;
}

/** The manifest as it is, or a copy with other addresses if its port is taken. */
function manifestFor(sandboxPort) {
  const manifest = join(root, 'examples', 'videos.csv');
  if (sandboxPort === MANIFEST_PORT) return manifest;
  console.error(`Port ${MANIFEST_PORT} is taken; the practice API listens on ${sandboxPort}.`);
  mkdirSync(work, { recursive: true });
  const copy = join(work, 'videos.csv');
  const text = readFileSync(manifest, 'utf8');
  writeFileSync(copy, text.replaceAll(`127.0.0.1:${MANIFEST_PORT}`, `127.0.0.1:${sandboxPort}`));
  return copy;
}

function run(args) {
  const main = join(root, 'dist', 'cli', 'main.js');
  // Ignores the user's REDIS_URL: the demo starts its own server.
  const { REDIS_URL: _, ...environment } = process.env;
  const child = spawn(process.execPath, [main, ...args], { stdio: 'inherit', env: environment });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

function isFree(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

function findFreePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
