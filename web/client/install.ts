/** Lets browsers install the dashboard as an app, where they allow it: over HTTPS and on this machine. */
export function installWorker(): void {
  if (!("serviceWorker" in navigator)) return;
  navigator.serviceWorker.register("/sw.js").catch(() => {
    // Somebody has switched workers off; nothing of the dashboard needs one.
  });
}
