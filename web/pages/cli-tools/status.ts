import type { ConfigStatus } from "../../../src/clients/index.ts";
import { Badge, html, type Markup, Notice, type Tone } from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";

const TONES: Readonly<Record<ConfigStatus, Tone>> = {
  configured: "ok",
  other: "info",
  not_configured: "quiet",
  unreadable: "bad",
  manual: "quiet",
};

/** Whom a client asks, in a word. */
export function StatusBadge({ say }: Pick<Visit, "say">, status: ConfigStatus): Markup {
  return Badge(TONES[status], say(`tools.status.${status}`), { dot: status === "configured" });
}

/** Why nothing can be written from here. */
export function WritingClosed({ say, engine }: Pick<Visit, "say" | "engine">): Markup {
  const isForbidden = engine.config.clientTools.writes === false;
  return Notice({
    tone: "info",
    title: say("tools.closed"),
    children: say.rich(isForbidden ? "tools.closed.forbidden" : "tools.closed.elsewhere", {
      setting: html`<code>CLI_ALLOW_CONFIG_WRITES=true</code>`,
    }),
  });
}

/** A path as people write it, with `~` for the home directory. */
export function shortPath({ engine }: Pick<Visit, "engine">, path: string): string {
  const home = `${engine.config.clientHome}/`;
  return path.startsWith(home) ? `~/${path.slice(home.length)}` : path;
}
