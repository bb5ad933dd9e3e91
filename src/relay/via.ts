import type { Caller } from "../core/key.ts";
import type { Target } from "../core/target.ts";
import type { OutboundRequest } from "../net/index.ts";

/** What tells which way out a call to a target takes. */
export function egressAsk(target: Target, caller: Caller): Pick<OutboundRequest, "url" | "via"> {
  return { url: target.connection.baseUrl ?? target.provider.baseUrl, via: viaOf(target, caller) };
}

/** What the proxy of a call to a target is chosen by. */
export function viaOf(target: Target, caller?: Caller): NonNullable<OutboundRequest["via"]> {
  const { provider, connection, combos } = target;
  return {
    provider: provider.id,
    connectionId: connection.id,
    ...(combos && { combos }),
    ...(caller && { keyId: caller.keyId }),
  };
}
