import { readdirSync, readFileSync } from 'node:fs';
import { parseScenario, type Scenario, ScenarioError } from './scenario.ts';

const BUILT_IN_DIR = new URL('./built-in/', import.meta.url);
const EXTENSION = '.json';

/** Names that `scenario` accepts instead of a path, in alphabetical order. */
export function builtInScenarioNames(): string[] {
  return readdirSync(BUILT_IN_DIR)
    .filter((file) => file.endsWith(EXTENSION))
    .map((file) => file.slice(0, -EXTENSION.length))
    .toSorted();
}

/** A built-in scenario by name. Throws `ScenarioError`, which lists the names. */
export function loadBuiltInScenario(name: string): Scenario {
  const names = builtInScenarioNames();
  if (!names.includes(name)) {
    throw new ScenarioError(`"${name}"`, [
      `no built-in scenario has this name; there are ${names.join(', ')}`,
    ]);
  }
  return readScenario(new URL(`${name}${EXTENSION}`, BUILT_IN_DIR), name);
}

/** A built-in scenario by name, or the file at that path. Throws `ScenarioError`. */
export function loadScenario(nameOrPath: string): Scenario {
  const isPath = nameOrPath.includes('/') || nameOrPath.endsWith(EXTENSION);
  return isPath ? readScenario(nameOrPath, nameOrPath) : loadBuiltInScenario(nameOrPath);
}

function readScenario(file: string | URL, origin: string): Scenario {
  return parseScenario(parseJsonFile(file, origin), origin);
}

function parseJsonFile(file: string | URL, origin: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new ScenarioError(origin, [describeMistake(error)]);
  }
}

function describeMistake(error: unknown): string {
  if (error instanceof SyntaxError) return 'it must be JSON, as docs/sandbox.md shows';
  const { code, message } = error as NodeJS.ErrnoException;
  return code === 'ENOENT'
    ? 'there is no file with this path'
    : `it cannot be read (${code ?? message})`;
}
