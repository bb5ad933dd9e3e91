import type { MiddlewareHandler } from "hono";
import { getCookie } from "hono/cookie";
import { GatewayError } from "../core/errors.ts";
import type { Engine } from "../engine.ts";
import { crossSiteRefusal, isCrossSite } from "../http/origin.ts";
import { isFromThisMachine, SESSION_COOKIE } from "../http/sign-in.ts";
import type { AdminContext, AdminEnv } from "./http.ts";
import { OPEN_CALLS } from "./open-calls.ts";
import type { Actor } from "../manage/index.ts";

const OPEN = new Set([...OPEN_CALLS].map((call) => call.slice(call.indexOf(" ") + 1)));

/** Lets in who may come in, and writes down who it is. */
export function guard(engine: Engine): MiddlewareHandler<AdminEnv> {
  return async (c, next) => {
    if (isCrossSite(c.req.raw, c.env.url)) throw crossSiteRefusal();
    c.set("sessionToken", getCookie(c, SESSION_COOKIE));
    const isMetrics = c.env.path === "/metrics";
    if (!isOpen(engine, c.env.path) && !isMetrics) c.set("actor", admit(engine, c));
    else c.set("actor", { name: "nobody", ip: c.env.peer });
    if (isMetrics) admitToMetrics(engine, c);
    await next();
  };
}

function isOpen(engine: Engine, path: string): boolean {
  return engine.access.needsSetup() ? path === "/api/setup" : OPEN.has(path);
}

function admit(engine: Engine, c: AdminContext): Actor {
  const bearer = /^bearer\s+(.+)$/i.exec(c.req.header("authorization") ?? "")?.[1]?.trim();
  const isOwner = engine.access.isOwnerToken(bearer);
  if (isOwner) return { name: "cli", ip: c.env.peer };
  if (engine.access.needsSetup()) {
    throw new GatewayError(
      "setup_required",
      "Finish the set-up first: open the link that the terminal shows.",
    );
  }
  if (engine.access.findSession(c.get("sessionToken"))) {
    refuseForgedChange(c);
    return { name: "admin", ip: c.env.peer };
  }
  const caller = bearer === undefined ? undefined : engine.access.findCaller(bearer);
  if (typeof caller === "object") {
    const isSync = c.env.path.startsWith("/api/sync/bundles") && caller.key?.scopes.includes("sync");
    if (isSync || caller.key?.scopes.includes("admin")) return { name: `key ${caller.name}`, ip: c.env.peer };
    throw new GatewayError(
      "forbidden",
      "This API key is for models; managing takes a key with the scope `admin`.",
    );
  }
  if (!engine.access.loginRequired() && isFromThisMachine(c.env)) {
    refuseForgedChange(c);
    return { name: "admin", ip: c.env.peer };
  }
  throw new GatewayError("login_required", "Sign in first, or send a key with the scope `admin`.");
}

function admitToMetrics(engine: Engine, c: AdminContext): void {
  const bearer = /^bearer\s+(.+)$/i.exec(c.req.header("authorization") ?? "")?.[1]?.trim();
  const { metricsToken } = engine.config;
  if (metricsToken !== undefined && bearer === metricsToken) return;
  const caller = bearer === undefined ? undefined : engine.access.findCaller(bearer);
  if (typeof caller === "object" && caller.key?.scopes.includes("metrics")) return;
  admit(engine, c);
}

/** A change made with a cookie must show that it comes from our own page: forms of other sites cannot. */
function refuseForgedChange(c: AdminContext): void {
  if (c.req.method === "GET" || c.req.method === "HEAD") return;
  const ownOrigin = c.req.header("origin") !== undefined;
  const json = /^application\/json\b/i.test(c.req.header("content-type") ?? "");
  if (!ownOrigin && !json && c.req.header("x-requested-with") === undefined) throw crossSiteRefusal();
}
