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
  external: (id) =>
    id.startsWith('node:') ||
    builtinModules.includes(id) ||
    BESIDE_THE_BUNDLE.some((name) => id === name || id.startsWith(`${name}/`)),
  plugins: [
    keepPlaces(),
    leaveOutPostgresOfBullMq(),
    license({ thirdParty: { output: join(folder, 'LICENSES.txt') } }),
  ],
});
await bundle.write({
  dir: folder,
  format: 'esm',
  // Node keeps the text of each loaded module in memory. LICENSES.txt holds the licences.
  comments: { jsdoc: false, annotation: false },
  entryFileNames: '[name].js',
  chunkFileNames: 'chunks/[name]-[hash].js',
  codeSplitting: {
    groups: layers([
      ['start', 'cli/main.ts'],
      ['command', 'cli/commands/with-redis.ts'],
      ['redis', 'library/wiring/stores.ts'],
    ]),
  },
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

/**
 * Puts what most commands load into few files. Node finds and reads each file by itself, which takes longer than
 * running it. Each layer is what its module imports, without the layers before it. All other modules stay in files by
 * who needs them.
 *
 * @param {readonly (readonly [layer: string, module: string])[]} roots
 * @returns {import('rolldown').CodeSplittingGroup[]}
 */
function layers(roots) {
  // Decisions need no Redis, and are also for commands without one.
  const core = join(src, 'lib/core/');
  /** @type {Map<string, string>} */
  const layerOf = new Map();
  /** @type {(context: import('rolldown').ChunkingContext, id: string, layer: string) => void} */
  const add = (context, id, layer) => {
    const module = context.getModuleInfo(id);
    if (module === null || layerOf.has(id)) return;
    // Other files must not import the program itself: it waits for them.
    if (!module.isEntry)
      layerOf.set(id, id.startsWith(core) && layer === 'redis' ? 'command' : layer);
    for (const imported of module.importedIds) add(context, imported, layer);
  };
  return roots.map(([layer], at) => ({
    debugName: layer,
    priority: roots.length - at,
    name: (id, context) => {
      if (layerOf.size === 0) for (const [name, root] of roots) add(context, join(src, root), name);
      return layerOf.get(id) === layer ? layer : null;
    },
  }));
}

/**
 * BullMQ also comes with queues in PostgreSQL, a quarter of its code. They are not used here, and each worker would
 * load them, `pg` included.
 *
 * @returns {import('rolldown').Plugin}
 */
function leaveOutPostgresOfBullMq() {
  return {
    name: 'leave-out-postgres-of-bullmq',
    load: (id) =>
      /\/bullmq\/dist\/\w+\/postgres\/index\.js$/.test(id) ? 'exports.none = null;' : null,
  };
}
