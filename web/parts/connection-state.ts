import type { ConnectionStatus, ConnectionView } from "../../src/manage/index.ts";
import { Badge, Countdown, html, type Markup, type Tone } from "../ui/index.ts";
import type { Visit } from "../visit.ts";

export const CONNECTION_TONES: Readonly<Record<ConnectionStatus, Tone>> = {
  ready: "ok",
  cooling: "warn",
  "quota spent": "warn",
  "sign in again": "bad",
  "never tested": "quiet",
  failing: "bad",
  off: "quiet",
  "provider shut down": "bad",
};

/** How a connection stands, with the time left where it passes by itself. */
export function ConnectionState(
  visit: Visit,
  { status, statusUntil, authType }: Pick<ConnectionView, "status" | "statusUntil" | "authType">,
): Markup {
  const ended = status === "sign in again" && authType === "oauth";
  const words = html`${visit.say(ended ? "sign-in.renew" : `connection.state.${status}`)}${
    statusUntil !== undefined && statusUntil > visit.now && html` · ${Countdown(visit, statusUntil)}`
  }`;
  return Badge(CONNECTION_TONES[status], words, { dot: true });
}
