import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { readHeaderWindows, readPauses, readReset } from "../../src/routing/index.ts";
import { readDuration, readSpokenDuration } from "../../src/routing/duration.ts";

const NOW = Date.UTC(2026, 10, 21, 9, 30);
/** Seconds from now to what was read. */
function seconds(answer: {
  headers?: { [name: string]: string };
  body?: unknown;
  message?: string;
}): number | undefined {
  const until = readReset({ ...answer, headers: new Headers(answer.headers), now: NOW });
  return until === undefined ? undefined : (until - NOW) / 1000;
}
const isoIn = (ms: number): string => new Date(NOW + ms).toISOString();
const unixIn = (inSeconds: number): string => String(NOW / 1000 + inSeconds);

describe("durations", () => {
  test.each([
    ["12ms", 12],
    ["1s", 1000],
    ["6m0s", 360_000],
    ["2m59.56s", 179_560],
    ["0.847655010s", 847.65501],
    ["373.801628ms", 373.801628],
    ["2h7m23s", 7_643_000],
    ["1d2h", 93_600_000],
    ["150µs", 0.15],
  ])("%s", (text, ms) => {
    expect(readDuration(text)).toBeCloseTo(ms, 6);
  });

  test.each(["", "5", "s", "-1s", "1.s", "5 s", "1x", "1s2", "1e3s", "9".repeat(100)])(
    "%j is none",
    (text) => {
      expect(readDuration(text)).toBeUndefined();
    },
  );

  test.each([
    ["5.289s. Need more tokens?", 5289],
    ["2h7m23s", 7_643_000],
    ["20 seconds", 20_000],
    ["5 minutes.", 300_000],
    ["1 hour and 30 minutes", 5_400_000],
    ["1 day, 2 hours", 93_600_000],
    ["900ms.", 900],
    ["500 milliseconds", 500],
    ["60", 60_000],
    ["60.", 60_000],
  ])("in words: %s", (text, ms) => {
    expect(readSpokenDuration(text)).toBe(ms);
  });

  test.each(["5 requests", "", "soon", "5 x 3"])("in words: %j is none", (text) => {
    expect(readSpokenDuration(text)).toBeUndefined();
  });
});

describe("one notation after the other", () => {
  test.each([
    ["Retry-After in seconds", { "retry-after": "37" }, 37],
    ["Retry-After with a fraction", { "retry-after": "33011.382867" }, 33_011.382],
    ["Retry-After 0", { "retry-after": "0" }, 0],
    ["Retry-After as an HTTP date", { "retry-after": "Sat, 21 Nov 2026 10:00:00 GMT" }, 1800],
    ["Retry-After as the old date form", { "retry-after": "Saturday, 21-Nov-26 10:00:00 GMT" }, 1800],
    ["Retry-After as unix seconds", { "retry-after": unixIn(90) }, 90],
    ["Retry-After as RFC 3339", { "retry-after": "2026-11-21T10:00:00Z" }, 1800],
    ["Retry-After as a duration", { "retry-after": "12s" }, 12],
    ["retry-after-ms", { "retry-after-ms": "1250" }, 1.25],
    [
      "OpenAI, requests spent",
      { "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "6m0s" },
      360,
    ],
    [
      "Groq, tokens spent",
      { "x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "2m59.56s" },
      179.56,
    ],
    [
      "Groq, only the spent one counts",
      {
        "x-ratelimit-remaining-requests": "14000",
        "x-ratelimit-reset-requests": "6m0s",
        "x-ratelimit-remaining-tokens": "0",
        "x-ratelimit-reset-tokens": "7.66s",
      },
      7.66,
    ],
    [
      "Cerebras, seconds as a float",
      { "x-ratelimit-remaining-requests-day": "0", "x-ratelimit-reset-requests-day": "33011.382867944717" },
      33_011.382,
    ],
    [
      "Anthropic API",
      {
        "anthropic-ratelimit-requests-remaining": "0",
        "anthropic-ratelimit-requests-reset": "2026-11-21T09:31:00Z",
      },
      60,
    ],
    [
      "Anthropic API, the later of two spent",
      {
        "anthropic-ratelimit-input-tokens-remaining": "0",
        "anthropic-ratelimit-input-tokens-reset": "2026-11-21T09:31:00Z",
        "anthropic-ratelimit-output-tokens-remaining": "0",
        "anthropic-ratelimit-output-tokens-reset": "2026-11-21T09:32:00Z",
      },
      120,
    ],
    [
      "Claude plan, rejected 5 h window in unix seconds",
      {
        "anthropic-ratelimit-unified-5h-status": "rejected",
        "anthropic-ratelimit-unified-5h-reset": unixIn(3600),
      },
      3600,
    ],
    [
      "Claude plan, RFC 3339",
      {
        "anthropic-ratelimit-unified-7d-status": "rejected",
        "anthropic-ratelimit-unified-7d-reset": isoIn(7_200_000),
      },
      7200,
    ],
    [
      "Claude plan, the latest rejected window",
      {
        "anthropic-ratelimit-unified-5h-status": "rejected",
        "anthropic-ratelimit-unified-5h-reset": unixIn(3600),
        "anthropic-ratelimit-unified-7d-status": "rejected",
        "anthropic-ratelimit-unified-7d-reset": unixIn(9000),
      },
      9000,
    ],
    [
      "Claude plan, a model's window does not hold the account longer",
      {
        "anthropic-ratelimit-unified-5h-status": "rejected",
        "anthropic-ratelimit-unified-5h-reset": unixIn(3600),
        "anthropic-ratelimit-unified-7d_oi-status": "rejected",
        "anthropic-ratelimit-unified-7d_oi-reset": unixIn(90_000),
      },
      3600,
    ],
    [
      "Claude plan, an allowed window does not count",
      {
        "anthropic-ratelimit-unified-5h-status": "rejected",
        "anthropic-ratelimit-unified-5h-reset": unixIn(3600),
        "anthropic-ratelimit-unified-7d-status": "allowed",
        "anthropic-ratelimit-unified-7d-reset": unixIn(500_000),
      },
      3600,
    ],
    [
      "Claude plan, clamped to the window's length",
      {
        "anthropic-ratelimit-unified-5h-status": "rejected",
        "anthropic-ratelimit-unified-5h-reset": unixIn(400_000),
      },
      18_000,
    ],
    [
      "Claude plan, without windows",
      {
        "anthropic-ratelimit-unified-status": "rejected",
        "anthropic-ratelimit-unified-reset": `${unixIn(60)}.5`,
      },
      60.5,
    ],
    [
      "Codex, reset-at",
      {
        "x-codex-primary-used-percent": "100",
        "x-codex-primary-reset-at": unixIn(1200),
        "x-codex-primary-window-minutes": "300",
      },
      1200,
    ],
    [
      "Codex, older servers",
      { "x-codex-secondary-used-percent": "100.0", "x-codex-secondary-reset-after-seconds": "86400" },
      86_400,
    ],
    [
      "Codex, a window with room does not count",
      {
        "x-codex-primary-used-percent": "100",
        "x-codex-primary-reset-at": unixIn(1200),
        "x-codex-secondary-used-percent": "60",
        "x-codex-secondary-reset-at": unixIn(400_000),
      },
      1200,
    ],
    ["Antigravity, unix seconds", { "x-ratelimit-reset": unixIn(77) }, 77],
    [
      "OpenRouter, unix milliseconds",
      { "x-ratelimit-limit": "50", "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(NOW + 5500) },
      5.5,
    ],
    ["Together, seconds", { "x-ratelimit-reset": "12" }, 12],
    ["Antigravity, seconds", { "x-ratelimit-reset-after": "31" }, 31],
  ] as const)("header: %s", (_name, headers, expected) => {
    expect(seconds({ headers })).toBeCloseTo(expected, 2);
  });

  const google = (details: object[]) => ({ error: { code: 429, details } });
  test.each([
    ["Codex, resets_at", { error: { type: "usage_limit_reached", resets_at: NOW / 1000 + 500 } }, 500],
    ["Codex, resets_in_seconds", { error: { resets_in_seconds: 4321 } }, 4321],
    ["Codex, both: the moment", { error: { resets_in_seconds: 10, resets_at: NOW / 1000 + 500 } }, 500],
    [
      "Google RetryInfo",
      google([{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "34.4s" }]),
      34.4,
    ],
    [
      "Google RetryInfo before ErrorInfo",
      google([{ metadata: { quotaResetDelay: "373.801628ms" } }, { retryDelay: "0.847655010s" }]),
      0.847,
    ],
    ["Google quotaResetDelay", google([{ metadata: { quotaResetDelay: "1h2m3s" } }]), 3723],
    ["Google quotaResetTimeStamp", google([{ metadata: { quotaResetTimeStamp: isoIn(9000) } }]), 9],
    ["Gemini as a list", [google([{ retryDelay: "7s" }])], 7],
    ["Gemini CLI bucket", { buckets: [{ resetTime: isoIn(60_000) }] }, 60],
    ["GLM nextResetTime in unix ms", { data: { limits: [{ nextResetTime: NOW + 42_000 }] } }, 42],
    ["MiniMax remains_time in ms", { model_remains: [{ remains_time: 90_000 }] }, 90],
    ["Kimi resetTime", { usage: { resetTime: isoIn(120_000) } }, 120],
    ["Claude usage resets_at", { five_hour: { resets_at: isoIn(3000) } }, 3],
    ["numbers as strings", { error: { retry_after: "81" } }, 81],
    [
      "OpenRouter's upstream headers",
      { error: { metadata: { headers: { "X-RateLimit-Reset": String(NOW + 6000) } } } },
      6,
    ],
    ["the later of two", { a: { resets_at: NOW / 1000 + 5 }, b: { resets_at: NOW / 1000 + 9 } }, 9],
  ])("body: %s", (_name, body, expected) => {
    expect(seconds({ body })).toBeCloseTo(expected, 2);
  });

  test.each([
    ["Rate limit reached. Please try again in 5.289s. Visit https://x.test for more.", 5.289],
    ["Please try again in 2m59.56s.", 179.56],
    ["Your quota will reset after 2h7m23s.", 7643],
    ["Please retry in 48.939935699s.", 48.94],
    ["Too many requests, wait 12 seconds and try again", 12],
    ["Limit 10000, Used 9950. Please try again in 900ms.", 0.9],
    ["Retry after 60", 60],
    ["Try again in 1 hour and 5 minutes", 3900],
    [`Claude AI usage limit reached|${NOW / 1000 + 7200}`, 7200],
    ["Resets in 3 days", 259_200],
    ["Your limit will reset at 2026-11-21 18:00:00", 1800],
    ["resets at 2026-11-21T10:00:00Z", 1800],
    ["available again at 2026-11-21T11:00:00+01:00", 1800],
  ])("prose: %s", (message, expected) => {
    expect(seconds({ message })).toBeCloseTo(expected, 2);
  });

  test.each([
    "Rate limit of 30,000 input tokens per minute reached",
    "Try again later",
    "Your prompt has 5 minutes of audio in 3 files",
    "in 5s we did nothing",
    "gpt-4 in 30 seconds",
    "",
  ])("prose without a time: %s", (message) => {
    expect(seconds({ message })).toBeUndefined();
  });
});

describe("junk and the past", () => {
  test.each([
    [{ "retry-after": "-5" }],
    [{ "retry-after": "soon" }],
    [{ "retry-after": "5 apples" }],
    [{ "retry-after": "" }],
    [{ "retry-after": "NaN" }],
    [{ "retry-after": "1e400" }],
    [{ "retry-after": "Sat, 21 Nov 2020 10:00:00 GMT" }],
    [{ "retry-after": "Sat, 99 Nov 2026 99:00:00 GMT" }],
    [{ "retry-after": unixIn(-90) }],
    [{ "x-ratelimit-reset": "yesterday" }],
    [{ "x-ratelimit-remaining-requests": "0" }],
    [{ "x-ratelimit-remaining-requests": "x", "x-ratelimit-reset-requests": "5s" }],
    [{ "x-codex-primary-used-percent": "100" }],
    [{ "anthropic-ratelimit-unified-5h-status": "rejected" }],
    [
      {
        "anthropic-ratelimit-unified-overage-status": "rejected",
        "anthropic-ratelimit-unified-overage-reset": unixIn(50),
      },
    ],
  ])("%j says nothing", (headers) => {
    expect(seconds({ headers })).toBeUndefined();
  });

  test("a junk source gives way to the next", () => {
    expect(seconds({ headers: { "retry-after": "soon" }, message: "try again in 3s" })).toBe(3);
    expect(seconds({ body: { resets_at: "never" }, headers: { "retry-after": "4" } })).toBe(4);
    expect(seconds({ body: { resets_at: NOW / 1000 - 5 }, headers: { "retry-after": "4" } })).toBe(4);
  });

  test("of a deep or huge body only a part is looked at", () => {
    let deep: unknown = { resets_at: NOW / 1000 + 9 };
    for (let level = 0; level < 1000; level++) deep = { deep };
    const fillers = Array.from({ length: 1000 }, (_, index) => [`k${index}`, [index]] as const);
    const far = { resets_at: NOW / 1000 + 9 };
    expect(seconds({ body: { ...Object.fromEntries(fillers.slice(0, 50)), ...far } })).toBe(9);
    expect(seconds({ body: deep })).toBeUndefined();
    expect(seconds({ body: { ...Object.fromEntries(fillers), ...far } })).toBeUndefined();
    expect(seconds({ body: [...fillers, far] })).toBeUndefined();
  });

  test("no text makes it throw or go back in time", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.json(), (header, message, body) => {
        const headers = new Headers();
        try {
          headers.set("retry-after", header);
        } catch {
          headers.set("retry-after", "x");
        }
        const until = readReset({ headers, body: JSON.parse(body), message, now: NOW });
        if (until !== undefined) expect(until).toBeGreaterThanOrEqual(NOW);
      }),
      { numRuns: 300 },
    );
  });
});

test("the order of trust", () => {
  const sources = [
    { body: { error: { resets_at: NOW / 1000 + 10 } } },
    {
      headers: {
        "anthropic-ratelimit-unified-5h-status": "rejected",
        "anthropic-ratelimit-unified-5h-reset": unixIn(20),
      },
    },
    { headers: { "retry-after-ms": "30000" } },
    { headers: { "retry-after": "40" } },
    { headers: { "x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "50s" } },
    { message: "try again in 60s" },
  ];
  const merged = (from: number) => ({
    body: sources.slice(from).find((source) => source.body)?.body,
    message: sources.slice(from).find((source) => source.message)?.message ?? "",
    headers: Object.assign({}, ...sources.slice(from).map((source) => source.headers ?? {})) as {
      [name: string]: string;
    },
  });
  expect([0, 1, 2, 3, 4, 5].map((from) => seconds(merged(from)))).toEqual([10, 20, 30, 40, 50, 60]);
});

describe("windows told by headers", () => {
  const plan = {
    "anthropic-ratelimit-unified-5h-status": "allowed",
    "anthropic-ratelimit-unified-5h-reset": unixIn(3600),
    "anthropic-ratelimit-unified-5h-utilization": "0.97",
    "anthropic-ratelimit-unified-7d_oi-status": "rejected",
    "anthropic-ratelimit-unified-7d_oi-reset": unixIn(90_000),
  };
  const groq = {
    "x-ratelimit-limit-requests": "14400",
    "x-ratelimit-remaining-requests": "14370",
    "x-ratelimit-reset-requests": "2m59.56s",
    "x-ratelimit-limit-tokens": "18000",
    "x-ratelimit-remaining-tokens": "600",
    "x-ratelimit-reset-tokens": "7.66s",
  };

  test("what is left, of what, and until when", () => {
    const windows = readHeaderWindows(new Headers({ ...plan, ...groq }), NOW);
    expect(
      windows.map(({ name, left, scope, quota }) => [name, Number(left.toFixed(3)), scope, quota]),
    ).toEqual([
      ["5h", 0.03, "connection", true],
      ["7d_oi", 0, "model", true],
      ["requests", 0.998, "model", false],
      ["tokens", 0.033, "model", false],
    ]);
  });

  test.each([
    ["off", []],
    ["normal", ["7d_oi"]],
    ["strict", ["5h", "7d_oi", "tokens"]],
  ] as const)("pauses under `%s`", (detection, names) => {
    expect(readPauses(new Headers({ ...plan, ...groq }), detection, NOW).map(({ window }) => window)).toEqual(
      [...names],
    );
  });

  test("a pause names its scope, kind and end", () => {
    expect(readPauses(new Headers(plan), "normal", NOW)).toEqual([
      { window: "7d_oi", scope: "model", kind: "quota", until: NOW + 90_000_000 },
    ]);
  });

  test("what is over in a moment is no pause", () => {
    const headers = new Headers({ "x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "12ms" });
    expect(readPauses(headers, "normal", NOW)).toEqual([]);
  });
});
