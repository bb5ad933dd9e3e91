import { GatewayError } from "../core/errors.ts";

/** Does a browser say that this call comes from another site? Programs send neither header and pass. */
export function isCrossSite(request: Request, url: URL, allowedOrigins: readonly string[] = []): boolean {
  const origin = request.headers.get("origin");
  if (origin !== null) {
    if (allowedOrigins.includes(origin) || (allowedOrigins.includes("*") && origin !== "null")) return false;
    if (!URL.canParse(origin)) return true;
    return new URL(origin).host !== url.host;
  }
  const site = request.headers.get("sec-fetch-site");
  return site === "cross-site" || site === "same-site";
}

/** The refusal for such calls; the management API has no list of sites that may call it. */
export function crossSiteRefusal(door: "public" | "management"): GatewayError {
  const cure =
    door === "public"
      ? "Use an API key, or list the site in CORS_ORIGINS."
      : "No other site may manage this gateway: call from a program, without an Origin.";
  return new GatewayError(
    "cross_site",
    `This call comes from a web page of another site and was refused. ${cure}`,
  );
}

/** The refusal for a change made with a login's cookie that does not show where it comes from. */
export function unprovenOriginRefusal(): GatewayError {
  return new GatewayError(
    "cross_site",
    "A change made with a login's cookie must show that no other site sent it: add a header `X-Requested-With` (any value), send JSON as `application/json`, or use an API key of scope `admin` instead of the cookie.",
  );
}
