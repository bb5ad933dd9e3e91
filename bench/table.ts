/** One line of the result. `must` and `aim` are the most it should be. */
export type Row = { what: string; value: number; unit: string; must?: number; aim?: number; note?: string };

/** Prints the rows as one table. Says nothing of good or bad: the goals stand beside the figures. */
export function printTable(rows: readonly Row[]): void {
  const cells = rows.map((row) => [
    row.what,
    `${figure(row.value)} ${row.unit}`.trim(),
    row.must === undefined ? "" : `≤ ${figure(row.must)}`,
    row.aim === undefined ? "" : `≤ ${figure(row.aim)}`,
    row.note ?? "",
  ]);
  const all = [["", "measured", "must", "aim", ""], ...cells];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((line) => (line[column] ?? "").length)));
  for (const line of all) {
    const [what = "", measured = "", must = "", aim = "", note = ""] = line;
    const numbers = [measured, must, aim].map((cell, index) => cell.padStart(widths[index + 1] ?? 0));
    console.log([what.padEnd(widths[0] ?? 0), ...numbers, note].join("  ").trimEnd());
  }
}

function figure(value: number): string {
  if (!Number.isFinite(value)) return "–";
  const digits = Number.isInteger(value) || Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toFixed(digits);
}
