import { isLoopbackHost } from "../../src/core/config.ts";
import { providerName } from "./names.ts";
import type { Tone } from "../ui/index.ts";
import type { Visit } from "../visit.ts";

/** Something the owner should know, and where it is put right. */
export type NoticeText = { tone: Tone; text: string; href?: string };

/** What deserves attention right now, the worst first. */
export function noticesOf({ engine, say, show }: Visit): NoticeText[] {
  const connections = engine.manage.connections.list();
  const signIn = connections.filter(({ status }) => status === "sign in again");
  const open = engine.health.breakers().filter(({ state }) => state === "OPEN");
  const { trouble, dropped } = engine.store.losses();
  const settings = engine.settings();
  return [
    trouble !== undefined && {
      tone: "bad" as const,
      text: say("notice.disk"),
      href: "/dashboard/settings/storage",
    },
    dropped > 0 && { tone: "warn" as const, text: say("notice.dropped", { count: dropped }) },
    ...open.map(({ name, openUntil }) => ({
      tone: "bad" as const,
      text: say("notice.breaker", {
        provider: providerName(engine, name),
        time: openUntil === undefined ? "" : show.time(openUntil),
      }),
      href: "/dashboard/health",
    })),
    ...signIn.map((connection) => ({
      tone: "warn" as const,
      text: say("notice.sign-in", {
        connection: connection.name,
        provider: providerName(engine, connection.provider),
      }),
      href: `/dashboard/providers/${encodeURIComponent(connection.provider)}`,
    })),
    !engine.access.keyRequired() &&
      !isLoopbackHost(engine.config.host) && {
        tone: "bad" as const,
        text: say("notice.open"),
        href: "/dashboard/endpoint",
      },
    !settings.requireLogin &&
      isLoopbackHost(engine.config.host) && {
        tone: "info" as const,
        text: say("notice.no-login"),
        href: "/dashboard/settings",
      },
    ...[...engine.store.warnings, ...engine.access.warnings].map((text) => ({ tone: "warn" as const, text })),
  ].filter((notice) => notice !== false);
}
