/** One line or one layer of a chart: what it stands for and its value at each time; undefined where nothing is known. */
export type Series = { name: string; values: readonly (number | undefined)[]; tone: Tone };

/** Values over time, ready to be drawn. All series have one value for each of the times. */
export type ChartData = {
  /** Says in one sentence what the chart shows; also names its table. */
  label: string;
  /** The times on the axis, in the words of the reader: short for the axis, whole for the table. */
  times: readonly { short: string; whole: string }[];
  /** What the times are called above their column. */
  timeTitle: string;
  series: readonly Series[];
  /** Writes an amount as people read it. */
  amount: (value: number | undefined) => string;
  /** Title of the column of sums; left out where sums say nothing. */
  sumTitle?: string;
};

/** Colours that can be told apart in light and dark, also by those who see few of them. `rest` is for what is left over. */
export const TONES = ["first", "second", "third", "fourth", "fifth", "sixth"] as const;
export type Tone = (typeof TONES)[number] | "rest" | "bad";

export const FILLS: Readonly<Record<Tone, string>> = {
  first: "fill-series-1",
  second: "fill-series-2",
  third: "fill-series-3",
  fourth: "fill-series-4",
  fifth: "fill-series-5",
  sixth: "fill-series-6",
  rest: "fill-series-rest",
  bad: "fill-bad",
};

export const STROKES: Readonly<Record<Tone, string>> = {
  first: "stroke-series-1",
  second: "stroke-series-2",
  third: "stroke-series-3",
  fourth: "stroke-series-4",
  fifth: "stroke-series-5",
  sixth: "stroke-series-6",
  rest: "stroke-series-rest",
  bad: "stroke-bad",
};

export const SWATCHES: Readonly<Record<Tone, string>> = {
  first: "bg-series-1",
  second: "bg-series-2",
  third: "bg-series-3",
  fourth: "bg-series-4",
  fifth: "bg-series-5",
  sixth: "bg-series-6",
  rest: "bg-series-rest",
  bad: "bg-bad",
};
