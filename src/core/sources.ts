import type { Source } from "./reply.ts";

/** Collects the pages an answer rests on, each once, in the order in which they are named. */
export class Sources {
  readonly #byUrl = new Map<string, Source>();

  /** Takes what a provider says of a page; anything without an address is passed over. */
  add(url: unknown, title?: unknown): void {
    if (typeof url !== "string" || url === "" || this.#byUrl.has(url)) return;
    this.#byUrl.set(url, { url, ...(typeof title === "string" && title !== "" && { title }) });
  }

  /** `{ sources }` to be spread into a text part or its end; nothing when there are none. */
  found(): { sources?: Source[] } {
    return this.#byUrl.size === 0 ? {} : { sources: [...this.#byUrl.values()] };
  }
}
