import { z } from 'zod';
import {
  damagedRun,
  type KeptSchedule,
  type Schedule,
  type ScheduleRun,
} from '../core/schedule/schedule.ts';
import { loadScript } from '../redis/script.ts';
import { describeIssues, jsonText, storedJson } from '../store/redis/packing/stored-json.ts';
import { ignoreType } from '../store/redis/reading/ignore-type.ts';
import { RedisPart } from '../store/redis/redis-part.ts';
import { UnreadableRecord } from '../store/unreadable-record.ts';
import { runSchema, scheduleSchema } from './schedule-schema.ts';
import {
  KEPT_RUNS,
  type ScheduleRecord,
  type ScheduleStore,
  type VersionedRun,
} from './schedule-store.ts';

const LUA = new URL('./lua/', import.meta.url);
const setSchedule = loadScript(LUA, 'set-schedule', {
  keys: ['schedules', 'schedule'],
  args: ['name', 'definition', 'timing', 'nowMs'],
});
const pauseSchedule = loadScript(LUA, 'pause-schedule', {
  keys: ['schedule'],
  args: ['isPaused', 'nowMs'],
});
const addRuns = loadScript(LUA, 'add-runs', {
  keys: ['schedule', 'runs'],
  args: ['plannedUntilMs', 'keptRuns'],
  rest: 'records',
  fields: ['plannedAtMs', 'run'],
});
const swapRun = loadScript(LUA, 'swap-run', {
  keys: ['runs'],
  args: ['plannedAtMs', 'expected', 'next'],
});

const NAMES_AT_ONCE = 100;

/** ms, as text. */
const moment = z
  .string()
  .regex(/^\d{1,15}$/, 'is not a moment')
  .transform(Number);

const scheduleHash = z.object({
  definition: jsonText(scheduleSchema),
  isPaused: z.enum(['0', '1']).transform((text) => text === '1'),
  plannedUntilMs: moment,
  createdAtMs: moment,
  setAtMs: moment,
});

const storedRun = storedJson<ScheduleRun>('A run', runSchema);
const storedSchedule = storedJson<Schedule>('A schedule', scheduleSchema);

const unreadable = (name: string, reason: string): UnreadableRecord =>
  new UnreadableRecord(
    `Schedule ${name}`,
    reason,
    `\`kling-sessions schedule remove ${name}\` removes it.`,
  );

const isTime = (field: string): boolean => /^\d{1,15}$/.test(field);

/** Schedules in Redis. */
export class RedisScheduleStore extends RedisPart implements ScheduleStore {
  async list(): Promise<KeptSchedule[]> {
    const records = await this.listRecords();
    return records.flatMap((record) => (record.kind === 'schedule' ? [record.kept] : []));
  }

  async listRecords(): Promise<ScheduleRecord[]> {
    const found: ScheduleRecord[] = [];
    for (let start = 0; ; start += NAMES_AT_ONCE) {
      const end = start + NAMES_AT_ONCE - 1;
      const names = await this.redis.zrange(this.keys.schedules, String(start), String(end));
      const records = await Promise.all(names.map((name) => this.#readRecord(name)));
      found.push(...records.filter((record) => record !== null));
      if (names.length < NAMES_AT_ONCE) return found;
    }
  }

  async #readRecord(name: string): Promise<ScheduleRecord | null> {
    try {
      const kept = await this.read(name);
      return kept && { kind: 'schedule', kept };
    } catch (error) {
      if (!(error instanceof UnreadableRecord)) throw error;
      return { kind: 'unreadable', name, reason: error.message };
    }
  }

  async read(name: string): Promise<KeptSchedule | null> {
    const hash = await this.redis.hgetall(this.keys.schedule(name)).catch((error: Error) => {
      ignoreType(error);
      throw unreadable(name, 'its key holds something else');
    });
    if (Object.keys(hash).length === 0) return null;
    const read = scheduleHash.safeParse(hash);
    if (!read.success) throw unreadable(name, describeIssues(read.error));
    const { definition, ...kept } = read.data;
    return { schedule: definition, ...kept };
  }

  async set(schedule: Schedule, nowMs: number): Promise<'created' | 'changed' | 'unchanged'> {
    const { name, cron, zone } = schedule;
    // Parsed, so that the same schedule always has the same text.
    const definition = storedSchedule.write(scheduleSchema.parse(schedule));
    const reply = await setSchedule.run(
      this.redis,
      { schedules: this.keys.schedules, schedule: this.keys.schedule(name) },
      { name, definition, timing: JSON.stringify([cron, zone]), nowMs },
    );
    return z.enum(['created', 'changed', 'unchanged']).parse(reply);
  }

  async setPaused(
    name: string,
    isPaused: boolean,
    nowMs: number,
  ): Promise<'changed' | 'unchanged' | 'not_found'> {
    const reply = await pauseSchedule.run(
      this.redis,
      { schedule: this.keys.schedule(name) },
      { isPaused: isPaused ? '1' : '0', nowMs },
    );
    return z.enum(['changed', 'unchanged', 'not_found']).parse(reply);
  }

  async remove(name: string): Promise<boolean> {
    const { schedules, schedule, runs } = this.keys;
    // No transaction, which a full Redis refuses. Interrupted, it leaves a damaged schedule, which can be removed.
    await this.redis.unlink(schedule(name), runs(name));
    return (await this.redis.zrem(schedules, name)) === 1;
  }

  async listRuns(name: string): Promise<ScheduleRun[]> {
    const texts = await this.redis.hgetall(this.keys.runs(name));
    return Object.entries(texts)
      .filter(([time]) => isTime(time))
      .map(([time, text]) => storedRun.tryRead(text) ?? damagedRun(Number(time)))
      .toSorted((one, other) => other.plannedAtMs - one.plannedAtMs);
  }

  async readLastRun(name: string): Promise<ScheduleRun | null> {
    const times = (await this.redis.hkeys(this.keys.runs(name))).filter(isTime);
    if (times.length === 0) return null;
    return (await this.readRun(name, Math.max(...times.map(Number))))?.run ?? null;
  }

  async readRun(name: string, plannedAtMs: number): Promise<VersionedRun | null> {
    const version = await this.redis.hget(this.keys.runs(name), String(plannedAtMs));
    if (version === null) return null;
    return { run: storedRun.tryRead(version) ?? damagedRun(plannedAtMs), version };
  }

  async addRuns(
    name: string,
    runs: readonly ScheduleRun[],
    plannedUntilMs: number | null,
  ): Promise<number[]> {
    const records = runs.map((run) => ({
      plannedAtMs: run.plannedAtMs,
      run: storedRun.write(run),
    }));
    const reply = await addRuns.run(
      this.redis,
      { schedule: this.keys.schedule(name), runs: this.keys.runs(name) },
      { plannedUntilMs: plannedUntilMs ?? '', keptRuns: KEPT_RUNS, records },
    );
    return z.array(z.coerce.number()).parse(reply);
  }

  async swapRun(name: string, version: string, next: ScheduleRun): Promise<VersionedRun | null> {
    const text = storedRun.write(next);
    const isSwapped = await swapRun.run(
      this.redis,
      { runs: this.keys.runs(name) },
      { plannedAtMs: next.plannedAtMs, expected: version, next: text },
    );
    return isSwapped === 1 ? { run: next, version: text } : null;
  }
}
