/** What scripts say, in the page's language; the server puts it into the body. */
export function words(name: "copied" | "lost" | "back"): string {
  const all = JSON.parse(document.body.dataset["words"] ?? "{}") as { [name: string]: string };
  return all[name] ?? "";
}
