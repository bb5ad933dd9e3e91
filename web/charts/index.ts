export { Lines } from "./lines.ts";
export { type ChartData, type Series, TONES as SERIES_TONES } from "./series.ts";
export { Sparkline } from "./sparkline.ts";
export { StackedBars } from "./stacked-bars.ts";
