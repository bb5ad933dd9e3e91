/** How much of a window was used at a moment: milliseconds since 1970, and a share from 0 to 100. */
export type Sample = { at: number; percent: number };

/** What was used from one sample to the next. */
type Step = { from: number; ms: number; percent: number };

const LEAST_SPAN_MS = 2 * 60_000;
const SHORTEST_HORIZON_MS = 20 * 60_000;
/** Of a window's length: what counts as lately. */
const HORIZON_SHARE = 0.2;
/** Of a window's length: what is looked at as one piece. */
const PIECE_SHARE = 1 / 60;
const USUAL_LENGTH_MS = 5 * 3_600_000;
/** The pace of lately differs from the one before when chance would hardly make it so, in standard deviations. */
const CHANGED_BY = 2.5;
/** A single piece is so far off that another time begins there: a pause, or a new day's work. */
const BROKEN_BY = 4;

/**
 * When a window will be spent if it goes on being used as it is, in milliseconds since 1970. The pace is that of the
 * whole time that was watched; where it has changed lately, that of lately. Undefined when the window lasts until its
 * reset, or when too little is known.
 */
export function runsOutAt(
  samples: readonly Sample[],
  now: number,
  window: { resetsAt?: number; lengthMs?: number },
): number | undefined {
  const newest = samples.at(-1);
  if (!newest || newest.percent >= 100) return undefined;
  const { lengthMs = USUAL_LENGTH_MS } = window;
  const steps = sinceBreak(pieces(stepsOf(samples), lengthMs * PIECE_SHARE));
  const pace = paceOf(steps, newest.at - Math.max(SHORTEST_HORIZON_MS, lengthMs * HORIZON_SHARE));
  if (pace === undefined || pace <= 0) return undefined;
  // Whole percents are rounded down: half a percent is to be expected on top.
  const rounding = samples.every(({ percent }) => Number.isInteger(percent)) ? 0.5 : 0;
  const end = newest.at + (100 - newest.percent - rounding) / pace;
  if (end <= now || (window.resetsAt !== undefined && end >= window.resetsAt)) return undefined;
  return end;
}

function stepsOf(samples: readonly Sample[]): Step[] {
  return samples.slice(1).map(({ at, percent }, index) => {
    const before = samples[index]!;
    return { from: before.at, ms: at - before.at, percent: percent - before.percent };
  });
}

/** Steps put together until each is long enough to tell something, counted from the newest. */
function pieces(steps: readonly Step[], leastMs: number): Step[] {
  const result: Step[] = [];
  for (const step of steps.toReversed()) {
    const last = result[0];
    if (last && last.ms < leastMs)
      result[0] = { from: step.from, ms: last.ms + step.ms, percent: last.percent + step.percent };
    else result.unshift(step);
  }
  return result;
}

/** The newest steps, back to where the pace was another altogether. */
function sinceBreak(steps: readonly Step[]): readonly Step[] {
  const last = steps.at(-1);
  if (!last) return steps;
  const end = last.from + last.ms;
  const known = steps.filter(({ from }) => from >= end - SHORTEST_HORIZON_MS);
  const pace = meanPace(known);
  const spread = Math.sqrt(varianceOf(known));
  if (known.length < 3 || spread === 0) return steps;
  const broken = steps.findLastIndex(
    ({ from, ms, percent }) =>
      from < end - SHORTEST_HORIZON_MS && Math.abs(percent - pace * ms) > BROKEN_BY * spread * Math.sqrt(ms),
  );
  return steps.slice(broken + 1);
}

/** Percent per millisecond. */
function paceOf(steps: readonly Step[], recentFrom: number): number | undefined {
  if (sum(steps, "ms") < LEAST_SPAN_MS) return undefined;
  const older = steps.filter(({ from }) => from < recentFrom);
  const recent = steps.filter(({ from }) => from >= recentFrom);
  if (older.length === 0 || recent.length < 2) return meanPace(steps);
  const noise = Math.sqrt(varianceOf(older) / sum(older, "ms") + varianceOf(recent) / sum(recent, "ms"));
  const difference = Math.abs(meanPace(recent) - meanPace(older));
  return meanPace(difference > CHANGED_BY * noise ? recent : steps);
}

const meanPace = (steps: readonly Step[]): number => sum(steps, "percent") / sum(steps, "ms");

/** How much the use of a millisecond varies, as far as its sums over steps tell. */
function varianceOf(steps: readonly Step[]): number {
  if (steps.length < 2) return 0;
  const pace = meanPace(steps);
  const squares = steps.map(({ ms, percent }) => (percent - pace * ms) ** 2 / Math.max(1, ms));
  return squares.reduce((total, square) => total + square, 0) / (steps.length - 1);
}

function sum(steps: readonly Step[], field: "ms" | "percent"): number {
  return steps.reduce((total, step) => total + step[field], 0);
}
