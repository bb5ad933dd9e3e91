import { estimateInputTokens } from "../core/estimate.ts";
import type { ClientFormat } from "../core/format.ts";
import { chatServiceFor } from "../core/target.ts";
import { authHeaders } from "../accounts/index.ts";
import { decodeCountRequest } from "../formats/anthropic/index.ts";
import { bodyText } from "../lib/body-bytes.ts";
import { isObject, tryParseJson } from "../lib/json.ts";
import { Call, type Inbound } from "./call.ts";
import type { RelayDeps } from "./index.ts";
import { isUserEntered } from "./service-url.ts";
import { viaOf } from "./via.ts";
import { writeBody } from "./write-body.ts";

export type Counted = { tokens: number; estimated: boolean };

const COUNT_TIMEOUT_MS = 10_000;
/** Fields of a Messages body that its token counter refuses. */
const NOT_COUNTED = [
  "max_tokens",
  "stream",
  "temperature",
  "top_p",
  "top_k",
  "stop_sequences",
  "metadata",
  "service_tier",
];

/**
 * Input tokens of a call: asked of the provider where it counts by itself, else estimated over everything the call
 * holds. Never waits for a limit and never fails for a provider's sake.
 */
export async function countTokens(deps: RelayDeps, inbound: Inbound): Promise<Counted> {
  const call = new Call({ ...inbound, format: counted(inbound.format) });
  const asked = await askProvider(deps, call).catch(() => undefined);
  return asked === undefined
    ? { tokens: estimateInputTokens(call.request), estimated: true }
    : { tokens: asked, estimated: false };
}

/** Counting takes a Messages body without `max_tokens`. */
const counted = (format: ClientFormat): ClientFormat =>
  format.id === "anthropic" ? { ...format, decodeRequest: decodeCountRequest } : format;

/** The count as the client's protocol writes it. */
export function countAnswer(format: ClientFormat, { tokens, estimated }: Counted): object {
  switch (format.id) {
    case "gemini":
      return { totalTokens: tokens };
    case "openai-responses":
      return { object: "response.input_tokens", input_tokens: tokens };
    default:
      return { input_tokens: tokens, ...(estimated && { source: "estimated" }) };
  }
}

async function askProvider(deps: RelayDeps, call: Call): Promise<number | undefined> {
  const planned = deps.plan(call).targets[0];
  const target = planned && { ...planned, connection: await deps.tokens.ready(planned.connection) };
  const service = target && chatServiceFor(target, call.inbound.format.id);
  if (!target || !service?.countPath) return undefined;
  const format = deps.formats[service.format];
  if (!format) return undefined;
  const written = writeBody(
    call,
    { prepared: undefined, restore: (request) => request },
    target,
    service,
    format,
  );
  const body = tryParseJson(bodyText(written.body));
  if (!isObject(body)) return undefined;
  for (const field of NOT_COUNTED) delete body[field];
  const base = (target.connection.baseUrl ?? target.provider.baseUrl).replace(/\/+$/, "");
  const response = await deps.outbound.send({
    method: "POST",
    url: base + service.countPath.replace("{model}", encodeURIComponent(target.modelId)),
    headers: {
      "content-type": "application/json",
      ...service.headers,
      ...written.headers,
      ...authHeaders(target.provider, target.connection, service),
    },
    body: JSON.stringify(body),
    signal: call.inbound.signal,
    userEntered: isUserEntered(target),
    via: viaOf(target, call.inbound.caller),
    headersTimeoutMs: COUNT_TIMEOUT_MS,
  });
  if (response.status !== 200) {
    response.cancel();
    return undefined;
  }
  const answer = tryParseJson(await response.text(64 * 1024));
  if (!isObject(answer)) return undefined;
  const tokens = answer["input_tokens"] ?? answer["totalTokens"];
  return typeof tokens === "number" ? tokens : undefined;
}
