/** Without it, spreadsheets take UTF-8 for an encoding of long ago. */
const BYTE_ORDER_MARK = "\ufeff";

/**
 * A table as CSV (RFC 4180) with a head line, also where there are no rows. Text that a spreadsheet would take for a
 * formula is marked as text; what some take for the end of a cell is quoted.
 */
export function csvOf(
  rows: readonly { [column: string]: string | number }[],
  columns: readonly string[],
): string {
  const lines = [columns, ...rows.map((row) => columns.map((column) => row[column] ?? ""))];
  return BYTE_ORDER_MARK + lines.map((line) => `${line.map(cellOf).join(",")}\r\n`).join("");
}

function cellOf(value: string | number): string {
  const text = typeof value === "string" && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",;\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
