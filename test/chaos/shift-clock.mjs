// Preloaded into a worker (`node --import`): its clock is wrong by CHAOS_CLOCK_SHIFT_MS, as that of a machine that was
// never synchronised. Timers and performance.now() go on as they do; only the time of day differs.
const shiftMs = Number(process.env.CHAOS_CLOCK_SHIFT_MS);
const TrueDate = Date;

globalThis.Date = class extends TrueDate {
  constructor(...given) {
    super(...(given.length === 0 ? [TrueDate.now() + shiftMs] : given));
  }

  static now() {
    return TrueDate.now() + shiftMs;
  }
};
