import { morph } from "./morph.ts";

/**
 * Fetches a page of ours as a document, with `form` the one that follows a form; undefined when it cannot be had. A
 * sign-in that has ended reloads the page.
 */
export async function fetchPage(
  address: string = location.href,
  signal?: AbortSignal,
  form?: URLSearchParams,
): Promise<Document | undefined> {
  let answer: Response;
  try {
    answer = await fetch(address, {
      headers: { "x-omniroute-refresh": "1", accept: "text/html" },
      ...(signal && { signal }),
      ...(form && { method: "POST", body: form }),
    });
  } catch {
    return undefined;
  }
  if (answer.redirected) {
    location.reload();
    return undefined;
  }
  if (!answer.ok) return undefined;
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

/** Makes the shown page the same as a fetched one, keeping focus, scroll position and what was typed. */
export function showPage(page: Document): void {
  document.title = page.title;
  document.documentElement.lang = page.documentElement.lang;
  document.documentElement.dataset["theme"] = page.documentElement.dataset["theme"] ?? "system";
  morph(document.body, page.body);
}
