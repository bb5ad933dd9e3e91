const PATIENCE_MS = 1200;

/** Keys that work everywhere but in fields; the sheet behind "?" names them. */
export function listenToKeys(): void {
  let going = -Infinity;
  for (const hint of document.querySelectorAll("[data-command-key]"))
    if (/Mac|iPhone|iPad/.test(navigator.userAgent)) hint.textContent = "⌘ K";

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      document.getElementById("palette")?.togglePopover();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    const isGoing = event.timeStamp - going < PATIENCE_MS;
    going = -Infinity;
    if (isGoing) {
      const entry = document.querySelector<HTMLElement>(
        `[data-letter="${CSS.escape(event.key.toLowerCase())}"]`,
      );
      if (entry) {
        event.preventDefault();
        entry.click();
      }
    } else if (event.key === "g") going = event.timeStamp;
    else if (event.key === "?") document.getElementById("shortcuts")?.togglePopover();
    else if (event.key === "/") {
      const field = document.querySelector<HTMLInputElement>("main input[type=search]");
      if (field) field.focus();
      else document.getElementById("palette")?.showPopover();
      event.preventDefault();
    }
  });
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("input, textarea, select, [contenteditable]") !== null;
}
