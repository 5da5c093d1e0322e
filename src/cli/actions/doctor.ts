import { describePlace } from '../../lib/database/postgres/address.ts';
import { redactRedisUrl } from '../../lib/redis/address.ts';
import { SETTINGS, type SettingName, type Settings } from '../../lib/settings/settings.ts';
import { findMissingCredentials } from '../../library/wiring/credentials.ts';
import { requireFfprobe } from '../../library/wiring/prober.ts';
import { findProxyOf } from '../../library/wiring/proxies.ts';
import { type Finding, SECTIONS } from '../doctor/finding.ts';
import { lookAtDatabase } from '../doctor/look-at-database.ts';
import { lookAtFolders } from '../doctor/look-at-folders.ts';
import { lookAtRedis } from '../doctor/look-at-redis.ts';
import { searchPath } from '../process/environment.ts';
import { EXIT, type ExitCode } from '../process/exit.ts';
import { createTerminal, type Terminal } from '../process/terminal.ts';
import { cutText, padText } from '../process/text-width.ts';

export async function executeDoctor(
  flags: { json: boolean },
  settings: Settings,
): Promise<ExitCode> {
  const terminal = createTerminal(process.env);
  const findings = [
    checkNode(),
    checkKey(settings),
    checkProxy(settings),
    checkFfprobe(settings),
    ...(await lookAtRedis(settings)),
    ...(await lookAtDatabase(settings)),
    ...(await lookAtFolders(settings)),
  ];
  const shown = showSettings(settings);
  if (flags.json === true) {
    const whole = findings.map((finding) => ({ ...finding, section: SECTIONS[finding.name] }));
    const values = Object.fromEntries(shown.map(({ name, value }) => [name, value]));
    terminal.print(JSON.stringify({ findings: whole, settings: values }));
  } else {
    for (const finding of findings) terminal.print(describe(terminal, finding));
    printSettings(terminal, shown);
  }
  return findings.some(({ grade }) => grade === 'bad') ? EXIT.usage : EXIT.ok;
}

function describe(terminal: Terminal, { name, grade, message }: Finding): string {
  const mark = {
    good: terminal.style('green', 'ok     '),
    warning: terminal.style('yellow', 'warning'),
    bad: terminal.style('red', 'bad    '),
  }[grade];
  const more = grade === 'good' ? '' : ` See docs/operations.md, “${SECTIONS[name]}”.`;
  return `${mark}  ${name.padEnd(12)}  ${message}${more}`;
}

/** A setting in force. Secrets are hidden. */
interface ShownSetting {
  name: SettingName;
  value: string;
  /** Set in the environment, by a flag or in `.env`. */
  isChanged: boolean;
}

function showSettings(settings: Settings): ShownSetting[] {
  return (Object.keys(SETTINGS) as SettingName[]).map((name) => {
    const setting = SETTINGS[name];
    const value = shownValue(name, settings);
    const fallback = 'default' in setting && setting.default !== '' ? setting.default : NOT_SET;
    return { name, value, isChanged: value !== fallback };
  });
}

const NOT_SET = '(not set)';

function shownValue(name: SettingName, settings: Settings): string {
  const setting = SETTINGS[name];
  const value = settings[name];
  // An empty list counts as a value.
  if (String(value ?? '') === '') return NOT_SET;
  if ('isSecret' in setting) return withoutSecret(name, settings);
  // As people write it (`20s`), not as the program stores it (20000).
  const given = process.env[name] || ('default' in setting ? setting.default : '');
  return given || String(value);
}

/** The part of an address that is not secret. */
function withoutSecret(name: SettingName, { REDIS_URL, RESULTS_DATABASE_URL }: Settings): string {
  if (name === 'REDIS_URL') return redactRedisUrl(String(REDIS_URL));
  if (name === 'RESULTS_DATABASE_URL' && RESULTS_DATABASE_URL) {
    return describePlace(RESULTS_DATABASE_URL);
  }
  return '(set)';
}

const LONGEST_VALUE = 44;

function printSettings(terminal: Terminal, shown: readonly ShownSetting[]): void {
  const nameWidth = Math.max(...shown.map(({ name }) => name.length));
  const valueWidth = Math.min(LONGEST_VALUE, Math.max(...shown.map(({ value }) => value.length)));
  terminal.print('\nSettings (* differs from the default):');
  for (const { name, value, isChanged } of shown) {
    const column = padText(cutText(value, valueWidth), valueWidth);
    const purpose = terminal.style('dim', SETTINGS[name].purpose);
    terminal.print(`${isChanged ? '*' : ' '} ${name.padEnd(nameWidth)}  ${column}  ${purpose}`);
  }
}

function checkNode(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const isGood = major > 20 || (major === 20 && minor >= 19);
  return {
    name: 'Node',
    grade: isGood ? 'good' : 'bad',
    message: isGood ? process.version : `${process.version} is too old; 20.19 or later is needed.`,
  };
}

function checkKey(settings: Settings): Finding {
  const missing = findMissingCredentials(settings);
  if (missing !== null) return { name: 'key', grade: 'warning', message: missing };
  const given = settings.API_AUTH === 'bearer' ? 'COMETAPI_KEY is' : "Kling's two keys are";
  return {
    name: 'key',
    grade: 'good',
    message: `${given} set; only a call to the API can verify this.`,
  };
}

function checkProxy(settings: Settings): Finding {
  const name = 'proxy';
  const { HTTPS_PROXY, HTTP_PROXY, API_BASE_URL } = settings;
  if (HTTPS_PROXY === undefined && HTTP_PROXY === undefined) {
    return { name, grade: 'good', message: 'none: HTTPS_PROXY and HTTP_PROXY are not set' };
  }
  const { host } = new URL(API_BASE_URL);
  const proxy = findProxyOf(settings)(new URL(API_BASE_URL));
  const way = proxy === null ? 'directly' : `through ${proxy.host}`;
  const message = `calls reach ${host} ${way}; HTTPS_PROXY, HTTP_PROXY and NO_PROXY apply to calls, notices and manifests at an address, never to probing`;
  return { name, grade: 'good', message };
}

function checkFfprobe(settings: Settings): Finding {
  try {
    return {
      name: 'ffprobe',
      grade: 'good',
      message: requireFfprobe(settings, searchPath()),
    };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { name: 'ffprobe', grade: 'bad', message };
  }
}
