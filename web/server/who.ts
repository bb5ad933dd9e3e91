import { getCookie } from "hono/cookie";
import type { Engine } from "../../src/engine.ts";
import { isFromThisMachine, SESSION_COOKIE } from "../../src/http/sign-in.ts";
import type { WebContext } from "./web-env.ts";

/** The visitor's sign-in, if there is one. */
export function sessionOf(engine: Engine, c: WebContext): { id: string; token: string } | undefined {
  const token = getCookie(c, SESSION_COOKIE);
  const session = engine.access.findSession(token);
  return session && token !== undefined ? { id: session.id, token } : undefined;
}

/** May the visitor see the dashboard? By signing in, or from this machine where signing in is switched off. */
export function mayEnter(engine: Engine, c: WebContext): boolean {
  if (engine.access.needsSetup()) return false;
  if (sessionOf(engine, c)) return true;
  return !engine.access.loginRequired() && isFromThisMachine(c.env);
}
