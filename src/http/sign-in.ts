import type { Context } from "hono";
import { deleteCookie, setCookie } from "hono/cookie";
import { type Config, isLoopbackHost } from "../core/config.ts";
import type { Bindings } from "./bindings.ts";
import { isLoopbackAddress } from "./peer.ts";

/** The cookie that carries a sign-in, for the API and for the pages. */
export const SESSION_COOKIE = "auth_token";

const LONGEST_SECONDS = 7 * 24 * 3600;

/** Hands a fresh sign-in to the browser. */
export function giveSession(c: Context, config: Pick<Config, "cookieSecure">, token: string): void {
  setCookie(c, SESSION_COOKIE, token, {
    httpOnly: true,
    sameSite: "Lax",
    path: "/",
    secure: config.cookieSecure,
    maxAge: LONGEST_SECONDS,
  });
}

/** Takes the sign-in back. */
export function takeSession(c: Context): void {
  deleteCookie(c, SESSION_COOKIE, { path: "/" });
}

/** Of a call, what tells where it comes from. */
type Origin = Pick<Bindings, "peer" | "url" | "passedOn">;

/** Does the call come from this machine itself, over no proxy, under a name that only this machine has? */
export function isFromThisMachine({ peer, url, passedOn }: Origin): boolean {
  return !passedOn && isLoopbackAddress(peer) && isLoopbackHost(url.hostname);
}

/** Does the call come from this machine, to a server that only this machine can reach? */
export function isLocalCall(config: Pick<Config, "host">, call: Origin): boolean {
  return isLoopbackHost(config.host) && isFromThisMachine(call);
}
