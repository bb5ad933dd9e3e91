/** Time as the engine sees it, so that tests can turn the hands. All values in milliseconds. */
export interface Clock {
  /** Milliseconds since 1970, for stamps that are stored. */
  now(): number;
  /** Milliseconds of a clock that never jumps, for durations. */
  monotonic(): number;
  /** Calls back once after `ms`; the result cancels it. Never keeps the process alive. */
  after(ms: number, callback: () => void): () => void;
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: Date.now,
  monotonic: () => performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    timer.unref?.();
    return () => clearTimeout(timer);
  },
};

/** Waits `ms`, or less when `signal` aborts; says whether the whole time went by. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve(false);
    const done = (whole: boolean) => {
      cancel();
      signal?.removeEventListener("abort", onAbort);
      resolve(whole);
    };
    const onAbort = () => done(false);
    const cancel = clock.after(ms, () => done(true));
    signal?.addEventListener("abort", onAbort);
  });
}
