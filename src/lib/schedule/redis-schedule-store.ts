import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { KeptSchedule, Schedule, ScheduleRun } from '../core/schedule/schedule.ts';
import { loadScript } from '../redis/script.ts';
import type { Keys } from '../store/keys.ts';
import { runSchema, scheduleSchema } from './schedule-schema.ts';
import { KEPT_RUNS, type ScheduleStore, type VersionedRun } from './schedule-store.ts';

const LUA = new URL('./lua/', import.meta.url);
const setSchedule = loadScript(LUA, 'set-schedule');
const pauseSchedule = loadScript(LUA, 'pause-schedule');
const addRuns = loadScript(LUA, 'add-runs');
const swapRun = loadScript(LUA, 'swap-run');

const NAMES_AT_ONCE = 100;

const scheduleHash = z.object({
  definition: z.string().transform((text) => scheduleSchema.parse(JSON.parse(text))),
  isPaused: z.enum(['0', '1']).transform((text) => text === '1'),
  plannedUntilMs: z.coerce.number(),
  createdAtMs: z.coerce.number(),
  setAtMs: z.coerce.number(),
});

const parseRun = (text: string): ScheduleRun => runSchema.parse(JSON.parse(text));

/** Schedules on Redis. The connection is the caller's and stays open. */
export class RedisScheduleStore implements ScheduleStore {
  readonly #redis: Redis;
  readonly #keys: Keys;

  constructor(redis: Redis, keys: Keys) {
    this.#redis = redis;
    this.#keys = keys;
  }

  async list(): Promise<KeptSchedule[]> {
    const found: KeptSchedule[] = [];
    for (let start = 0; ; start += NAMES_AT_ONCE) {
      const end = start + NAMES_AT_ONCE - 1;
      const names = await this.#redis.zrange(this.#keys.schedules, String(start), String(end));
      const kept = await Promise.all(names.map((name) => this.read(name)));
      found.push(...kept.filter((schedule) => schedule !== null));
      if (names.length < NAMES_AT_ONCE) return found;
    }
  }

  async read(name: string): Promise<KeptSchedule | null> {
    const hash = await this.#redis.hgetall(this.#keys.schedule(name));
    if (Object.keys(hash).length === 0) return null;
    const { definition, ...kept } = scheduleHash.parse(hash);
    return { schedule: definition, ...kept };
  }

  async set(schedule: Schedule, nowMs: number): Promise<'created' | 'changed' | 'unchanged'> {
    const { name, cron, zone } = schedule;
    // Parsed, so that the same schedule is always the same text.
    const definition = JSON.stringify(scheduleSchema.parse(schedule));
    const reply = await setSchedule.run(
      this.#redis,
      [this.#keys.schedules, this.#keys.schedule(name)],
      [name, definition, JSON.stringify([cron, zone]), nowMs],
    );
    return z.enum(['created', 'changed', 'unchanged']).parse(reply);
  }

  async setPaused(
    name: string,
    isPaused: boolean,
    nowMs: number,
  ): Promise<'changed' | 'unchanged' | 'not_found'> {
    const reply = await pauseSchedule.run(
      this.#redis,
      [this.#keys.schedule(name)],
      [isPaused ? '1' : '0', nowMs],
    );
    return z.enum(['changed', 'unchanged', 'not_found']).parse(reply);
  }

  async remove(name: string): Promise<boolean> {
    const { schedules, schedule, runs } = this.#keys;
    const replies = await this.#redis
      .multi()
      .zrem(schedules, name)
      .unlink(schedule(name), runs(name))
      .exec();
    return replies?.[0]?.[1] === 1;
  }

  async listRuns(name: string): Promise<ScheduleRun[]> {
    const texts = await this.#redis.hvals(this.#keys.runs(name));
    return texts.map(parseRun).toSorted((one, other) => other.plannedAtMs - one.plannedAtMs);
  }

  async readLastRun(name: string): Promise<ScheduleRun | null> {
    const times = await this.#redis.hkeys(this.#keys.runs(name));
    if (times.length === 0) return null;
    return (await this.readRun(name, Math.max(...times.map(Number))))?.run ?? null;
  }

  async readRun(name: string, plannedAtMs: number): Promise<VersionedRun | null> {
    const version = await this.#redis.hget(this.#keys.runs(name), String(plannedAtMs));
    return version === null ? null : { run: parseRun(version), version };
  }

  async addRuns(
    name: string,
    runs: readonly ScheduleRun[],
    plannedUntilMs: number | null,
  ): Promise<number[]> {
    const texts = runs.flatMap((run) => [run.plannedAtMs, JSON.stringify(runSchema.parse(run))]);
    const reply = await addRuns.run(
      this.#redis,
      [this.#keys.schedule(name), this.#keys.runs(name)],
      [plannedUntilMs ?? '', KEPT_RUNS, ...texts],
    );
    return z.array(z.coerce.number()).parse(reply);
  }

  async swapRun(name: string, version: string, next: ScheduleRun): Promise<VersionedRun | null> {
    const text = JSON.stringify(runSchema.parse(next));
    const isSwapped = await swapRun.run(
      this.#redis,
      [this.#keys.runs(name)],
      [next.plannedAtMs, version, text],
    );
    return isSwapped === 1 ? { run: next, version: text } : null;
  }
}
