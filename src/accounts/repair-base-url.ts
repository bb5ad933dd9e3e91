import type { ProviderDefinition } from "../core/provider.ts";

/** Ends of addresses that people copy along with the base. */
const TAILS = ["/chat/completions", "/completions", "/responses", "/messages", "/models", "/embeddings"];

/** What a wrong base URL may have been meant to be, likeliest first; empty when nothing suggests itself. */
export function otherBaseUrls(baseUrl: string, provider: Pick<ProviderDefinition, "chat">): string[] {
  const base = baseUrl.replace(/\/+$/, "");
  const stripped = withoutTail(base, provider);
  const candidates = [stripped, withVersion(stripped)];
  return [...new Set(candidates)].filter((candidate) => candidate !== base);
}

/** The base without what the provider's own paths will add again: a whole path, or the beginning of one. */
function withoutTail(base: string, { chat }: Pick<ProviderDefinition, "chat">): string {
  const starts = chat.flatMap(({ path }) => startsOf(path));
  const tail = [...TAILS, ...starts]
    .filter((end) => base.endsWith(end))
    .toSorted((a, b) => b.length - a.length)[0];
  return tail === undefined ? base : base.slice(0, -tail.length);
}

/** `/chat/completions` → `/chat/completions`, `/chat`. */
function startsOf(path: string): string[] {
  const segments = path.split("/").slice(1);
  return segments.map((_segment, index) => `/${segments.slice(0, index + 1).join("/")}`);
}

const withVersion = (base: string): string => (/\/v\d+(?:beta|alpha)?\d*$/.test(base) ? base : `${base}/v1`);
