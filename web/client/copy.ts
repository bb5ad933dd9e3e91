import { showToast } from "./toasts.ts";
import { words } from "./words.ts";

/** Buttons with `data-copy` put their text on the clipboard. */
export function copyOnClick(): void {
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-copy]");
    if (!button) return;
    void copy(button.dataset["copy"] ?? "").then(() => showToast(words("copied")));
  });
}

async function copy(text: string): Promise<void> {
  // Browsers hide the clipboard from pages that come over plain HTTP from another machine.
  if (window.isSecureContext) return navigator.clipboard.writeText(text);
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "sr-only";
  document.body.append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
}
