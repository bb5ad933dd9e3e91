import { showToast } from "./toasts.ts";

/**
 * Rows of an ordered list move by their buttons and by dragging their grip. In a form they are sent with it; a list that
 * names an address in `data-saves` sends its order there by itself, as the `data-row` of each.
 */
export function reorderRows(): void {
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLButtonElement>("[data-row-move], [data-row-add]");
    const list =
      button?.closest<HTMLElement>("[data-reorder]") ??
      button?.form?.querySelector<HTMLElement>("[data-reorder]");
    if (!button || !list) return;
    event.preventDefault();
    if (button.dataset["rowAdd"] !== undefined) return addRow(list);
    const row = button.closest<HTMLElement>("[data-row]");
    if (row) moveRow(list, row, button);
  });
  document.addEventListener("pointerdown", (event) => {
    const row = (event.target as Element).closest("[data-grip]")?.closest<HTMLElement>("[data-row]");
    const list = row?.closest<HTMLElement>("[data-reorder]");
    if (row && list && event.button === 0) drag(list, row, event);
  });
}

function moveRow(list: HTMLElement, row: HTMLElement, button: HTMLButtonElement): void {
  switch (button.dataset["rowMove"]) {
    case "up":
      row.previousElementSibling?.before(row);
      break;
    case "down":
      row.nextElementSibling?.after(row);
      break;
    case "remove": {
      const next = row.nextElementSibling ?? row.previousElementSibling;
      if (next) row.remove();
      else clearRow(row);
      renumber(list);
      (next ?? row).querySelector<HTMLElement>('[name="model"]')?.focus();
      return;
    }
  }
  renumber(list);
  // At the end of the list the button is out of use; the other one takes the focus over.
  if (button.disabled) row.querySelector<HTMLElement>("[data-row-move]:not(:disabled)")?.focus();
  else button.focus();
  settle(list, row);
}

function addRow(list: HTMLElement): void {
  const last = list.lastElementChild;
  if (!(last instanceof HTMLElement)) return;
  const row = last.cloneNode(true) as HTMLElement;
  clearRow(row);
  last.after(row);
  renumber(list);
  row.querySelector<HTMLElement>('[name="model"]')?.focus();
}

function clearRow(row: HTMLElement): void {
  for (const field of row.querySelectorAll<HTMLInputElement | HTMLSelectElement>("input, select"))
    field.value = "";
  row.querySelector("[data-leg-note]")?.remove();
}

/** Follows the pointer on the document: a row that changes places would lose a capture of its own. */
function drag(list: HTMLElement, row: HTMLElement, start: PointerEvent): void {
  start.preventDefault();
  row.toggleAttribute("data-dragging", true);
  const over = new AbortController();
  const { signal } = over;
  const end = () => {
    over.abort();
    row.removeAttribute("data-dragging");
    renumber(list);
    settle(list, row);
  };
  document.addEventListener("pointermove", (event) => follow(row, event.clientY), { signal });
  document.addEventListener("pointerup", end, { signal });
  document.addEventListener("pointercancel", end, { signal });
}

function follow(row: HTMLElement, pointer: number): void {
  for (;;) {
    const [before, after] = [row.previousElementSibling, row.nextElementSibling];
    if (before && pointer < middleOf(before)) before.before(row);
    else if (after && pointer > middleOf(after)) after.after(row);
    else return;
  }
}

function middleOf(element: Element): number {
  const { top, height } = element.getBoundingClientRect();
  return top + height / 2;
}

/** Names that hold a position get the new one; the first row cannot go up, nor the last one down. */
function renumber(list: HTMLElement): void {
  const rows = [...list.querySelectorAll<HTMLElement>("[data-row]")];
  for (const [index, row] of rows.entries()) {
    // Where rows have names of their own, digits in them are no positions.
    for (const named of list.dataset["saves"] === undefined ? row.querySelectorAll("[aria-label]") : []) {
      const label = (named.getAttribute("aria-label") ?? "").replace(/\d+/, String(index + 1));
      named.setAttribute("aria-label", label);
      if (named.hasAttribute("title")) named.setAttribute("title", label);
    }
    const button = (move: string) => row.querySelector<HTMLButtonElement>(`[data-row-move="${move}"]`);
    const [up, down] = [button("up"), button("down")];
    if (up) up.disabled = index === 0;
    if (down) down.disabled = index === rows.length - 1;
  }
}

/** Says where the row stands now, and sends the order of a list that saves itself. */
function settle(list: HTMLElement, row: HTMLElement): void {
  tellPosition(list, row);
  const address = list.dataset["saves"];
  if (address === undefined) return;
  const rows = [...list.querySelectorAll<HTMLElement>("[data-row]")];
  const body = new URLSearchParams(rows.map(({ dataset }) => ["id", dataset["row"] ?? ""]));
  void fetch(address, { method: "POST", body, headers: { "x-omniroute-refresh": "1" } });
}

function tellPosition(list: HTMLElement, row: HTMLElement): void {
  const position = [...list.querySelectorAll("[data-row]")].indexOf(row) + 1;
  showToast((list.dataset["moved"] ?? "").replace("{position}", String(position)));
}
