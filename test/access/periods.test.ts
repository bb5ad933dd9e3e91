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
  expect(spanOf(period, Date.parse(at), hours * 3_600_000)).toEqual({
    start: Date.parse(start),
    end: Date.parse(end),
  });
});
