const PLACE = "omniroute:scroll";
const FRESH_MS = 30_000;

/** In a row of links that is wider than its place, the one that leads here is seen. */
export function showCurrent(): void {
  for (const current of document.querySelectorAll<HTMLElement>("main nav [aria-current=page]")) {
    const row = current.closest("nav")!;
    const middle = current.offsetLeft - row.offsetLeft + current.offsetWidth / 2;
    row.scrollLeft = middle - row.clientWidth / 2;
  }
}

/** After a form, the page stands where it stood, unless it has something to say. */
export function keepScroll(): void {
  document.addEventListener("submit", (event) => {
    if ((event.target as HTMLFormElement).method !== "post" || event.defaultPrevented) return;
    sessionStorage.setItem(PLACE, JSON.stringify({ path: location.pathname, top: scrollY, at: Date.now() }));
  });
  const kept = sessionStorage.getItem(PLACE);
  sessionStorage.removeItem(PLACE);
  if (kept === null || location.hash !== "") return;
  const { path, top, at } = JSON.parse(kept) as { path: string; top: number; at: number };
  if (path !== location.pathname || Date.now() - at > FRESH_MS) return;
  const alert = document.querySelector("main [role=alert]");
  if (alert) alert.scrollIntoView({ block: "center" });
  else window.scrollTo({ top });
}
