import { expect, test } from "bun:test";
import { systemClock } from "../../src/lib/clock.ts";
import {
  createLog,
  escapeControls,
  maskCredentials,
  redact,
  type LogEntry,
  type LogOptions,
} from "../../src/lib/log.ts";

function logged(options: Partial<LogOptions> = {}) {
  const lines: string[] = [];
  const entries: LogEntry[] = [];
  const log = createLog({
    level: "debug",
    format: "text",
    clock: { ...systemClock, now: () => Date.UTC(2026, 0, 2, 3, 4, 5) },
    write: (line) => lines.push(line),
    onEntry: (entry) => entries.push(entry),
    ...options,
  });
  return { log, lines, entries };
}

test("a text line holds time, level, component, message and fields", () => {
  const { log, lines } = logged();
  log.warn("store", "The disk is full.", { rows: 3, file: "logs.sqlite", note: "two words" });
  expect(lines).toEqual([
    '2026-01-02T03:04:05.000Z WARN  store    The disk is full.  rows=3  file=logs.sqlite  note="two words"',
  ]);
});

test("a JSON line is one object, and a field cannot pose as the level", () => {
  const { log, lines } = logged({ format: "json" });
  log.error("net", "No answer.", { level: "info", status: 502 });
  expect(JSON.parse(lines[0]!)).toEqual({
    time: "2026-01-02T03:04:05.000Z",
    level: "error",
    component: "net",
    message: "No answer.",
    field_level: "info",
    status: 502,
  });
});

test("lines below the level are not made", () => {
  const { log, lines, entries } = logged({ level: "warn" });
  log.debug("a", "no");
  log.info("a", "no");
  log.warn("a", "yes");
  log.error("a", "yes");
  expect(lines).toHaveLength(2);
  expect(entries.map((entry) => entry.level)).toEqual(["warn", "error"]);
});

test.each(["text", "json"] as const)(
  "text from outside cannot start a new %s line or steer the terminal",
  (format) => {
    const { log, lines } = logged({ format });
    log.info("gateway", "model a\n2026 ERROR forged\u001b[2J\u202e", { "na\nme": "x\r\ny\u2028z" });
    expect(lines).toHaveLength(1);
    // oxlint-disable-next-line no-control-regex
    expect(lines[0]).not.toMatch(/[\u0000-\u001f\u007f\u2028\u202e]/);
  },
);

test.each([
  ["Authorization: Bearer abcdef0123456789", "abcdef0123456789"],
  ["basic dXNlcjpwYXNzd29yZA==", "dXNlcjpwYXNzd29yZA"],
  ["key sk-omni-abcdefghijklmnopqrstuvwxyz was refused", "abcdefghijklmnopqrstuvwxyz"],
  ["sk-ant-api03-abcdefghijklmnop", "abcdefghijklmnop"],
  ["AIzaSyA1234567890abcdefghijkl", "1234567890"],
  ["gsk_abcdefghijklmnopqrst", "abcdefghijklmnopqrst"],
  ["ghp_abcdefghijklmnopqrst", "abcdefghijklmnopqrst"],
  ["xai-abcdefghijklmnopqrst", "abcdefghijklmnopqrst"],
  ["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", "eyJzdWIi"],
  ["GET https://host/setup?token=abc123 failed", "abc123"],
  ["GET https://host/v1beta/models?alt=sse&key=abc123", "abc123"],
  ["proxy http://user:hunter2@10.0.0.1:3128 refused", "hunter2"],
])("strikes the credential out of %p", (text, secret) => {
  expect(redact(text)).not.toContain(secret);
  expect(redact(text)).toContain("[redacted]");
});

test.each([
  "The key k_1 is unknown.",
  "prompt tokens: 12",
  "mock/echo?first=20",
  "http://localhost:20128/v1",
  "task-force",
])("leaves %p as it is", (text) => {
  expect(redact(text)).toBe(text);
});

test("fields named like secrets are struck out, also inside objects; counts are not", () => {
  const { log, entries } = logged();
  log.info("x", "y", {
    apiKey: "plain",
    refresh_token: "plain",
    password: "plain",
    authorization: "plain",
    keyId: "k_1",
    tokens: 12,
    nested: { clientSecret: "plain", model: "m" },
  });
  expect(JSON.stringify(entries)).not.toContain("plain");
  expect(entries[0]!.fields).toMatchObject({
    keyId: "k_1",
    tokens: 12,
    nested: '{"clientSecret":"[redacted]","model":"m"}',
  });
});

test("a huge message, a huge field, many fields and a circle stay bounded", () => {
  const { log, lines } = logged({ format: "json" });
  const circle: { self?: unknown } = {};
  circle.self = circle;
  const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`f${index}`, "x".repeat(5000)]));
  log.error("x", "y".repeat(1_000_000), { circle, ...many });
  expect(lines[0]!.length).toBeLessThan(50_000);
  expect(JSON.parse(lines[0]!)).toMatchObject({ circle: "[cannot be written as JSON]" });
});

test("an error is told with its causes and without its secrets", () => {
  const { log, entries } = logged();
  const cause = new Error("refused Bearer abcdef0123456789");
  log.error("net", "The call failed.", { error: new Error("no answer", { cause }) });
  const text = String(entries[0]!.fields.error);
  expect(text).toContain("Error: no answer ← Error: refused Bearer [redacted]");
  expect(text).toContain("at ");
});

test("escaping keeps ordinary text of every language", () => {
  expect(escapeControls("Grüße, 世界 👋 – “ok”")).toBe("Grüße, 世界 👋 – “ok”");
  expect(escapeControls("a\tb\u0007")).toBe("a\\u0009b\\u0007");
});

test.each(["a.", "ab-", "eyJ-", "-eyJa", "?key", "a://b:"])(
  "megabytes of %s, the beginning of a credential, are looked through all the same",
  (beginning) => {
    const text = beginning.repeat(1_000_000 / beginning.length);
    expect(maskCredentials(text)).toHaveLength(text.length);
  },
);
