/** A table as CSV with a head line (RFC 4180). Text that a spreadsheet would take for a formula is marked as text. */
export function csvOf(rows: readonly { [column: string]: string | number }[]): string {
  const [first] = rows;
  if (!first) return "date\r\n";
  const cell = (value: string | number) => {
    const text = typeof value === "string" && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const columns = Object.keys(first);
  return [columns.join(","), ...rows.map((row) => columns.map((column) => cell(row[column]!)).join(","))]
    .map((line) => `${line}\r\n`)
    .join("");
}
