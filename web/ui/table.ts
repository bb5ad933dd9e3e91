import { classes, html, type Markup } from "./html.ts";

export type Column<Row> = {
  title: Markup;
  cell: (row: Row, index: number) => Markup;
  /** Numbers stand at the right. */
  numeric?: boolean;
  /** Left out on narrow screens. */
  wide?: boolean;
  /** Title for readers of the screen only. */
  silent?: boolean;
};

/** Rows under titled columns. `label` names the table for those who hear it. */
export function Table<Row>({
  rows,
  columns,
  label,
  rowId,
  tall = false,
}: {
  rows: readonly Row[];
  columns: readonly (Column<Row> | false)[];
  label: string;
  /** Lets a row keep its place when the table is fetched anew. */
  rowId?: (row: Row) => string;
  /** Scrolls by itself when it grows beyond a screen. */
  tall?: boolean;
}): Markup {
  const shown = columns.filter((column) => column !== false);
  return html`<div
    class=${classes("table-frame", tall && "table-tall")}
    tabindex="0"
    role="region"
    aria-label=${label}
  >
    <table class="table">
      <thead>
        <tr>
          ${shown.map(
            ({ title, silent, ...column }) =>
              html`<th scope="col" class=${cellClass(column)}>
                ${silent ? html`<span class="sr-only">${title}</span>` : title}
              </th>`,
          )}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row, index) =>
            html`<tr id=${rowId?.(row)}>
              ${shown.map((column) => html`<td class=${cellClass(column)}>${column.cell(row, index)}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function cellClass({ numeric, wide }: { numeric?: boolean; wide?: boolean }): string | undefined {
  return classes(numeric && "numeric", wide && "wide") || undefined;
}
