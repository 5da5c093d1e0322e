import fc from 'fast-check';

// In CI the same cases each time: a refused change must be its own fault. By hand they are new ones in each run, and
// the message of a failure names the seed that repeats it.
if (process.env.CI) fc.configureGlobal({ seed: 1 });
