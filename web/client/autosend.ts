import { fetchPage, showPage } from "./fetch-page.ts";

const TYPING_MS = 350;

/** Filters work while they are being set: the page follows, the address too, and the cursor stays where it is. */
export function sendBySelf(): void {
  let timer: number | undefined;
  let running: AbortController | undefined;

  const send = async (form: HTMLFormElement) => {
    running?.abort();
    running = new AbortController();
    const fields = [...new FormData(form)].filter((field): field is [string, string] => field[1] !== "");
    const address = new URL(location.href);
    address.search = new URLSearchParams(fields).toString();
    const page = await fetchPage(address.href, running.signal);
    if (!page) return;
    history.replaceState(null, "", address);
    showPage(page);
  };

  document.addEventListener("input", (event) => {
    const form = (event.target as Element).closest<HTMLFormElement>("form[data-autosend]");
    if (!form) return;
    window.clearTimeout(timer);
    const wait = event.target instanceof HTMLSelectElement ? 0 : TYPING_MS;
    timer = window.setTimeout(() => void send(form), wait);
  });
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (!form.matches("[data-autosend]")) return;
    event.preventDefault();
    window.clearTimeout(timer);
    void send(form);
  });
}
