import { expect, test } from "bun:test";
import { spanOf } from "../../src/access/periods.ts";

test.each([
  ["daily", "2026-03-29T01:30:00Z", 0, "2026-03-29T00:00:00Z", "2026-03-30T00:00:00Z"],
  ["daily", "2026-03-29T05:59:59Z", 6, "2026-03-28T06:00:00Z", "2026-03-29T06:00:00Z"],
  ["weekly", "2026-03-29T23:59:59Z", 0, "2026-03-23T00:00:00Z", "2026-03-30T00:00:00Z"],
  ["weekly", "2026-03-30T00:00:00Z", 0, "2026-03-30T00:00:00Z", "2026-04-06T00:00:00Z"],
  ["weekly", "1969-12-31T00:00:00Z", 0, "1969-12-29T00:00:00Z", "1970-01-05T00:00:00Z"],
  ["monthly", "2026-12-31T23:00:00Z", 0, "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"],
  ["monthly", "2026-03-01T05:00:00Z", 6, "2026-02-01T06:00:00Z", "2026-03-01T06:00:00Z"],
] as const)("the %s span of %s with days from %i:00", (period, at, hours, start, end) => {
  const resetTime = `${String(hours).padStart(2, "0")}:00`;
  expect(spanOf(period, Date.parse(at), { resetTime })).toEqual({
    start: Date.parse(start),
    end: Date.parse(end),
  });
});

test.each([
  [
    "daily",
    "2026-06-01T02:00:00Z",
    "America/Sao_Paulo",
    "00:00",
    "2026-05-31T03:00:00Z",
    "2026-06-01T03:00:00Z",
  ],
  [
    "monthly",
    "2026-06-01T02:00:00Z",
    "America/Sao_Paulo",
    "00:00",
    "2026-05-01T03:00:00Z",
    "2026-06-01T03:00:00Z",
  ],
  ["daily", "2026-06-01T20:00:00Z", "Asia/Kolkata", "06:00", "2026-06-01T00:30:00Z", "2026-06-02T00:30:00Z"],
  // The night in which clocks go forward, and the one in which they go back.
  ["daily", "2026-03-29T12:00:00Z", "Europe/Berlin", "00:00", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"],
  ["daily", "2026-10-25T12:00:00Z", "Europe/Berlin", "00:00", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"],
  [
    "weekly",
    "2026-10-26T12:00:00Z",
    "Europe/Berlin",
    "00:00",
    "2026-10-25T23:00:00Z",
    "2026-11-01T23:00:00Z",
  ],
] as const)(
  "C-14: the %s span of %s in %s with days from %s",
  (period, at, timeZone, resetTime, start, end) => {
    expect(spanOf(period, Date.parse(at), { resetTime, timeZone })).toEqual({
      start: Date.parse(start),
      end: Date.parse(end),
    });
  },
);

test("spans follow each other without a gap through a year of changing clocks", () => {
  for (const timeZone of ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]) {
    const last = Date.parse("2027-01-02T00:00:00Z");
    let span = spanOf("daily", Date.parse("2026-01-01T12:00:00Z"), { timeZone, resetTime: "02:00" });
    while (span.end < last) {
      const next = spanOf("daily", span.end, { timeZone, resetTime: "02:00" });
      expect(next.start).toBe(span.end);
      expect(next.end).toBeGreaterThan(next.start);
      span = next;
    }
  }
});
