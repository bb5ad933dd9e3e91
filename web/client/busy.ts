/** A button that has been pressed says so until the next page comes, and cannot be pressed twice. */
export function markBusy(): void {
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    const button = (event as SubmitEvent).submitter as HTMLButtonElement | null;
    const text = button?.dataset["busy"];
    if (!button || text === undefined) return;
    // Not before the form is on its way: a disabled button is not sent along.
    window.setTimeout(() => {
      button.disabled = true;
      button.setAttribute("aria-busy", "true");
      const label = button.querySelector("span");
      if (label) label.textContent = text;
    });
  });
  // A page that comes back from the browser's memory would still be busy.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
}
