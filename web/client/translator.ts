import { fetchPage } from "./fetch-page.ts";
import { morph } from "./morph.ts";

const TYPING_MS = 300;

/** The result follows while one types: the form is sent behind the page, and only its outcome is taken over. */
export function start(root: HTMLElement): void {
  const form = root.querySelector<HTMLFormElement>("form")!;
  const body = form.elements.namedItem("body") as HTMLTextAreaElement;
  const kept = root.querySelector<HTMLInputElement>("[data-sample-content]");
  let timer: number | undefined;
  let running: AbortController | undefined;

  const translate = async () => {
    running?.abort();
    running = new AbortController();
    if (kept) kept.value = body.value;
    const fields = new URLSearchParams([...new FormData(form)].map(([name, value]) => [name, String(value)]));
    const page = await fetchPage(form.action, running.signal, fields);
    const [old, fresh] = [document.getElementById("translation"), page?.getElementById("translation")];
    if (old && fresh) morph(old, fresh);
  };
  form.addEventListener("input", (event) => {
    window.clearTimeout(timer);
    timer = window.setTimeout(
      () => void translate(),
      event.target instanceof HTMLSelectElement ? 0 : TYPING_MS,
    );
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    window.clearTimeout(timer);
    void translate();
  });
  // Typed before this was loaded.
  if (body.value !== body.defaultValue) void translate();
}
