import { groupPaused } from "../access/index.ts";
import type { Caller } from "../core/key.ts";
import { KEYLESS } from "../core/key.ts";
import { GatewayError } from "../core/errors.ts";
import type { Engine } from "../engine.ts";
import { crossSiteRefusal, isCrossSite } from "../http/origin.ts";

/** The key a client shows, in any of the forms every protocol's clients use. `?key=` counts on Gemini paths only. */
export function presentedKey(headers: Headers, url: URL, isGemini: boolean): string | undefined {
  const authorization = headers.get("authorization");
  const bearer = authorization && /^bearer\s+(.+)$/i.exec(authorization)?.[1]?.trim();
  const fromQuery = isGemini ? url.searchParams.get("key") : null;
  return bearer || headers.get("x-api-key") || headers.get("x-goog-api-key") || fromQuery || undefined;
}

/**
 * Who makes this call. Throws `GatewayError`: 401 for a missing or unknown key where keys are required and for a
 * revoked or expired one everywhere, 403 for one whose group is paused and for keyless calls that come from a web page of another site.
 */
export function identify(engine: Engine, request: Request, url: URL, isGemini: boolean): Caller {
  const key = presentedKey(request.headers, url, isGemini);
  const found = key === undefined ? "unknown" : engine.access.findCaller(key);
  if (typeof found === "object") return withScope(found);
  if (found === "revoked") throw invalidKey("This API key has been revoked.");
  if (found === "expired") throw invalidKey("This API key has expired.");
  if (found === "paused") throw groupPaused();
  if (engine.access.keyRequired()) {
    throw invalidKey(
      key === undefined
        ? "An API key is required: make one in the dashboard and send it as `Authorization: Bearer …`."
        : "This API key is not known here.",
    );
  }
  if (isCrossSite(request, url, engine.corsOrigins())) throw crossSiteRefusal("public");
  return KEYLESS;
}

function withScope(caller: Caller): Caller {
  if (caller.key && !caller.key.scopes.includes("inference")) {
    throw new GatewayError(
      "forbidden",
      "This API key may not be used for inference: its scopes do not include it.",
    );
  }
  return caller;
}

function invalidKey(message: string): GatewayError {
  return new GatewayError("invalid_api_key", message);
}
