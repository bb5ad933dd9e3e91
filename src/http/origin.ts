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

/** The refusal for such calls. */
export function crossSiteRefusal(): GatewayError {
  return new GatewayError(
    "cross_site",
    "This call comes from a web page of another site and was refused. Use an API key, or list the site in CORS_ORIGINS.",
  );
}

/** The refusal for a change made with a login's cookie that does not show where it comes from. */
export function unprovenOriginRefusal(): GatewayError {
  return new GatewayError(
    "cross_site",
    "A change made with a login's cookie must show that no other site sent it: add a header `X-Requested-With` (any value), send JSON as `application/json`, or use an API key of scope `admin` instead of the cookie.",
  );
}
