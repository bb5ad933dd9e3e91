import { isLoopbackHost } from "../../core/config.ts";
import { badRequest } from "../../core/errors.ts";
import type { FlowContext } from "./context.ts";
import type { BrowserWay, Redirects } from "./flow.ts";

export type RedirectInput = {
  /** The gateway's public address. */
  baseUrl: string;
  /** The address at which the person reached the gateway: `https://host:port`. */
  origin?: string | undefined;
  /** What the caller asked for. */
  asked?: string | undefined;
};

export type ChosenRedirect = {
  redirectUri: string;
  /** Where to listen for it; absent where the gateway itself does, or nobody can. */
  listener?: NonNullable<Redirects["listener"]>;
};

/**
 * Where the vendor is told to send the browser. An address that is asked for must be this gateway's own, or the
 * vendor's fixed one; another throws `bad_request`.
 */
export function chooseRedirect(
  context: FlowContext,
  { redirects }: BrowserWay,
  input: RedirectInput,
): ChosenRedirect {
  const configured = context.setting("REDIRECT_URI");
  const fixed = configured ?? fixedUri(redirects);
  const own = `${homeOf(input)}/callback`;
  if (input.asked !== undefined && input.asked !== fixed) {
    const asked = askedCallback(input.asked, input);
    if (configured === undefined && redirects.own === "any") return { redirectUri: asked };
  }
  if (configured !== undefined) return { redirectUri: configured, ...listenerAt(redirects, configured) };
  if (redirects.listener && fixed !== undefined) return { redirectUri: fixed, listener: redirects.listener };
  if (redirects.own === "any") return { redirectUri: own };
  if (redirects.own === "loopback" && isLoopbackHost(new URL(own).hostname)) return { redirectUri: own };
  return { redirectUri: fixed ?? own };
}

function fixedUri({ listener, elsewhere }: Redirects): string | undefined {
  return listener ? `http://${listener.host}:${listener.port}${listener.path}` : elsewhere;
}

/** A loopback address of the operator's choice is listened to in place of the vendor's. */
function listenerAt(redirects: Redirects, configured: string): Pick<ChosenRedirect, "listener"> {
  const url = URL.parse(configured);
  if (!redirects.listener || !url || !isLoopbackHost(url.hostname) || url.port === "") return {};
  const host = url.hostname === "127.0.0.1" ? "127.0.0.1" : "localhost";
  return { listener: { host, port: Number(url.port), path: url.pathname } };
}

/**
 * The address under which both the person's browser and the vendor know this gateway, without a slash at the end. On
 * this machine that is `localhost`: vendors allow the name of the loopback rather than its number.
 */
export function homeOf({ baseUrl, origin }: Pick<RedirectInput, "baseUrl" | "origin">): string {
  const base = new URL(baseUrl);
  if (!isLoopbackHost(base.hostname)) return base.href.replace(/\/+$/, "");
  const used = URL.parse(origin ?? "");
  const port = used && isLoopbackHost(used.hostname) ? used.port : base.port;
  return `http://localhost${port === "" ? "" : `:${port}`}`;
}

function askedCallback(asked: string, { baseUrl, origin }: RedirectInput): string {
  const url = URL.parse(asked);
  const isOwn =
    url !== null &&
    /^https?:$/.test(url.protocol) &&
    (url.origin === new URL(baseUrl).origin || url.origin === origin || isLoopbackHost(url.hostname));
  if (!isOwn || !/(?:^|\/)callback(?:\/|$)/.test(url.pathname) || url.username !== "" || url.hash !== "") {
    throw badRequest(
      "redirect_uri must be the address of this gateway's own /callback; leave it out to use the right one.",
      "redirect_uri",
    );
  }
  return url.href;
}
