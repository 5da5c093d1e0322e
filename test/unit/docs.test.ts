import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { HANDBOOK } from '../../src/cli/handbook.ts';
import { EXIT } from '../../src/cli/process/exit.ts';
import { buildProgram } from '../../src/cli/program.ts';
import { OUTCOME_STATUSES, PENDING_STATES } from '../../src/lib/core/row/row.ts';
import { KLING_COLUMNS } from '../../src/lib/report/kling-values.ts';
import { SETTINGS } from '../../src/lib/settings/settings.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** Cells of every table row of a page, without the code marks around a whole cell. */
const tableRows = (page: string): string[][] =>
  page
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) =>
      line
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim().replace(/^`([^`]*)`$/, '$1')),
    );

/** A flag where it is described, with or without its value. */
const FLAG = /(?<=`)--[a-z-]+/g;

const program = await buildProgram(() => undefined);

/** The text under a heading, down to the next one of the same rank. */
function section(page: string, heading: string): string {
  const [, ...rest] = page.split(`\n## ${heading}\n`);
  return (rest[0] ?? '').split('\n## ')[0] ?? '';
}

describe('operations.md', () => {
  const table = tableRows(section(read('docs/operations.md'), 'Settings'));

  test.each(Object.entries(SETTINGS))('operations.md describes %s as it is', (name, setting) => {
    const fallback = 'default' in setting && setting.default !== '' ? setting.default : 'none';
    const whenToChange = expect.stringMatching(/\w/);
    const row = [name, fallback, setting.range, setting.purpose, whenToChange];
    expect(table).toContainEqual(row);
  });

  test.each(Object.values(HANDBOOK))(
    'operations.md has the section “%s”, which doctor points to',
    (heading) => {
      expect(section(read('docs/operations.md'), heading)).not.toBe('');
    },
  );

  test('operations.md describes no setting that there is not', () => {
    const names = table.map(([name]) => name).filter((name) => /^[A-Z_]+$/.test(name ?? ''));
    expect(names).toEqual(Object.keys(SETTINGS));
  });
});

describe('cli.md', () => {
  const page = read('docs/cli.md');
  const manifestOptions = section(page, 'Manifest options');

  /** A command's own section, with that of the options which it shares and links to. */
  function sectionOf(command: Command): string {
    const operands = command.registeredArguments.map((argument) =>
      argument.variadic ? `<${argument.name()}...>` : `<${argument.name()}>`,
    );
    const own = section(page, `\`${[command.name(), ...operands].join(' ')}\``);
    return own.includes('](#manifest-options)') ? own + manifestOptions : own;
  }

  const flagsOf = (command: Command): string[] => [
    ...command.options.map((option) => option.long ?? ''),
    ...command.commands.flatMap(flagsOf),
  ];

  test.each(program.commands.map((command) => [command.name(), command] as const))(
    'cli.md describes %s with its flags and subcommands',
    (_, command) => {
      const described = sectionOf(command);
      const subcommands = command.commands.map((sub) => `\`${command.name()} ${sub.name()}\``);
      expect(described).not.toBe('');
      expect(new Set(described.match(FLAG))).toEqual(new Set(flagsOf(command)));
      expect(subcommands.filter((name) => !described.includes(name))).toEqual([]);
    },
  );

  test('cli.md lists every exit code', () => {
    const codes = tableRows(section(page, 'Exit codes')).slice(2);
    expect(codes.map(([code]) => Number(code))).toEqual(Object.values(EXIT));
  });

  test('cli.md lists every column and every status of the report', () => {
    const words = new Set<string>(section(page, 'The report').match(/`[a-z_]+`/g));
    const wanted = [...KLING_COLUMNS, ...OUTCOME_STATUSES, ...PENDING_STATES];
    expect(wanted.filter((word) => !words.has(`\`${word}\``))).toEqual([]);
  });
});

describe('events.md', () => {
  const described = tableRows(read('docs/events.md'))
    .filter(([message]) => message !== 'message' && !message?.startsWith('-'))
    .map(([message, level]) => `${level}: ${message}`);

  test('events.md lists every log event with its level, and no other', () => {
    const logged = sourceFiles().flatMap((path) => eventsIn(read(path)));
    expect(described.toSorted()).toEqual([...new Set(logged)].toSorted());
  });

  test('a log call without a constant message is noticed', () => {
    expect(() => eventsIn('log.warn({ row }, message);')).toThrow();
  });
});

function sourceFiles(): string[] {
  return readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => join('src', path));
}

/** `level: message` of each log call, whose last argument has to be a constant text. */
function eventsIn(source: string): string[] {
  const calls = [...source.matchAll(/\blog\.(trace|debug|info|warn|error|fatal)\(/g)];
  return calls.map((call) => {
    const end = closingParenthesis(source, call.index + call[0].length);
    const given = source.slice(call.index + call[0].length, end).trim();
    const message = /(?:^|,\s*)'([^']+)',?$/.exec(given)?.[1];
    if (message === undefined) throw new Error(`log call without a constant message: ${given}`);
    return `${call[1]}: ${message}`;
  });
}

function closingParenthesis(source: string, start: number): number {
  let depth = 1;
  let at = start;
  for (; depth > 0 && at < source.length; at += 1) {
    if (source[at] === '(') depth += 1;
    if (source[at] === ')') depth -= 1;
  }
  return at - 1;
}

describe('decision records', () => {
  const index = read('docs/decisions/README.md');
  const records = readdirSync(join(root, 'docs/decisions')).filter((name) => /^\d/.test(name));

  test.each(records)('%s has at most 40 lines and is in the index by its title', (name) => {
    const lines = read(`docs/decisions/${name}`).trimEnd().split('\n');
    expect(lines.length).toBeLessThanOrEqual(40);
    expect(index).toContain(`[${lines[0]?.replace(/^# /, '')}](${name})`);
  });

  test('the index lists each of them once, by number', () => {
    const listed = [...index.matchAll(/^\| .*\]\((\d.*?)\)/gm)].map(([, name]) => name);
    expect(listed).toEqual(records.toSorted());
  });
});

describe('references', () => {
  const pages = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md'].concat(
    readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.md'))
      .map((path) => join('docs', path)),
  );

  test.each(pages)('%s links to pages and headings that are there', (page) => {
    const links = [...read(page).matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(([, to = '']) => to);
    const broken = links.filter((link) => !leadsSomewhere(page, link));
    expect(broken).toEqual([]);
  });

  test.each(pages)('%s names no source file that there is not', (page) => {
    const files = [...read(page).matchAll(/`([\w-]+(?:\/[\w-]+)*\/[\w-]+\.(?:ts|mjs|lua))`/g)];
    const known = ['', 'src', 'src/lib'].map((folder) => join(root, folder));
    const missing = files
      .map(([, file = '']) => file)
      .filter((file) => !known.some((folder) => existsSync(join(folder, file))));
    expect(missing).toEqual([]);
  });
});

function leadsSomewhere(page: string, link: string): boolean {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? page : join(dirname(page), path);
  try {
    return anchor === undefined ? read(target) !== '' : anchorsOf(read(target)).includes(anchor);
  } catch {
    return false;
  }
}

/** Headings as a forge turns them into anchors. */
const anchorsOf = (page: string): string[] =>
  (page.match(/^#+ .*$/gm) ?? []).map((heading) =>
    heading
      .replace(/^#+ /, '')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-'),
  );
