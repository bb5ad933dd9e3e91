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
