import type { Context } from "hono";
import { CODES, type GatewayError } from "../core/errors.ts";
import { GatewayError as Refusal } from "../core/errors.ts";
import { isObject, type JsonObject } from "../lib/json.ts";
import { scanObject } from "../lib/json-scan.ts";
import type { Bindings } from "../http/bindings.ts";
import { readBody } from "../http/body.ts";
import type { Actor } from "../manage/index.ts";

export type AdminEnv = { Bindings: Bindings; Variables: { actor: Actor; sessionToken: string | undefined } };
export type AdminContext = Context<AdminEnv>;

export const MANAGEMENT_LIMIT_BYTES = 1024 * 1024;

/** The body as a JSON object whatever the content type says. Throws `bad_request`. An empty body is `{}`. */
export async function jsonBody(c: AdminContext, limit = MANAGEMENT_LIMIT_BYTES): Promise<JsonObject> {
  const bytes = await readBody(c.req.raw, limit);
  if (bytes.length === 0) return {};
  try {
    return jsonObject(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    throw error instanceof Refusal ? error : new Refusal("bad_request", "The body is not valid UTF-8.");
  }
}

/** A JSON object. Throws `bad_request`. */
export function jsonObject(text: string): JsonObject {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new Refusal("bad_request", "The body is not valid JSON.");
  }
  if (!isObject(parsed)) throw new Refusal("bad_request", "The body must be a JSON object.");
  if (scanObject(Buffer.from(text)) === undefined)
    throw new Refusal("bad_request", "The body is nested deeper than 512 levels.");
  return parsed;
}

/** An error as the answer to a call that came to a route. */
export const adminError = (c: AdminContext, error: GatewayError): Response =>
  managementError(c.req.raw, error, c.env.requestId);

/** An error in the one shape of the management API. */
export function managementError(request: Request, error: GatewayError, requestId: string): Response {
  const headers: { [name: string]: string } = { "cache-control": "no-store" };
  const { code, param, message } = error;
  const isOfField = code === "bad_request" && param !== undefined;
  const details = error.details ?? (isOfField ? [{ field: param, message }] : undefined);
  if (error.retryAfterMs !== undefined)
    headers["retry-after"] = String(Math.max(1, Math.ceil(error.retryAfterMs / 1000)));
  // An unread body would be swallowed to its end; closing says that nobody wants it.
  if (request.body && !request.bodyUsed) headers["connection"] = "close";
  return Response.json(
    {
      error: {
        message: error.message,
        type: CODES[error.code].openai,
        code: error.code,
        ...(details && { details }),
      },
      requestId,
      ...(error.code === "setup_required" && { needsSetup: true }),
    },
    { status: error.status, headers },
  );
}

/** ISO 8601 UTC; null for what never happened. */
export function isoTime(milliseconds: number | undefined): string | null {
  return milliseconds === undefined ? null : new Date(milliseconds).toISOString();
}
