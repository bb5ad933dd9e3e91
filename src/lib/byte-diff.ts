/** A place where two texts of bytes differ: `[start, end)` in each; both are equal between one hunk and the next. */
export type Hunk = { beforeStart: number; beforeEnd: number; afterStart: number; afterEnd: number };

/** More units than this are not compared with one another: they differ as a whole. */
const MOST_UNITS = 8000;
/** What comparing may cost, in units looked at. */
const MOST_STEPS = 2_000_000;
/** Edits between two texts after which they are taken to have nothing in common. */
const MOST_EDITS = 200;
/** Larger differences are not looked at element by element. */
const MOST_BYTES_IN_ELEMENTS = 256 * 1024;
/** Larger ones than these not word by word. */
const MOST_BYTES_IN_WORDS = 16 * 1024;
/** Hunks closer to each other than this are read as one. */
const NEAREST = 24;

/**
 * Where two UTF-8 texts differ, in order: first by lines, then by what stands on a line of its own inside JSON, then
 * by words. Never cuts a character in two. Takes a few milliseconds for megabytes: what differs too much to be told
 * apart is one hunk.
 */
export function diffBytes(before: Buffer, after: Buffer): Hunk[] {
  const whole = { beforeStart: 0, beforeEnd: before.length, afterStart: 0, afterEnd: after.length };
  const finer = (hunks: readonly Hunk[], mostBytes: number, endOf: EndOf): Hunk[] =>
    hunks.flatMap((hunk) => (sizeOf(hunk) <= mostBytes ? compared(before, after, hunk, endOf) : [hunk]));
  const byLines = finer([whole], Number.POSITIVE_INFINITY, endOfLine);
  const byElements = finer(byLines, MOST_BYTES_IN_ELEMENTS, endOfElement);
  const byWords = finer(byElements, MOST_BYTES_IN_WORDS, endOfWord);
  return joined(byWords.map((hunk) => onCharacters(before, after, hunk)));
}

const sizeOf = ({ beforeStart, beforeEnd, afterStart, afterEnd }: Hunk): number =>
  Math.max(beforeEnd - beforeStart, afterEnd - afterStart);

/** How many bytes two texts begin with in common. */
export function commonStart(before: Buffer, after: Buffer): number {
  const most = Math.min(before.length, after.length);
  let length = 0;
  while (length + STRIDE <= most && areEqual(before, after, length, length, STRIDE)) length += STRIDE;
  while (length < most && before[length] === after[length]) length++;
  return length;
}

function commonEnd(before: Buffer, after: Buffer): number {
  const most = Math.min(before.length, after.length);
  const equalEnds = (length: number) =>
    areEqual(before, after, before.length - length - STRIDE, after.length - length - STRIDE, STRIDE);
  let length = 0;
  while (length + STRIDE <= most && equalEnds(length)) length += STRIDE;
  while (length < most && before[before.length - 1 - length] === after[after.length - 1 - length]) length++;
  return length;
}

/** So many bytes are compared at once. */
const STRIDE = 4096;

const areEqual = (
  before: Buffer,
  after: Buffer,
  beforeAt: number,
  afterAt: number,
  length: number,
): boolean => before.compare(after, afterAt, afterAt + length, beforeAt, beforeAt + length) === 0;

/** A hunk without what both sides begin and end with; undefined where nothing is left. */
function trimmed(before: Buffer, after: Buffer, hunk: Hunk): Hunk | undefined {
  const left = before.subarray(hunk.beforeStart, hunk.beforeEnd);
  const right = after.subarray(hunk.afterStart, hunk.afterEnd);
  const start = commonStart(left, right);
  if (start === left.length && start === right.length) return undefined;
  const end = commonEnd(left.subarray(start), right.subarray(start));
  return {
    beforeStart: hunk.beforeStart + start,
    beforeEnd: hunk.beforeEnd - end,
    afterStart: hunk.afterStart + start,
    afterEnd: hunk.afterEnd - end,
  };
}

/** The differences inside a hunk when both sides are taken apart in the same way. */
function compared(before: Buffer, after: Buffer, within: Hunk, endOf: EndOf): Hunk[] {
  const hunk = trimmed(before, after, within);
  if (!hunk) return [];
  if (hunk.beforeStart === hunk.beforeEnd || hunk.afterStart === hunk.afterEnd) return [hunk];
  const left = unitsOf(before, hunk.beforeStart, hunk.beforeEnd, endOf);
  const right = unitsOf(after, hunk.afterStart, hunk.afterEnd, endOf);
  if (!left || !right) return [hunk];
  const numbers = new Map<string, number>();
  const kept = editsBetween(numbered(before, left, numbers), numbered(after, right, numbers));
  if (!kept) return [hunk];
  return gapsBetween(kept, left, right, endOf === endOfLine).flatMap(
    (gap) => trimmed(before, after, gap) ?? [],
  );
}

/** Just behind the unit that begins at `at`; `end` or more for the last one. */
type EndOf = (bytes: Buffer, at: number, end: number) => number;

const NEWLINE = 10;
const BACKSLASH = 92;

const endOfLine: EndOf = (bytes, at, end) => {
  const newline = bytes.indexOf(NEWLINE, at);
  return newline < 0 ? end : newline + 1;
};

/** A line inside a JSON string, an object or a list of JSON. */
const endOfElement: EndOf = (bytes, at, end) => {
  for (let index = at + 1; index < end; index++) {
    const byte = bytes[index];
    if (byte === 0x6e && bytes[index - 1] === BACKSLASH) return index + 1;
    if (byte === 0x2c && (bytes[index - 1] === 0x7d || bytes[index - 1] === 0x5d)) return index + 1;
  }
  return end;
};

/** Letters, digits and parts of longer characters, with one other byte behind them. */
const endOfWord: EndOf = (bytes, at, end) => {
  let index = at;
  while (index < end && isInWord(bytes[index]!)) index++;
  return index + 1;
};

function isInWord(byte: number): boolean {
  if (byte >= 0x80 || (byte >= 0x30 && byte <= 0x39)) return true;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x7a;
}

/** Where the units of a range begin, and where the last ends; undefined when there are too many. */
function unitsOf(bytes: Buffer, start: number, end: number, endOf: EndOf): number[] | undefined {
  const starts = [start];
  for (let at = endOf(bytes, start, end); at < end; at = endOf(bytes, at, end))
    if (starts.push(at) > MOST_UNITS) return undefined;
  starts.push(end);
  return starts;
}

/** Units as numbers; equal ones get the same. */
function numbered(bytes: Buffer, starts: readonly number[], numbers: Map<string, number>): Int32Array {
  const units = new Int32Array(starts.length - 1);
  for (let index = 0; index < units.length; index++) {
    const text = bytes.toString("latin1", starts[index], starts[index + 1]);
    let number = numbers.get(text);
    if (number === undefined) numbers.set(text, (number = numbers.size));
    units[index] = number;
  }
  return units;
}

/** A run of equal units. */
type Run = { left: number; right: number; length: number };

/**
 * The equal runs of two lists by Myers' greedy algorithm (https://doi.org/10.1007/BF01840446); undefined when they
 * have too little in common to be worth the time.
 */
function editsBetween(left: Int32Array, right: Int32Array): Run[] | undefined {
  const most = Math.min(MOST_EDITS, Math.ceil(MOST_STEPS / (left.length + right.length)));
  const furthest = new Int32Array(2 * most + 3);
  const centre = most + 1;
  const trace: Int32Array[] = [];
  for (let edits = 0; edits <= most; edits++) {
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      const isDown = goesDown(furthest, centre, diagonal, edits);
      let x = isDown ? furthest[centre + diagonal + 1]! : furthest[centre + diagonal - 1]! + 1;
      while (x < left.length && x - diagonal < right.length && left[x] === right[x - diagonal]) x++;
      furthest[centre + diagonal] = x;
      if (x >= left.length && x - diagonal >= right.length)
        return runsOf(trace, centre, left.length, right.length);
    }
    trace.push(furthest.slice());
  }
  return undefined;
}

const goesDown = (furthest: Int32Array, centre: number, diagonal: number, edits: number): boolean =>
  diagonal === -edits ||
  (diagonal !== edits && furthest[centre + diagonal - 1]! < furthest[centre + diagonal + 1]!);

/** Walks back from the end to the beginning. */
function runsOf(
  trace: readonly Int32Array[],
  centre: number,
  leftLength: number,
  rightLength: number,
): Run[] {
  const runs: Run[] = [];
  let [x, y] = [leftLength, rightLength];
  for (let edits = trace.length; edits > 0; edits--) {
    const furthest = trace[edits - 1]!;
    const diagonal = x - y;
    const isDown = goesDown(furthest, centre, diagonal, edits);
    const fromDiagonal = isDown ? diagonal + 1 : diagonal - 1;
    const fromX = furthest[centre + fromDiagonal]!;
    const startX = isDown ? fromX : fromX + 1;
    if (x > startX) runs.push({ left: startX, right: startX - diagonal, length: x - startX });
    [x, y] = [fromX, fromX - fromDiagonal];
  }
  if (x > 0) runs.push({ left: 0, right: 0, length: x });
  return runs.toReversed();
}

/** What lies between equal runs. As many lines on both sides are set against each other one by one. */
function gapsBetween(
  kept: readonly Run[],
  left: readonly number[],
  right: readonly number[],
  isInPairs: boolean,
): Hunk[] {
  const hunks: Hunk[] = [];
  const add = (x: number, toX: number, y: number, toY: number) =>
    hunks.push({
      beforeStart: left[x]!,
      beforeEnd: left[toX]!,
      afterStart: right[y]!,
      afterEnd: right[toY]!,
    });
  let [x, y] = [0, 0];
  const end = { left: left.length - 1, right: right.length - 1, length: 0 };
  for (const run of [...kept, end]) {
    if (isInPairs && run.left - x === run.right - y) for (; x < run.left; x++, y++) add(x, x + 1, y, y + 1);
    else add(x, run.left, y, run.right);
    [x, y] = [run.left + run.length, run.right + run.length];
  }
  return hunks;
}

const isInsideCharacter = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80;

function onCharacters(before: Buffer, after: Buffer, hunk: Hunk): Hunk {
  let { beforeStart, beforeEnd, afterStart, afterEnd } = hunk;
  while (
    beforeStart > 0 &&
    afterStart > 0 &&
    (isInsideCharacter(before[beforeStart]) || isInsideCharacter(after[afterStart]))
  ) {
    beforeStart--;
    afterStart--;
  }
  while (isInsideCharacter(before[beforeEnd]) && isInsideCharacter(after[afterEnd])) {
    beforeEnd++;
    afterEnd++;
  }
  return { beforeStart, beforeEnd, afterStart, afterEnd };
}

function joined(hunks: readonly Hunk[]): Hunk[] {
  const result: Hunk[] = [];
  for (const hunk of hunks) {
    const last = result.at(-1);
    if (!last || hunk.beforeStart - last.beforeEnd >= NEAREST) result.push({ ...hunk });
    else {
      last.beforeEnd = hunk.beforeEnd;
      last.afterEnd = hunk.afterEnd;
    }
  }
  return result;
}
