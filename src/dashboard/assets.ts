import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import type { Route } from './route.ts';

const TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

export const STYLE_SHEETS = [
  'colours.css',
  'page.css',
  'pieces.css',
  'charts.css',
  'controls.css',
] as const;
const NAMES = [...STYLE_SHEETS, 'dashboard.js', 'icon.svg'] as const;
type AssetName = (typeof NAMES)[number];

/** The address contains a digest, so that browsers may cache the file for ever and never use an old one. */
const assets = new Map(
  NAMES.map((name) => {
    const body = readFileSync(new URL(`assets/${name}`, import.meta.url));
    const digest = createHash('sha256').update(body).digest('hex').slice(0, 12);
    const type = TYPES[extname(name)] ?? 'application/octet-stream';
    return [name, { url: `/assets/${digest}/${name}`, body, digest, type }] as const;
  }),
);

export const assetUrl = (name: AssetName): string => assets.get(name)?.url ?? '';

export const assetRoutes = (): Route[] =>
  [...assets.values()].map(({ url, body, digest, type }) => ({
    method: 'GET',
    path: url,
    access: 'anyone',
    handle: (context) => {
      context.header('Cache-Control', 'public, max-age=31536000, immutable');
      context.header('ETag', `"${digest}"`);
      if (context.req.header('if-none-match') === `"${digest}"`) return context.body(null, 304);
      return context.body(body, 200, { 'Content-Type': type });
    },
  }));
