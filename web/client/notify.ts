import { fetchPage } from "./fetch-page.ts";

/** This browser's own wish, kept in it. */
const WISH = "omniroute:notify";

/** Shall notices be shown here? Only after somebody asked for them, and the browser allows it. */
export function wantsNotices(): boolean {
  return isPossible() && Notification.permission === "granted" && localStorage.getItem(WISH) === "on";
}

/** The switch: `data-notify` holds its words for on, off, and what the browser refuses. */
export function offerNotices(): void {
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLButtonElement>("[data-notify]");
    if (button) void change();
  });
  document.addEventListener("omniroute:refreshed", showWish);
  showWish();
}

/** Shows a notice in the words of the page that lists them. The same notice in several tabs shows once. */
export async function showNotice(id: string): Promise<void> {
  const address = document.querySelector<HTMLElement>("[data-notices]")?.dataset["notices"];
  if (address === undefined || !wantsNotices()) return;
  const text = (await fetchPage(address))?.getElementById(`notice-${id}`)?.dataset["text"];
  if (text === undefined) return;
  const options = { body: text, tag: id, icon: "/assets/icon-192.png", data: { href: address } };
  const worker = await navigator.serviceWorker?.getRegistration();
  if (worker) await worker.showNotification("OmniRoute", options);
  else new Notification("OmniRoute", options);
}

async function change(): Promise<void> {
  if (wantsNotices()) localStorage.removeItem(WISH);
  else if (isPossible() && (await Notification.requestPermission()) === "granted")
    localStorage.setItem(WISH, "on");
  showWish();
  document.dispatchEvent(new Event("omniroute:wish"));
}

function showWish(): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>("[data-notify]")) {
    const words = JSON.parse(button.dataset["notify"] ?? "{}") as { on: string; off: string; denied: string };
    const isDenied = !isPossible() || Notification.permission === "denied";
    button.disabled = isDenied;
    button.setAttribute("aria-pressed", String(wantsNotices()));
    const label = button.querySelector("span") ?? button;
    label.textContent = isDenied ? words.denied : wantsNotices() ? words.off : words.on;
  }
}

const isPossible = () => "Notification" in window && window.isSecureContext;
