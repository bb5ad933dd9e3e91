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
  { status, statusUntil }: Pick<ConnectionView, "status" | "statusUntil">,
): Markup {
  const words = html`${visit.say(`connection.state.${status}`)}${
    statusUntil !== undefined && statusUntil > visit.now && html` · ${Countdown(visit, statusUntil)}`
  }`;
  return Badge(CONNECTION_TONES[status], words, { dot: true });
}
