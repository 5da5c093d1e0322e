// Preloaded into a worker (`node --import`): its clock is wrong by CHAOS_CLOCK_SHIFT_MS, as that of a machine that was
// never synchronised. At each SIGUSR2 it steps by an hour: forward, back, back again, forward. Timers and
// performance.now() go on as they do; only the time of day differs.
const STEPS_MS = [0, 3_600_000, 0, -3_600_000];
const shiftMs = Number(process.env.CHAOS_CLOCK_SHIFT_MS);
const TrueDate = Date;
let steps = 0;
process.on('SIGUSR2', () => {
  steps += 1;
});

const now = () => TrueDate.now() + shiftMs + STEPS_MS[steps % STEPS_MS.length];

globalThis.Date = class extends TrueDate {
  constructor(...given) {
    super(...(given.length === 0 ? [now()] : given));
  }

  static now() {
    return now();
  }
};
