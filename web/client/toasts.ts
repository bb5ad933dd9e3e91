const SHOWN_MS = 6000;
/** What can be taken back wants some thought. */
const WITH_CHOICE_MS = 15_000;
const BRIEF_MS = 1600;

/** Messages go by themselves after a while, unless somebody points at them, and at once by their button. */
export function dismissToasts(): void {
  document.addEventListener("click", (event) => {
    (event.target as Element).closest("[data-dismiss]")?.closest("[data-toast]")?.remove();
  });
  for (const toast of document.querySelectorAll<HTMLElement>("[data-toast]"))
    goesAfter(toast, toast.querySelector("form") ? WITH_CHOICE_MS : SHOWN_MS);
}

/** Says something short, also to those who listen. */
export function showToast(text: string): void {
  const place = document.querySelector("[data-toasts]");
  if (!place) return;
  const toast = document.createElement("div");
  toast.className = "toast max-w-xs justify-center py-2";
  toast.dataset["toast"] = "";
  toast.textContent = text;
  place.replaceChildren(toast);
  goesAfter(toast, BRIEF_MS);
}

function goesAfter(toast: HTMLElement, ms: number): void {
  const go = () => (toast.matches(":hover, :focus-within") ? goesAfter(toast, ms) : toast.remove());
  window.setTimeout(go, ms);
}
