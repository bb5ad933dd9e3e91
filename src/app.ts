import type { Server } from "bun";
import { GatewayError } from "./core/errors.ts";
import type { Engine } from "./engine.ts";
import { answerCallback, isCallbackPath } from "./admin/callback.ts";
import { managementError } from "./admin/http.ts";
import { type Admin, createAdmin } from "./admin/index.ts";
import { createGateway, formatOfPath } from "./gateway/index.ts";
import { presentedKey } from "./gateway/caller.ts";
import { publicOperations } from "./gateway/operations.ts";
import { gatewayPath } from "./gateway/paths.ts";
import { type Bindings, type PublicBindings, WELL_FORMED_REQUEST_ID } from "./http/bindings.ts";
import { errorResponse } from "./http/error-response.ts";
import { AllowedHosts, checkedUrl } from "./http/guard.ts";
import { clientAddress, isPassedOn } from "./http/peer.ts";
import { newRequestId } from "./lib/ids.ts";
import { asGatewayError } from "./relay/index.ts";

/** Answers one request that came in over `server`. */
export type App = (
  request: Request,
  server: Pick<Server<undefined>, "requestIP" | "timeout">,
) => Response | Promise<Response>;

/** Mounts the doors behind the guard: probes, public API, management API, dashboard. */
export function createApp(engine: Engine): App {
  const hosts = new AllowedHosts(engine.config);
  const gateway = createGateway(engine);
  const admin = createAdmin(engine, publicOperations());
  const web = dashboard(engine, admin);

  return (request, server) => {
    engine.loop.wake();
    const asked = request.headers.get("x-request-id");
    const requestId = asked !== null && WELL_FORMED_REQUEST_ID.test(asked) ? asked : newRequestId();
    let url: URL;
    try {
      url = checkedUrl(request, hosts, () => hasValidKey(engine, request));
    } catch (error) {
      return refused(engine, request, error, requestId);
    }
    const { addresses } = engine.access;
    if (addresses.isActive && url.pathname !== "/healthz") {
      const address = server.requestIP(request)?.address ?? "";
      const peer = clientAddress(address, request.headers, engine.config.trustedProxies);
      if (addresses.isBlocked(peer) && !isOwner(engine, request)) {
        return refused(engine, request, ipBlocked(), requestId);
      }
    }
    const publicPath = gatewayPath(url.pathname);
    const shared: PublicBindings = {
      requestId,
      url,
      path: publicPath ?? url.pathname,
      unlimited: () => server.timeout(request, 0),
    };
    if (publicPath !== undefined) {
      if (request.method === "OPTIONS") return preflight(engine, request);
      const origin = listedOrigin(engine, request);
      const answer = gateway(request, shared);
      return origin === undefined ? answer : withCors(origin, answer);
    }
    const address = server.requestIP(request)?.address ?? "";
    const peer = clientAddress(address, request.headers, engine.config.trustedProxies);
    const bindings: Bindings = { ...shared, peer, passedOn: isPassedOn(request.headers) };
    if (url.pathname === "/healthz") return probe({ status: "ok" }, 200);
    if (url.pathname === "/readyz") return ready(engine);
    if (isCallbackPath(url.pathname)) return answerCallback(engine, request, bindings);
    return isManagement(url.pathname)
      ? admin.fetch(request, bindings)
      : web().then((door) => door.fetch(request, bindings));
  };
}

const isManagement = (path: string): boolean => path.startsWith("/api/") || path === "/metrics";

/** The dashboard, loaded when somebody first looks: a start need not wait for pages, nor a gateway without eyes hold them. */
function dashboard(engine: Engine, admin: Pick<Admin, "document">) {
  const load = async () => (await import("../web/index.ts")).createWeb(engine, admin.document);
  let loaded: ReturnType<typeof load> | undefined;
  return () => (loaded ??= load());
}

function refused(engine: Engine, request: Request, error: unknown, requestId: string): Response {
  const path = URL.canParse(request.url) ? new URL(request.url).pathname : "";
  const told = asGatewayError(error, engine.clock.now());
  if (gatewayPath(path) === undefined && isManagement(path)) {
    const answer = managementError(request, told, requestId);
    answer.headers.set("connection", "close");
    return answer;
  }
  return errorResponse(told, formatOfPath(gatewayPath(path) ?? path), requestId, { connection: "close" });
}

const ipBlocked = () => new GatewayError("ip_blocked", "Calls from this address are blocked.");

/** Whoever can read the data directory may not lock themselves out of their own machine. */
function isOwner(engine: Engine, request: Request): boolean {
  const bearer = /^bearer\s+(.+)$/i.exec(request.headers.get("authorization") ?? "")?.[1]?.trim();
  return engine.access.isOwnerToken(bearer);
}

function hasValidKey(engine: Engine, request: Request): boolean {
  if (!URL.canParse(request.url)) return false;
  const key = presentedKey(request.headers, new URL(request.url), false);
  return key !== undefined && typeof engine.access.findCaller(key) === "object";
}

function ready(engine: Engine): Response {
  const state = engine.readiness();
  return state.ready
    ? probe({ status: "ready" }, 200)
    : probe({ status: "not ready", reason: state.reason }, 503);
}

function probe(body: object, status: number): Response {
  return Response.json(body, {
    status,
    headers: { "cache-control": "no-store", ...(status === 503 && { "retry-after": "5" }) },
  });
}

const CORS_HEADERS =
  "Content-Type, Authorization, x-api-key, x-goog-api-key, anthropic-version, anthropic-beta, accept, idempotency-key, x-request-id, x-session-id, X-OmniRoute-No-Cache, X-OmniRoute-Progress, X-OmniRoute-Dry-Run, X-OmniRoute-Wait, X-OmniRoute-Connection, X-OmniRoute-Debug";

/** The listed origin a browser call comes from; undefined for programs and for origins nobody listed. */
function listedOrigin(engine: Engine, request: Request): string | undefined {
  const origin = request.headers.get("origin");
  if (origin === null || origin === "null") return undefined;
  const listed = engine.corsOrigins();
  return listed.includes("*") || listed.includes(origin) ? origin : undefined;
}

function preflight(engine: Engine, request: Request): Response {
  const origin = listedOrigin(engine, request);
  if (origin === undefined) {
    const error = new GatewayError("cross_site", "This origin is not listed in CORS_ORIGINS.");
    return errorResponse(error, formatOfPath("/v1"), newRequestId());
  }
  return new Response(null, {
    status: 204,
    headers: {
      "access-control-allow-origin": origin,
      "access-control-allow-methods": "GET, POST, OPTIONS",
      "access-control-allow-headers": CORS_HEADERS,
      "access-control-max-age": "600",
      vary: "Origin",
    },
  });
}

async function withCors(origin: string, answer: Response | Promise<Response>): Promise<Response> {
  const response = await answer;
  response.headers.set("access-control-allow-origin", origin);
  response.headers.set("access-control-expose-headers", "*");
  response.headers.append("vary", "Origin");
  return response;
}
