import { redactRedisUrl } from '../../lib/redis/address.ts';
import { connectRedis, RedisUnusable } from '../../lib/redis/connection.ts';
import { SETTINGS, type SettingName, type Settings } from '../../lib/settings/settings.ts';
import { HANDBOOK } from '../handbook.ts';
import { EXIT, type ExitCode } from '../process/exit.ts';
import { createTerminal, type Terminal } from '../process/terminal.ts';
import { requireFfprobe } from '../wiring/prober.ts';
import { DEFAULT_REDIS_URL } from '../wiring/stores.ts';

/** What was looked at, how it is, and what to do about it. */
interface Finding {
  name: keyof typeof SECTIONS;
  grade: 'good' | 'warning' | 'bad';
  message: string;
}

/** Where the handbook tells more of what is looked at. */
const SECTIONS = {
  Node: HANDBOOK.needs,
  key: HANDBOOK.settings,
  ffprobe: HANDBOOK.needs,
  Redis: HANDBOOK.needs,
  persistence: HANDBOOK.persistence,
  memory: HANDBOOK.sizing,
  clock: HANDBOOK.needs,
} as const;

export async function executeDoctor(
  flags: { json: boolean },
  settings: Settings,
): Promise<ExitCode> {
  const terminal = createTerminal(process.env);
  const findings = [
    checkNode(),
    checkKey(settings),
    checkFfprobe(settings),
    ...(await checkRedis(settings)),
  ];
  if (flags.json === true) {
    const whole = findings.map((finding) => ({ ...finding, section: SECTIONS[finding.name] }));
    terminal.print(JSON.stringify({ findings: whole, settings: shown(settings) }));
  } else {
    for (const finding of findings) terminal.print(describe(terminal, finding));
    terminal.print('\nSettings:');
    for (const [name, value] of Object.entries(shown(settings))) {
      terminal.print(
        `  ${name.padEnd(20)} ${value.padEnd(36)} ${terminal.style('dim', SETTINGS[name as SettingName].purpose)}`,
      );
    }
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

/** Every setting as it is in force, secrets hidden. */
function shown(settings: Settings): Record<string, string> {
  return Object.fromEntries(
    Object.entries(SETTINGS).map(([name, setting]) => {
      const value = settings[name as SettingName];
      // Also an empty list.
      if (String(value ?? '') === '') return [name, '(not set)'];
      if ('isSecret' in setting) {
        return [name, name === 'REDIS_URL' ? redactRedisUrl(String(value)) : '(set)'];
      }
      // As people write it (`20s`), not as the program reads it (20000).
      const given = process.env[name] || ('default' in setting ? setting.default : '');
      return [name, given || String(value)];
    }),
  );
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

function checkKey({ COMETAPI_KEY }: Settings): Finding {
  return COMETAPI_KEY
    ? {
        name: 'key',
        grade: 'good',
        message: 'COMETAPI_KEY is set; only a call shows whether it is good.',
      }
    : {
        name: 'key',
        grade: 'warning',
        message: 'COMETAPI_KEY is not set; only the practice API (`run --sandbox`) can be used.',
      };
}

function checkFfprobe(settings: Settings): Finding {
  try {
    return {
      name: 'ffprobe',
      grade: 'good',
      message: requireFfprobe(settings),
    };
  } catch (error) {
    return { name: 'ffprobe', grade: 'bad', message: messageOf(error) };
  }
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

async function checkRedis(settings: Settings): Promise<Finding[]> {
  if (settings.REDIS_URL === undefined) {
    return [
      {
        name: 'Redis',
        grade: 'warning',
        message: `REDIS_URL is not set: \`run\` starts a private server, everything else uses ${DEFAULT_REDIS_URL}.`,
      },
    ];
  }
  try {
    const redis = await connectRedis(settings.REDIS_URL, 'kling-sessions-doctor', 'impatient');
    try {
      const info = readInfo(await redis.info());
      const [seconds] = await redis.time();
      return [version(info), persistence(info), memory(info), clock(Number(seconds))];
    } finally {
      redis.disconnect();
    }
  } catch (error) {
    if (!(error instanceof RedisUnusable)) throw error;
    return [{ name: 'Redis', grade: 'bad', message: error.message }];
  }
}

type Info = ReadonlyMap<string, string>;

const readInfo = (text: string): Info =>
  new Map(
    text.split('\r\n').flatMap((line) => {
      const at = line.indexOf(':');
      return at > 0 ? [[line.slice(0, at), line.slice(at + 1)] as const] : [];
    }),
  );

function version(info: Info): Finding {
  const text = info.get('valkey_version') ?? info.get('redis_version') ?? '0';
  const [major = 0, minor = 0] = text.split('.').map(Number);
  const isGood = major > 6 || (major === 6 && minor >= 2);
  return {
    name: 'Redis',
    grade: isGood ? 'good' : 'bad',
    message: isGood
      ? `version ${text}, evicts nothing`
      : `version ${text} is too old; 6.2 or later is needed.`,
  };
}

function persistence(info: Info): Finding {
  const isOn = info.get('aof_enabled') === '1';
  return {
    name: 'persistence',
    grade: isOn ? 'good' : 'warning',
    message: isOn
      ? 'append-only file is on'
      : 'append-only file is off: a crash of Redis loses rows and sessions. Set appendonly yes.',
  };
}

function memory(info: Info): Finding {
  const used = Number(info.get('used_memory'));
  const limit = Number(info.get('maxmemory'));
  const usedText = info.get('used_memory_human') ?? '?';
  if (limit === 0)
    return {
      name: 'memory',
      grade: 'good',
      message: `${usedText} used, no limit`,
    };
  const percent = Math.round((used / limit) * 100);
  return {
    name: 'memory',
    grade: percent < 80 ? 'good' : 'warning',
    message: `${percent} % of maxmemory used${percent < 80 ? '' : '; when it is full, imports stop. Raise maxmemory.'}`,
  };
}

function clock(redisSeconds: number): Finding {
  const apartS = Math.abs(Date.now() / 1_000 - redisSeconds);
  return {
    name: 'clock',
    grade: apartS < 5 ? 'good' : 'warning',
    message:
      apartS < 5
        ? 'agrees with Redis'
        : `differs from Redis by ${Math.round(apartS)} s: shown times and expiries are off. Synchronise the clocks.`,
  };
}
