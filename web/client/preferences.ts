import { fetchPage, showPage } from "./fetch-page.ts";

/** The switches of language and appearance work in place: what was typed into forms stays. */
export function switchPreferences(): void {
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    const button = (event as SubmitEvent).submitter as HTMLButtonElement | null;
    const name = form.dataset["preference"];
    if (name === undefined || !button) return;
    event.preventDefault();
    form.hidePopover();
    if (name === "theme") document.documentElement.dataset["theme"] = button.value;
    void change(form, button);
  });
}

async function change(form: HTMLFormElement, button: HTMLButtonElement): Promise<void> {
  const fields = new URLSearchParams({ [button.name]: button.value });
  await fetch(form.action, { method: "POST", body: fields, headers: { "x-omniroute-refresh": "1" } });
  const page = await fetchPage();
  if (page) showPage(page);
  else location.reload();
}
