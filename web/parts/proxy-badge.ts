import type { ConnectionView } from "../../src/manage/index.ts";
import { Badge, html, Icon, type Markup } from "../ui/index.ts";
import type { Visit } from "../visit.ts";

/** Says that an account's calls leave through a network proxy, and which; nothing where they go straight out. */
export function ProxyBadge({ engine, say }: Visit, { id, provider }: ConnectionView): Markup {
  const providerNames = engine.catalogue.byId.get(provider)?.provider.prefixes ?? [];
  const choice = engine.proxies.choose({ via: { connectionId: id, provider, providerNames } });
  if (!choice || choice.proxy === "direct") return undefined;
  const { type, host, port } = choice.proxy;
  return html`<a href="/dashboard/settings/advanced#proxies" title=${`${type}://${host}:${port}`}>
    ${Badge("info", html`${Icon("shield", "size-3.5")} ${say("connection.proxy", { host })}`)}
  </a>`;
}
