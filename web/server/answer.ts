import { getCookie, setCookie } from "hono/cookie";
import { PAGE_HEADERS } from "../../src/http/security-headers.ts";
import { SESSION_COOKIE } from "../../src/http/sign-in.ts";
import type { Markup } from "../ui/html.ts";
import { writeDocument } from "../ui/document.ts";
import type { ToastMessage } from "../ui/toast.ts";
import type { Visit } from "../visit.ts";
import type { Carried } from "./carrier.ts";
import type { WebContext, WebDeps } from "./web-env.ts";

const CARRIED_COOKIE = "omniroute_carried";
/** Sent by scripts that fetch a page anew; what waits for its reader must not be used up by them. */
export const REFRESH_HEADER = "x-omniroute-refresh";

/** A page as an answer. */
export function pageAnswer(
  { assets }: WebDeps,
  c: WebContext,
  visit: Visit,
  { title, body, status = 200, headers = {} }: PageAnswer,
): Response {
  const text = writeDocument(visit, assets, { title, body });
  // What is shown only once is never compressed: the length of an answer could give a secret beside typed text away.
  const zipped = visit.carried === undefined && acceptsGzip(c) && text.length > 1024;
  return c.body(zipped ? Bun.gzipSync(text) : text, status as 200, {
    ...PAGE_HEADERS,
    "content-type": "text/html; charset=utf-8",
    "content-language": visit.language,
    "cache-control": "no-store",
    vary: "Accept-Encoding, Accept-Language, Cookie",
    ...(zipped && { "content-encoding": "gzip" }),
    ...headers,
  });
}

export type PageAnswer = {
  title: string;
  body: Markup;
  status?: number;
  headers?: { [name: string]: string };
};

/** Sends the browser on. The target is always a path of ours. */
export function goTo(c: WebContext, path: string): Response {
  return c.body(null, 303, { ...PAGE_HEADERS, location: path, "cache-control": "no-store" });
}

/** Sends the browser on, with something for the page it comes to. */
export function goWith(deps: WebDeps, c: WebContext, path: string, carried: Carried): Response {
  const name = deps.carrier.put(ownerOf(c), path.split(/[?#]/, 1)[0]!, carried);
  setCookie(c, CARRIED_COOKIE, name, {
    httpOnly: true,
    sameSite: "Lax",
    path: "/",
    maxAge: 60,
    secure: deps.engine.config.cookieSecure,
  });
  return goTo(c, path);
}

/** What the answer before left for this page. */
export function takeCarried(deps: WebDeps, c: WebContext): Carried | undefined {
  if (c.req.header(REFRESH_HEADER) !== undefined) return undefined;
  return deps.carrier.take(getCookie(c, CARRIED_COOKIE), ownerOf(c), c.env.url.pathname);
}

export function toastOf(carried: Carried | undefined): ToastMessage | undefined {
  if (carried?.message === undefined) return undefined;
  const { message: text, tone = "ok", undo } = carried;
  return { text, tone, ...(undo !== undefined && { undo }) };
}

/** Messages belong to one browser: its session, or its address where nobody signs in. */
function ownerOf(c: WebContext): string {
  return getCookie(c, SESSION_COOKIE)?.slice(0, 100) ?? c.env.peer;
}

function acceptsGzip(c: WebContext): boolean {
  return /\bgzip\b/.test(c.req.header("accept-encoding") ?? "");
}
