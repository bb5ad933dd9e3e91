import { isIP } from "node:net";
import type { Config } from "../core/config.ts";
import { GatewayError, TargetFailure } from "../core/errors.ts";
import { joinedForNow, type StaticBody } from "../lib/body-bytes.ts";
import type { Clock } from "../lib/clock.ts";
import { type AddressPolicy, bareName } from "./address-rules.ts";
import { portOf } from "./base-url.ts";
import { type Probe, tcpProbe } from "./connect-probe.ts";
import { environmentProxy } from "./environment-proxy.ts";
import { fetchFailure } from "./fetch-failure.ts";
import { KnownAddresses } from "./known-addresses.ts";
import { createMockUpstream } from "./mock-upstream.ts";
import { readText } from "./read-text.ts";
import { checkedAddresses, type Resolve, systemResolve } from "./resolve-checked.ts";

export type OutboundRequest = {
  url: string;
  method: string;
  /** Names in lower case. `user-agent` and `accept-encoding` are filled in where missing. */
  headers: Readonly<Record<string, string>>;
  /** A function gives the body as a stream, anew for each try. What such a stream throws goes to the caller. */
  body?: StaticBody | (() => ReadableStream<Uint8Array>);
  /** Ends the call, before and after the headers. */
  signal: AbortSignal;
  /** The controller of `signal`, where it is there for this call alone: spares one of our own. */
  controller?: AbortController;
  /** The address was typed in by a person: it is checked, and the checked address is the one dialled. */
  userEntered: boolean;
  /** Longest wait for a TCP connection. Default: the configuration's. */
  connectTimeoutMs?: number;
  /** Longest wait for the answer's headers. Default: the configuration's `fetchTimeoutMs`. */
  headersTimeoutMs?: number;
  /** A proxy's URL, or `false` for none. Unset: what `proxyFor` says, else the environment's. */
  proxy?: string | false;
  /** On whose behalf the call is made: what proxies are chosen by. */
  via?: {
    keyId?: string;
    /** Ids of combos, outermost first. */
    combos?: readonly string[];
    connectionId?: string;
    /** The provider's id. */
    provider?: string;
  };
};

export type OutboundResponse = {
  status: number;
  headers: Headers;
  /** The answer's bytes, already decompressed. Its errors are the runtime's own. */
  body: ReadableStream<Uint8Array> | null;
  /** Drops the answer and closes the connection. */
  cancel(): void;
  /**
   * Reads the body as text. An error's body (status 400 and up) is cut off at `limitBytes`; a larger answer throws
   * `TargetFailure` (`malformed`), as does one that breaks off (`unreachable`).
   */
  text(limitBytes: number): Promise<string>;
};

/** The one way out to providers. */
export type Outbound = {
  /**
   * Makes one HTTP call and gives the answer once its headers are there, whatever its status; redirects count as
   * failures. Throws `TargetFailure`: `unreachable`, `timeout`, `malformed` or `cancelled`.
   */
  send(request: OutboundRequest): Promise<OutboundResponse>;
};

export type OutboundDeps = {
  config: Pick<Config, "version" | "connectTimeoutMs" | "fetchTimeoutMs" | "allowPrivateUpstreams" | "proxy">;
  clock: Clock;
  /** The port this gateway listens on; a function where it is known only later. */
  ownPort: number | (() => number | undefined);
  /** A configured proxy for a call: its URL, `false` for none, undefined when nothing is configured. */
  proxyFor?: (request: OutboundRequest) => string | false | undefined;
  resolve?: Resolve;
  probe?: Probe;
};

/** One way to dial: where to, under which name, through what. */
type Route = { url: string; name: URL | undefined; proxy: string | false };

/** How long an answer may take before we look whether the connection stands at all. */
const PROBE_AFTER_MS = 1000;

/** Builds the outgoing client. `mock:` addresses are answered in this process. */
export function createOutbound(deps: OutboundDeps): Outbound {
  const mock = createMockUpstream({ clock: deps.clock });
  const environment = Object.values(deps.config.proxy).some((value) => value !== undefined);
  const known = new KnownAddresses();
  return {
    async send(request) {
      if (request.signal.aborted) throw cancelled();
      if (request.url.startsWith("mock:")) return mock.send(request);
      const proxy =
        request.proxy ??
        deps.proxyFor?.(request) ??
        (environment && environmentProxy(deps.config.proxy, new URL(request.url))) ??
        false;
      const asItStands: Route = { url: request.url, name: undefined, proxy };
      // A vendor's own name is answered for by its certificate.
      if (!request.userEntered && request.url.startsWith("https:")) return dial(deps, request, asItStands);
      const policy = policyOf(deps, request);
      if (known.isGood(request.url, policy)) return dial(deps, request, asItStands);
      return dialFirst(deps, request, await checkedRoutes(deps, policy, request, proxy || false));
    },
  };
}

/** The connection never stood, so nothing was sent. */
const UNOPENED = new Set(["ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH", "EADDRNOTAVAIL"]);

/** Tries the addresses of one name in turn until one takes the connection. */
async function dialFirst(
  deps: OutboundDeps,
  request: OutboundRequest,
  routes: Route[],
): Promise<OutboundResponse> {
  for (const [index, route] of routes.entries()) {
    try {
      return await dial(deps, request, route);
    } catch (error) {
      const isUnopened = error instanceof TargetFailure && UNOPENED.has(error.providerCode ?? "");
      if (!isUnopened || index === routes.length - 1) throw error;
    }
  }
  throw new Error("A call needs at least one route.");
}

/** What is built in without TLS stands on this machine by nature; so do we, and are never meant. */
function policyOf(deps: OutboundDeps, { userEntered }: OutboundRequest): AddressPolicy {
  return {
    allowPrivate: deps.config.allowPrivateUpstreams || !userEntered,
    ownPort: typeof deps.ownPort === "function" ? deps.ownPort() : deps.ownPort,
  };
}

async function checkedRoutes(
  deps: OutboundDeps,
  policy: AddressPolicy,
  request: OutboundRequest,
  proxy: string | false,
): Promise<Route[]> {
  const url = new URL(request.url);
  const addresses = await raced(
    request,
    deps,
    checkedAddresses(url, policy, deps.resolve ?? systemResolve),
    `The name ${url.hostname} was not resolved in time.`,
  );
  // A proxy resolves names by itself, in its own network; an address needs no pinning.
  if (proxy !== false || isIP(bareName(url.hostname)) !== 0)
    return [{ url: request.url, name: undefined, proxy }];
  if (addresses.length === 0)
    throw new TargetFailure("unreachable", `The name ${url.hostname} could not be resolved.`, {
      providerCode: "ENOTFOUND",
    });
  return addresses.map((address) => ({ url: withHost(url, address), name: url, proxy }));
}

function withHost(url: URL, address: string): string {
  const pinned = new URL(url);
  pinned.hostname = address.includes(":") ? `[${address.replace(/%.*$/, "")}]` : address;
  return pinned.href;
}

async function dial(deps: OutboundDeps, request: OutboundRequest, route: Route): Promise<OutboundResponse> {
  if (request.signal.aborted) throw cancelled();
  const controller = request.controller ?? new AbortController();
  const onAbort = () => controller.abort();
  if (controller !== request.controller) request.signal.addEventListener("abort", onAbort, { once: true });
  const watch = watchTime(deps, request, route, (failure) => controller.abort(failure));
  try {
    const response = await fetch(route.url, fetchOptions(deps, request, route, controller.signal));
    refuseRedirect(response, route, controller);
    return new Fetched(response, controller, request.signal);
  } catch (error) {
    request.signal.removeEventListener("abort", onAbort);
    if (error instanceof TargetFailure || error instanceof GatewayError) throw error;
    if (request.signal.aborted) throw cancelled();
    throw fetchFailure(error, placeOf(route), route.proxy !== false);
  } finally {
    watch.stop();
  }
}

class Fetched implements OutboundResponse {
  readonly status: number;
  readonly headers: Headers;

  constructor(
    readonly response: Response,
    readonly controller: AbortController,
    readonly signal: AbortSignal,
  ) {
    this.status = response.status;
    this.headers = response.headers;
  }

  /** Made when it is asked for: a stream of an answer that is then read whole costs more than the reading. */
  get body(): ReadableStream<Uint8Array> | null {
    return this.response.body as ReadableStream<Uint8Array> | null;
  }

  cancel(): void {
    this.controller.abort();
  }

  text(limitBytes: number): Promise<string> {
    return readText(this.response, limitBytes, this.signal, () => this.cancel());
  }
}

function fetchOptions(
  deps: OutboundDeps,
  request: OutboundRequest,
  route: Route,
  signal: AbortSignal,
): RequestInit & BunFetchRequestInit {
  const { name } = route;
  return {
    method: request.method,
    headers: {
      "user-agent": `OmniRoute/${deps.config.version}`,
      "accept-encoding": "identity",
      ...request.headers,
      ...(name && { host: name.host }),
    },
    ...(request.body !== undefined && { body: bodyOf(request.body) }),
    signal,
    // Followed across origins, vendors' own key headers would go along.
    redirect: "manual",
    // The runtime's own limit fires late or never; ours stand beside.
    timeout: false,
    // Unset, the process's environment would decide.
    proxy: route.proxy === false ? false : { url: route.proxy, respectNoProxy: false },
    ...(name?.protocol === "https:" && { tls: { serverName: name.hostname.replace(/\.$/, "") } }),
  };
}

function bodyOf(body: NonNullable<OutboundRequest["body"]>): BodyInit {
  if (typeof body === "function") return body() as BodyInit;
  if (typeof body === "string" || body instanceof Uint8Array) return body as BodyInit;
  return joinedForNow(body) as BodyInit;
}

function refuseRedirect(response: Response, route: Route, controller: AbortController): void {
  if (response.status < 300 || response.status > 399) return;
  controller.abort();
  const location = response.headers.get("location");
  const target = location === null ? null : URL.parse(location, route.name?.href ?? route.url);
  const where = target ? ` to ${target.origin}` : "";
  throw new TargetFailure(
    "unreachable",
    `${placeOf(route)} answered with a redirect${where} (status ${response.status}), which is not followed: correct the base URL.`,
    { status: response.status },
  );
}

/** Gives up on a connection that does not come about, and on an answer that does not begin. */
function watchTime(
  deps: OutboundDeps,
  request: OutboundRequest,
  route: Route,
  giveUp: (failure: TargetFailure) => void,
): { stop(): void } {
  const connectMs = request.connectTimeoutMs ?? deps.config.connectTimeoutMs;
  const headersMs = request.headersTimeoutMs ?? deps.config.fetchTimeoutMs;
  const firstMs = Math.min(PROBE_AFTER_MS, connectMs / 2, headersMs);
  const timers: (() => void)[] = [];
  const later = (ms: number, words: string) =>
    timers.push(deps.clock.after(ms, () => giveUp(new TargetFailure("timeout", words))));
  let probing: AbortController | undefined;
  const look = () => {
    later(headersMs - firstMs, `${placeOf(route)} sent no answer within ${seconds(headersMs)}.`);
    const position = timers.length;
    later(connectMs - firstMs, `${placeOf(route)} could not be reached within ${seconds(connectMs)}.`);
    // A refusal is fetch's to report; only silence is ours.
    const settled = () => timers[position]?.();
    const { host, port } = dialledPlace(route);
    probing = new AbortController();
    (deps.probe ?? tcpProbe)(host, port, probing.signal).then(settled, settled);
  };
  timers.push(deps.clock.after(firstMs, look));
  return {
    stop() {
      for (const cancel of timers) cancel();
      probing?.abort();
    },
  };
}

function dialledPlace(route: Route): { host: string; port: number } {
  const url = new URL(route.proxy === false ? route.url : route.proxy);
  return { host: url.hostname.replace(/^\[|\]$/g, ""), port: portOf(url) };
}

/** Waits for a step before the call, within the connect timeout and as long as somebody wants the answer. */
function raced<T>(request: OutboundRequest, deps: OutboundDeps, step: Promise<T>, words: string): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const settle = (run: () => void) => {
      stopTimer();
      request.signal.removeEventListener("abort", onAbort);
      run();
    };
    const onAbort = () => settle(() => reject(cancelled()));
    const stopTimer = deps.clock.after(request.connectTimeoutMs ?? deps.config.connectTimeoutMs, () =>
      settle(() => reject(new TargetFailure("timeout", words))),
    );
    request.signal.addEventListener("abort", onAbort, { once: true });
    step.then(
      (value) => settle(() => resolve(value)),
      (error: unknown) => settle(() => reject(error)),
    );
  });
}

/** Host and port as the caller knows them. */
const placeOf = (route: Route): string => (route.name ?? new URL(route.url)).host;

const seconds = (ms: number): string => `${Math.round(ms / 100) / 10} s`;

const cancelled = () => new TargetFailure("cancelled", "The call was given up before it was answered.");
