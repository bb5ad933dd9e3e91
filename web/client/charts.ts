const DISTANCE_PX = 12;

/** Pointing at a time of a chart shows its figures, which are taken from the table below it. */
export function pointAtCharts(): void {
  document.addEventListener("pointerover", ({ target }) => {
    const column = (target as Element).closest<SVGElement>("[data-column]");
    const chart = column?.closest<HTMLElement>("[data-chart]");
    const plot = chart?.querySelector<HTMLElement>(".chart-plot");
    for (const tip of document.querySelectorAll(".chart-tip")) tip.remove();
    if (!column || !chart || !plot) return;
    const tip = tipOf(chart, Number(column.dataset["column"]));
    plot.append(tip);
    place(tip, column, plot);
  });
}

function tipOf(chart: HTMLElement, index: number): HTMLElement {
  const heads = [...chart.querySelectorAll("thead th")];
  const cells = [...(chart.querySelectorAll("tbody tr")[index]?.children ?? [])];
  const tip = document.createElement("div");
  tip.className = "chart-tip";
  tip.setAttribute("aria-hidden", "true");
  const time = document.createElement("p");
  time.className = "mb-1 text-muted";
  time.textContent = cells[0]?.textContent ?? "";
  const table = document.createElement("table");
  for (const [place, cell] of cells.entries()) {
    if (place === 0) continue;
    const row = table.insertRow();
    const swatch = document.createElement("span");
    const colour = heads[place]?.querySelector<HTMLElement>("[data-swatch]")?.dataset["swatch"];
    swatch.className = `chart-swatch mr-1.5 ${colour ?? ""}`;
    row.insertCell().append(swatch, heads[place]?.textContent?.trim() ?? "");
    row.insertCell().textContent = cell.textContent;
  }
  tip.append(time, table);
  return tip;
}

/** Beside the column, on the side where there is room. */
function place(tip: HTMLElement, column: SVGElement, plot: HTMLElement): void {
  const [at, frame] = [column.getBoundingClientRect(), plot.getBoundingClientRect()];
  const right = at.right - frame.left + DISTANCE_PX;
  const left = at.left - frame.left - DISTANCE_PX - tip.offsetWidth;
  tip.style.left = `${right + tip.offsetWidth <= frame.width || left < 0 ? Math.min(right, frame.width - tip.offsetWidth) : left}px`;
}
