const UNIT_MS: Readonly<{ [unit: string]: number }> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Reads a duration as Go and protobuf write it (`2m59.56s`, `12ms`, `0.847655010s`, `1d2h`) into milliseconds. */
export function readDuration(text: string): number | undefined {
  if (text.length > 60 || !/^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h|d))+$/.test(text)) return undefined;
  let ms = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h|d)/g)) {
    ms += Number(amount) * (UNIT_MS[unit ?? ""] ?? 0);
  }
  return ms;
}

/** A wait as people say it: `45 s`, `12 min`, `3 h 5 min`, `4 days`. Rounded up, so that nobody comes too early. */
export function spokenWait(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours >= 48) return `${Math.ceil(minutes / 1440)} days`;
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
}

const WORD_MS: readonly (readonly [RegExp, number])[] = [
  [/^(?:ms|millisecond)/, 1],
  [/^d/, 86_400_000],
  [/^h/, 3_600_000],
  [/^m/, 60_000],
  [/^s/, 1000],
];

/**
 * Reads a duration in words (`5 minutes`, `1 hour 30 minutes`, `20s`) from the start of a text into milliseconds; a
 * number with nothing after it counts seconds.
 */
export function readSpokenDuration(text: string): number | undefined {
  const start = text.slice(0, 80);
  const exact = readDuration(/^\S*[^\s.,;:!)]/.exec(start)?.[0] ?? "");
  if (exact !== undefined) return exact;
  const bare = /^(\d+(?:\.\d+)?)[.!)]?$/.exec(start);
  if (bare) return Number(bare[1]) * 1000;
  let ms: number | undefined;
  let rest = start;
  for (;;) {
    const [whole, amount, word] = /^(\d+(?:\.\d+)?) ?([a-z]+)[ ,]*(?:and )?/i.exec(rest) ?? [];
    if (whole === undefined || word === undefined) return ms;
    const unit = WORD_MS.find(([begins]) => begins.test(word.toLowerCase()));
    if (!unit) return ms;
    ms = (ms ?? 0) + Number(amount) * unit[1];
    rest = rest.slice(whole.length);
  }
}
