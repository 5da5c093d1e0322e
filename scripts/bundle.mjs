// @ts-check
// Bundles the modules in src, and the packages that they use, into a few files in the given folder. Unbundled they are
// hundreds of modules. Loading them took most of a command's time, and memory that a worker kept.
//
//   node scripts/bundle.mjs <folder>

import { builtinModules } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import licensePlugin from 'rollup-plugin-license';
import { BESIDE_THE_BUNDLE } from './published.mjs';

const [folder] = process.argv.slice(2);
if (folder === undefined)
  throw new Error('Name the folder for the bundle: `node scripts/bundle.mjs <folder>`.');
const root = dirname(import.meta.dirname);
const src = join(root, 'src');

/** The plugin's types describe another way to import it. */
const license = /** @type {typeof licensePlugin.default} */ (
  /** @type {unknown} */ (licensePlugin)
);

const bundle = await rolldown({
  input: {
    'cli/main': join(src, 'cli/main.ts'),
    'library/main': join(src, 'library/main.ts'),
    'client/main': join(src, 'client/main.ts'),
    // A thread starts from its own file.
    'lib/video/ffprobe/thread': join(src, 'lib/video/ffprobe/thread.ts'),
  },
  platform: 'node',
  // cron-parser imports the CommonJS form, which would be a second copy.
  resolve: { alias: { luxon: fileURLToPath(import.meta.resolve('luxon')) } },
  transform: {
    target: 'node20.19',
    // ioredis and msgpackr use these names, in code that does not run here.
    define: { __dirname: 'import.meta.dirname', __filename: 'import.meta.filename' },
  },
  external: (id, importer) =>
    id.startsWith('node:') ||
    // BullMQ names it for a store that is not used; bundled with BullMQ, every worker would load it.
    (id === 'pg' && importer?.includes('/bullmq/') === true) ||
    builtinModules.includes(id) ||
    BESIDE_THE_BUNDLE.some((name) => id === name || id.startsWith(`${name}/`)),
  plugins: [keepPlaces(), license({ thirdParty: { output: join(folder, 'LICENSES.txt') } })],
});
await bundle.write({
  dir: folder,
  format: 'esm',
  // Node keeps the text of each loaded module in memory. LICENSES.txt holds the licences.
  comments: { jsdoc: false, annotation: false },
  entryFileNames: '[name].js',
  chunkFileNames: 'chunks/[name]-[hash].js',
});
await bundle.close();

/**
 * Keeps the meaning of `import.meta.url`: the place of its own module. Scripts for Redis, scenarios and the pages'
 * files are found beside their module, and `src` and `dist` have them in the same places.
 *
 * @returns {import('rolldown').Plugin}
 */
function keepPlaces() {
  return {
    name: 'keep-places',
    transform(code, id) {
      if (!id.startsWith(src + sep) || !code.includes('import.meta.url')) return null;
      const place = relative(src, id).replaceAll(sep, '/').replace(/\.ts$/, '.js');
      return code.replaceAll('import.meta.url', `'place-of:${place}'`);
    },
    renderChunk(code, { fileName }) {
      return code.replaceAll(/(['"`])place-of:([\w./-]+)\1/g, (_found, _quote, place) => {
        const path = relative(dirname(fileName), place).replaceAll(sep, '/');
        return `new URL('${path}', import.meta.url).href`;
      });
    },
  };
}
