import { fetchPage } from "./fetch-page.ts";

const TYPING_MS = 90;

/** The palette shows, while one types, what the page of findings would; arrows move, Enter goes. */
export function openPalette(): void {
  let timer: number | undefined;
  let running: AbortController | undefined;

  const show = async (form: HTMLFormElement) => {
    running?.abort();
    running = new AbortController();
    const query = new URLSearchParams({ q: fieldOf(form)?.value ?? "" });
    const page = await fetchPage(`${form.action}?${query}`, running.signal);
    const found = page?.querySelector("[data-found]");
    if (found) form.querySelector("[data-palette-found]")?.replaceChildren(...found.childNodes);
  };

  document.addEventListener(
    "toggle",
    (event) => {
      const form = event.target as HTMLElement;
      if (!(form instanceof HTMLFormElement) || form.dataset["palette"] === undefined) return;
      if ((event as ToggleEvent).newState !== "open") return;
      fieldOf(form)?.select();
      void show(form);
    },
    true,
  );
  document.addEventListener("input", ({ target }) => {
    const form = paletteOf(target);
    if (!form) return;
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void show(form), TYPING_MS);
  });
  document.addEventListener("submit", (event) => {
    const form = paletteOf(event.target);
    const first = form?.querySelector<HTMLElement>("[data-palette-found] a");
    if (!first) return;
    event.preventDefault();
    first.click();
  });
  document.addEventListener("click", ({ target }) => {
    if ((target as Element).closest("a")) paletteOf(target)?.hidePopover();
  });
  document.addEventListener("keydown", (event) => {
    const form = paletteOf(event.target);
    if (form) move(form, event);
  });
}

function paletteOf(target: EventTarget | null): HTMLFormElement | null {
  return (target as Element).closest<HTMLFormElement>("[data-palette]");
}

const fieldOf = (form: HTMLFormElement) => form.querySelector("input");

/** Arrows go through the field and what was found; letters typed on the way go on in the field. */
function move(form: HTMLFormElement, event: KeyboardEvent): void {
  if (event.key === "Escape") {
    // A search field would only be emptied by it, and would go on taking letters until the next picture.
    form.hidePopover();
    fieldOf(form)?.blur();
  }
  const stops = [fieldOf(form), ...form.querySelectorAll<HTMLElement>("[data-palette-found] a")];
  const at = stops.indexOf(document.activeElement as HTMLInputElement);
  const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  if (step !== 0) {
    event.preventDefault();
    stops[(at + step + stops.length) % stops.length]?.focus();
  } else if (at > 0 && event.key.length === 1 && !event.ctrlKey && !event.metaKey) stops[0]?.focus();
}
