import { KEYLESS } from "../core/key.ts";
import { TargetFailure } from "../core/errors.ts";
import type { Loss } from "../core/format.ts";
import { authHeaders } from "../accounts/index.ts";
import { PROVIDER_FORMATS } from "../formats/index.ts";
import { bodyText } from "../lib/body-bytes.ts";
import { type JsonObject, tryParseJson } from "../lib/json.ts";
import { Call, serviceUrl, writeBody } from "../relay/index.ts";
import { clientCall } from "./client-call.ts";
import { type AnyFormatId, clientFormat } from "./format-names.ts";
import type { Destination } from "./target.ts";

/** A call as it would leave for the provider; credentials are masked. */
export type ProviderCall = {
  method: "POST";
  url: string;
  headers: { [name: string]: string };
  body: unknown;
  /** The client's own bytes go on, and the answer's come back untouched. */
  passesThrough: boolean;
  losses: Loss[];
};

/** Writes the call that a client's body would become at a provider; the same code writes the real ones. */
export function providerRequest(
  body: JsonObject,
  source: AnyFormatId,
  { target, service }: Destination,
): ProviderCall {
  const sent = clientCall(body, source);
  const call = new Call({
    requestId: "preview",
    path: "/api/translator/translate",
    format: clientFormat(source, "sourceFormat"),
    ...(sent.pathFacts && { pathFacts: sent.pathFacts }),
    body: Buffer.from(JSON.stringify(sent.body)),
    headers: new Headers(),
    caller: KEYLESS,
    signal: new AbortController().signal,
  });
  const format = PROVIDER_FORMATS[service.format];
  const options = { prepared: undefined, restore: <Request>(request: Request) => request };
  const written = writeBody(call, options, target, service, format);
  return {
    method: "POST",
    url: serviceUrl(target, service, written.stream),
    headers: {
      "content-type": "application/json",
      accept: written.stream ? "text/event-stream" : "application/json",
      ...service.headers,
      ...written.headers,
      ...maskedCredentials({ target, service }),
    },
    body: tryParseJson(bodyText(written.body)),
    passesThrough: written.lane === "raw",
    losses: written.losses,
  };
}

/** Which headers would carry the credential. */
function maskedCredentials({ target, service }: Destination): { [name: string]: string } {
  try {
    const names = Object.keys(authHeaders(target.provider, target.connection, service));
    return Object.fromEntries(names.map((name) => [name, "•••"]));
  } catch (error) {
    if (error instanceof TargetFailure) return {};
    throw error;
  }
}
