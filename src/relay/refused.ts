import type { GatewayError } from "../core/errors.ts";
import { Entry, type ToldCall } from "./journal.ts";
import type { RelayDeps } from "./index.ts";

/**
 * Writes down a call that was refused before anything was planned: its key's limits kept it out, or its body cannot be
 * understood. Nobody knows its model then. Calls that are shed because all places are taken are not written: a flood
 * shall not fill the log.
 */
export function noteRefused(
  { clock, journal }: Pick<RelayDeps, "clock" | "journal">,
  inbound: ToldCall["inbound"],
  error: GatewayError,
): void {
  if (error.logged || error.code === "service_unavailable") return;
  const entry = new Entry(clock, journal, { inbound, model: "", stream: false });
  entry.end({ status: error.status, errorCode: error.code, errorMessage: error.message });
}
