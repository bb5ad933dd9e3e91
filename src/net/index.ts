export { clientHeadersFor, mergedHeaders, upstreamHeadersFor } from "./headers.ts";
export { checkBaseUrl } from "./base-url.ts";
export { type AddressPolicy, classifyAddress } from "./address-rules.ts";
export {
  createOutbound,
  type Outbound,
  type OutboundDeps,
  type OutboundRequest,
  type OutboundResponse,
} from "./outbound.ts";
export type { Probe } from "./connect-probe.ts";
export type { Resolve } from "./resolve-checked.ts";
