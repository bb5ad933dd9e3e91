import { isLoopbackHost } from "../../src/core/config.ts";
import type { MessageKey } from "../i18n/index.ts";
import type { Visit } from "../visit.ts";

/** Where clients reach this server, without a path: `BASE_URL` where it was set, else the address of this very page. */
export function publicBase({ engine, url }: Pick<Visit, "engine" | "url">): string {
  const { baseUrl } = engine.config;
  return isLoopbackHost(new URL(baseUrl).hostname) ? url.origin : baseUrl;
}

/** The same, with protocols of one address together. */
export function groupedAddresses(base: string): { names: string; url: string }[] {
  const byUrl = Map.groupBy(protocolAddresses(base), ({ url }) => url);
  return [...byUrl].map(([url, all]) => ({ url, names: all.map(({ name }) => name).join(" · ") }));
}

/** The base address of each protocol, as its clients want to be told. */
export function protocolAddresses(
  base: string,
): { id: string; name: string; url: string; note: MessageKey }[] {
  return [
    { id: "openai", name: "OpenAI", url: `${base}/v1`, note: "address.openai" },
    { id: "anthropic", name: "Anthropic", url: base, note: "address.anthropic" },
    { id: "gemini", name: "Gemini", url: base, note: "address.gemini" },
    { id: "ollama", name: "Ollama", url: base, note: "address.ollama" },
  ];
}
