import type { ConnectionView } from "../../src/manage/index.ts";
import type { Engine } from "../../src/engine.ts";
import { Badge, html, Icon, type Markup } from "../ui/index.ts";
import type { Visit } from "../visit.ts";

type Proxied = Exclude<NonNullable<ReturnType<Engine["network"]["proxies"]["choose"]>>["proxy"], "direct">;

/** The network proxy that an account's calls leave through; undefined where they go straight out. */
export function proxyOf(
  { engine }: Pick<Visit, "engine">,
  { id, provider }: ConnectionView,
): Proxied | undefined {
  const choice = engine.network.proxies.choose({ via: { connectionId: id, provider } });
  return choice === undefined || choice.proxy === "direct" ? undefined : choice.proxy;
}

/** Says that an account's calls leave through a network proxy, and which; nothing where they go straight out. */
export function ProxyBadge(visit: Visit, connection: ConnectionView): Markup {
  const { say } = visit;
  const proxy = proxyOf(visit, connection);
  if (!proxy) return undefined;
  const { type, host, port } = proxy;
  return html`<a href="/dashboard/settings/advanced#proxies" title=${`${type}://${host}:${port}`}>
    ${Badge("info", html`${Icon("shield", "size-3.5")} ${say("connection.proxy", { host })}`)}
  </a>`;
}
