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
export {
  parseProxyUrl,
  PROXY_TYPES,
  ProxiedOutbound,
  type Proxy,
  type ProxyChoice,
  proxyUrl,
} from "./proxied-outbound.ts";
export { createMockUpstream } from "./mock-upstream.ts";
export { greetSocks } from "./socks-bridge.ts";
export { tcpProbe } from "./connect-probe.ts";
export type { Probe } from "./connect-probe.ts";
export type { Resolve } from "./resolve-checked.ts";
