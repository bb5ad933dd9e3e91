import { timingSafeEqual } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import { getCookie } from "hono/cookie";
import { groupPaused } from "../access/index.ts";
import type { Caller } from "../core/key.ts";
import { GatewayError } from "../core/errors.ts";
import type { Engine } from "../engine.ts";
import { crossSiteRefusal, isCrossSite, unprovenOriginRefusal } from "../http/origin.ts";
import { isFromThisMachine, SESSION_COOKIE } from "../http/sign-in.ts";
import { sha256 } from "../lib/ids.ts";
import type { Actor } from "../manage/index.ts";
import type { AdminContext, AdminEnv } from "./http.ts";

/** Who may use a route. Whoever is signed in, or shows a key of scope `admin`, may use all but the owner's. */
export const ROLES = {
  setup: "Anybody, also before set-up is done.",
  anybody: "Anybody, once set-up is done.",
  metrics: "The METRICS_TOKEN, or a key of scope `metrics` or `read`.",
  sync: "A key of scope `sync`.",
  reader: "A key of scope `read`.",
  admin: "A sign-in, or a key of scope `admin`.",
  owner: "The owner of the data directory, with the token that lies in it.",
} as const;

export type Role = keyof typeof ROLES;
type KeyScope = NonNullable<Caller["key"]>["scopes"][number];

/** The scopes of keys that open a role's routes beside `admin`. */
const OPENED_BY: Readonly<Partial<Record<Role, readonly KeyScope[]>>> = {
  metrics: ["metrics", "read"],
  sync: ["sync"],
  reader: ["read"],
};

/** Lets in who may use a route of this role, and writes down who it is. Everybody else gets 401 or 403. */
export function demand(engine: Engine, role: Role): MiddlewareHandler<AdminEnv> {
  return async (c, next) => {
    if (isCrossSite(c.req.raw, c.env.url)) throw crossSiteRefusal("management");
    c.set("sessionToken", getCookie(c, SESSION_COOKIE));
    c.set("actor", admitted(engine, c, role));
    await next();
  };
}

function admitted(engine: Engine, c: AdminContext, role: Role): Actor {
  const ip = c.env.peer;
  const bearer = /^bearer\s+(.+)$/i.exec(c.req.header("authorization") ?? "")?.[1]?.trim();
  if (engine.access.isOwnerToken(bearer)) return { name: "cli", ip };
  if (role === "setup") return { name: "nobody", ip };
  if (engine.access.needsSetup()) {
    throw new GatewayError(
      "setup_required",
      "Finish the set-up first: open the link that the terminal shows.",
    );
  }
  if (role === "anybody") return { name: "nobody", ip };
  if (role === "metrics" && isSame(bearer, engine.config.metricsToken)) return { name: "metrics", ip };
  return signedIn(engine, c, role) ?? keyHolder(engine, c, role, bearer) ?? openDoor(engine, c, role);
}

function signedIn(engine: Engine, c: AdminContext, role: Role): Actor | undefined {
  if (!engine.access.findSession(c.get("sessionToken"))) return undefined;
  refuseForgedChange(c);
  if (role === "owner") throw ownerOnly();
  return { name: "admin", ip: c.env.peer };
}

function keyHolder(
  engine: Engine,
  c: AdminContext,
  role: Role,
  bearer: string | undefined,
): Actor | undefined {
  const caller = bearer === undefined ? undefined : engine.access.findCaller(bearer);
  if (caller === "paused") throw groupPaused();
  if (typeof caller !== "object" || !caller.key) return undefined;
  if (role === "owner") throw ownerOnly();
  const opening: readonly KeyScope[] = ["admin", ...(OPENED_BY[role] ?? [])];
  if (caller.key.scopes.some((scope) => opening.includes(scope)))
    return { name: `key ${caller.name}`, ip: c.env.peer };
  throw new GatewayError(
    "forbidden",
    `This API key may not do this; it takes a key with the scope ${opening.map((scope) => `\`${scope}\``).join(" or ")}.`,
  );
}

/** With the login switched off, whoever sits at the machine. */
function openDoor(engine: Engine, c: AdminContext, role: Role): Actor {
  if (!engine.access.loginRequired() && isFromThisMachine(c.env)) {
    refuseForgedChange(c);
    if (role === "owner") throw ownerOnly();
    return { name: "admin", ip: c.env.peer };
  }
  throw new GatewayError("login_required", "Sign in first, or send a key with the scope `admin`.");
}

const ownerOnly = () =>
  new GatewayError(
    "forbidden",
    "Only the owner of the data directory may do this, on the machine itself: see `omniroute admin --help`.",
  );

/** In the same time wherever they differ. */
function isSame(shown: string | undefined, wanted: string | undefined): boolean {
  if (shown === undefined || wanted === undefined) return false;
  return timingSafeEqual(Buffer.from(sha256(shown)), Buffer.from(sha256(wanted)));
}

/** A change made with a cookie must show that it comes from our own page: forms of other sites cannot. */
function refuseForgedChange(c: AdminContext): void {
  if (c.req.method === "GET" || c.req.method === "HEAD") return;
  const ownOrigin = c.req.header("origin") !== undefined;
  const json = /^application\/json\b/i.test(c.req.header("content-type") ?? "");
  if (!ownOrigin && !json && c.req.header("x-requested-with") === undefined) throw unprovenOriginRefusal();
}
