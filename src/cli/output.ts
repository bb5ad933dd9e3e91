import { styleText } from "node:util";
import { escapeControls } from "../lib/log.ts";
import type { CliContext, Output } from "./context.ts";

type Style = "bold" | "dim" | "green" | "red" | "yellow" | "cyan";

/** Paints text where colour is wanted: on a terminal, unless NO_COLOR is set to anything. */
export function paint(context: Pick<CliContext, "env">, output: Output, style: Style, text: string): string {
  if (!output.isTerminal || context.env.NO_COLOR) return text;
  return styleText(style, text, { validateStream: false });
}

/** Writes one line; text that comes from outside cannot steer the terminal. */
export function line(output: Output, text = ""): void {
  output.write(`${text}\n`);
}

/** Writes a value as indented JSON, for `--json`. */
export function json(output: Output, value: unknown): void {
  output.write(`${JSON.stringify(value, null, 2)}\n`);
}

export type Column<Row> = { title: string; of(row: Row): string | number | boolean | null | undefined };

/** Writes rows under headings, in columns as wide as their widest cell. */
export function table<Row>(context: CliContext, rows: readonly Row[], columns: readonly Column<Row>[]): void {
  const cells = rows.map((row) => columns.map((column) => shown(column.of(row))));
  const widths = columns.map((column, index) =>
    Math.max(Bun.stringWidth(column.title), ...cells.map((row) => Bun.stringWidth(row[index]!))),
  );
  const spell = (row: readonly string[]) =>
    row
      .map((cell, index) => cell + " ".repeat(widths[index]! - Bun.stringWidth(cell)))
      .join("  ")
      .trimEnd();
  line(context.out, paint(context, context.out, "bold", spell(columns.map((column) => column.title))));
  for (const row of cells) line(context.out, spell(row));
}

/** A value as one harmless line. */
export function shown(value: unknown): string {
  if (value === undefined || value === null || value === "") return "-";
  if (typeof value === "boolean") return value ? "yes" : "no";
  return escapeControls(typeof value === "string" ? value : JSON.stringify(value));
}

/** A length of time in words a person can hold: `42 s`, `3 h 12 min`. */
export function duration(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} days`;
}
