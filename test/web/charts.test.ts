import { expect, test } from "bun:test";
import { type ChartData, Lines, Sparkline, StackedBars } from "../../web/charts/index.ts";
import { html, type Markup, render } from "../../web/ui/html.ts";
import { periodBefore, periodOf } from "../../web/pages/usage/period.ts";
import { textOf } from "./kit.ts";

const DAY = 86_400_000;
const NOON = Date.parse("2026-11-21T12:30:00Z");

function chart(...series: (number | undefined)[][]): ChartData {
  return {
    label: "Requests",
    times: series[0]!.map((_, index) => ({ short: `${index}`, whole: `day ${index}` })),
    timeTitle: "Day",
    series: series.map((values, index) => ({
      name: `s${index}`,
      values,
      tone: index === 0 ? "first" : "second",
    })),
    amount: (value) => (value === undefined ? "–" : String(value)),
    sumTitle: "Sum",
  };
}

const drawnAs = (markup: Markup) => render(html`<div>${markup}</div>`);

const bars = (page: string) =>
  [...page.matchAll(/<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"/g)].map((found) =>
    found.slice(1).map(Number),
  );

test("bars stand on each other, in proportion, and what is nothing is not drawn", () => {
  const drawn = bars(drawnAs(StackedBars(chart([10, 0], [30, 20]), "As a table")));
  expect(drawn).toHaveLength(3);
  const [low, high, other] = drawn as [number[], number[], number[]];
  expect(high[3]! / low[3]!).toBeCloseTo(3, 5);
  expect(high[1]! + high[3]!).toBeCloseTo(low[1]!, 5);
  expect(other[3]! / low[3]!).toBeCloseTo(2, 5);
  expect(low[0]).toBe(high[0]!);
});

test.each([
  ["counts", [1, 2], ["0", "1", "2"]],
  ["amounts of money", [0.25, 1], ["0", "0.2", "0.4", "0.6", "0.8", "1"]],
])("the grid of %s has lines where such amounts can be", (_name, values, amounts) => {
  const drawn = drawnAs(StackedBars(chart(values), "As a table"));
  expect([...drawn.matchAll(/dy="0.32em">([\d.]+)</g)].map(([, amount]) => amount!)).toEqual(amounts);
});

test("every figure of a chart stands in its table, with the sums", () => {
  const text = textOf(drawnAs(StackedBars(chart([1, 2], [30, 40]), "As a table")));
  expect(text).toContain("Day s0 s1 Sum");
  expect(text.replace(/\s+/g, " ")).toContain("day 0 1 30 31 day 1 2 40 42");
});

test("a line breaks where nothing is known", () => {
  const page = drawnAs(Lines(chart([1, undefined, 3, 4]), "As a table"));
  const [, path = ""] = /class="chart-curve [^"]*" d="([^"]+)"/.exec(page) ?? [];
  expect(path.match(/M/g)).toHaveLength(2);
  expect(page).not.toContain("NaN");
});

test.each([[[]], [[0]], [[0, 0]], [[5]], [[1, 2, 3]]])(
  "a sparkline of %j has no broken numbers",
  (values: number[]) => {
    expect(drawnAs(Sparkline(values, "Requests"))).not.toMatch(/NaN|undefined|Infinity/);
  },
);

test.each([
  ["", "7d", "day", 7],
  ["range=1d", "1d", "hour", 24],
  ["range=365d", "365d", "day", 365],
  ["range=forever", "7d", "day", 7],
  ["from=2026-11-20&to=2026-11-21", "custom", "hour", 48],
  ["from=2026-11-01&to=2026-11-10", "custom", "day", 10],
  ["from=2026-11-20&to=2026-11-01", "custom", "hour", 24],
  ["from=2020-01-01&to=2026-11-01", "custom", "day", 366],
  ["from=2026-11-20&to=2027-11-20", "custom", "hour", 48],
  ["from=2027-01-01", "7d", "day", 7],
  ["from=2026-99-99", "7d", "day", 7],
])("the address ?%s means %s", (query, id, per, count) => {
  const period = periodOf(new URLSearchParams(query), NOON);
  expect(period).toMatchObject({ id: id as "custom", per: per as "day" });
  expect(period.times).toHaveLength(count);
});

test("what is compared with is as long and lies just before", () => {
  const period = periodOf(new URLSearchParams("range=7d"), NOON);
  const before = periodBefore(period);
  expect(before.from).toBe(period.from - 7 * DAY);
  expect(before.to).toBeLessThanOrEqual(period.from);
});
