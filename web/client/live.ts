import { fetchPage } from "./fetch-page.ts";
import { morph } from "./morph.ts";
import { showNotice, wantsNotices } from "./notify.ts";
import { words } from "./words.ts";

/** However fast events come, a page is fetched at most so often. */
const PAUSE_MS = 500;

/**
 * Keeps the parts of a page fresh that ask for it: `data-live` names the events after which a part is fetched anew,
 * `data-every` a number of seconds. Nothing is fetched while nobody looks, but for notices where they are wanted.
 */
export function followLive(): void {
  const stale = new Set<string>();
  let source: EventSource | undefined;
  let timer: number | undefined;

  const parts = () => [...document.querySelectorAll<HTMLElement>("[data-live][id], [data-every][id]")];

  const refresh = async () => {
    timer = undefined;
    const ids = [...stale];
    stale.clear();
    if (ids.length === 0 || document.hidden) return;
    const page = await fetchPage();
    if (!page) return;
    for (const id of ids) {
      const [old, fresh] = [document.getElementById(id), page.getElementById(id)];
      if (old && fresh) morph(old, fresh);
    }
    document.dispatchEvent(new Event("omniroute:refreshed"));
  };
  const markStale = (wanted: (part: HTMLElement) => boolean) => {
    for (const part of parts()) if (wanted(part)) stale.add(part.id);
    if (stale.size > 0) timer ??= window.setTimeout(() => void refresh(), PAUSE_MS);
  };
  const happened = (...kinds: string[]) =>
    markStale((part) => (part.dataset["live"] ?? "").split(" ").some((kind) => kinds.includes(kind)));

  const connect = () => {
    const isWatched = !document.hidden && document.querySelector("[data-live]") !== null;
    if (source || !(isWatched || wantsNotices())) return;
    source = new EventSource("/api/events");
    let wasLost = false;
    source.addEventListener("hello", () => {
      showState(true);
      if (wasLost) markStale(() => true);
      wasLost = false;
    });
    source.addEventListener("error", () => {
      wasLost = true;
      showState(false);
    });
    source.addEventListener("request", () => happened("request"));
    source.addEventListener("eval", () => happened("eval"));
    source.addEventListener("notice", (event) => {
      happened("notice");
      void showNotice((JSON.parse((event as MessageEvent<string>).data) as { id: string }).id);
    });
    source.addEventListener("changed", (event) => {
      const { what } = JSON.parse((event as MessageEvent<string>).data) as { what: string };
      happened("changed", what);
    });
  };

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      // Notices are for those who look elsewhere.
      if (wantsNotices()) return;
      source?.close();
      source = undefined;
    } else {
      connect();
      markStale(() => true);
    }
  });
  document.addEventListener("omniroute:wish", connect);
  window.setInterval(() => {
    const tick = Math.round(performance.now() / 1000);
    markStale(({ dataset }) => dataset["every"] !== undefined && tick % Number(dataset["every"]) === 0);
  }, 1000);
  connect();
}

/** Says beside the live lists whether they are. */
function showState(isLive: boolean): void {
  for (const place of document.querySelectorAll<HTMLElement>("[data-live-state]")) {
    const badge = document.createElement("span");
    badge.className = `badge ${isLive ? "bg-ok-soft text-ok" : "bg-sunken text-muted"}`;
    const dot = document.createElement("span");
    dot.className = `dot ${isLive ? "bg-ok dot-live" : "bg-faint"}`;
    badge.append(dot, words(isLive ? "back" : "lost"));
    place.replaceChildren(badge);
  }
}
