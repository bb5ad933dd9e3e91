import { z } from "zod";
import { DASHBOARD } from "../core/key.ts";
import { badRequest, GatewayError, TargetFailure } from "../core/errors.ts";
import { NO_QUIRKS } from "../core/quirks.ts";
import type { Reply } from "../core/reply.ts";
import type { ChatRequest } from "../core/request.ts";
import { newRequestId } from "../lib/ids.ts";
import { type JsonObject, tryParseJson } from "../lib/json.ts";
import { parseInput } from "../core/parse-input.ts";
import { createRelay, type Inbound, type RelayDeps, type Served } from "../relay/index.ts";
import type { Catalogue } from "../routing/index.ts";
import { PROVIDER_FORMATS } from "../formats/index.ts";
import { clientCall, decodeBody } from "./client-call.ts";
import { detect } from "./detect.ts";
import { type AnyFormatId, clientFormat, formatOf, shownName } from "./format-names.ts";
import { type Destination, destinationOf } from "./target.ts";
import { type Exchange, tapped } from "./tap.ts";
import { encodeFor } from "./translate.ts";
import { type AnswerSource, translateReply, translateStream } from "./translate-reply.ts";

export const chatTestInput = z.object({
  /** The client's format; left out or `auto`: found out from the body. */
  sourceFormat: z.string().max(100).nullish(),
  /** A model, alias or combo in place of the body's own. */
  model: z.string().max(400).nullish(),
  /** Only this provider, as `/v1/providers/{provider}/…` would. */
  provider: z.string().max(100).nullish(),
  /** The client's body. */
  body: z.record(z.string(), z.unknown()),
});

/** One real call, stage by stage. What failed or does not apply is null. */
export type ChatTest = {
  requestId: string;
  /** 1: what the client sent. */
  input: { format: string; body: JsonObject };
  /** Between 1 and 2. */
  canonicalRequest: ChatRequest;
  /** 2 and 3: every call to a provider in order, the last being the one that answered. */
  exchanges: (Exchange & { format?: string })[];
  /** Between 3 and 4. */
  canonicalReply: Reply | null;
  /** 4: what the client gets: JSON, or the stream's text. */
  output: { status: number; headers: { [name: string]: string }; body: unknown };
};

export type ChatTestDeps = { relay: RelayDeps; catalogue(): Catalogue };

const MOST_OUTPUT = 1024 * 1024;

/**
 * Sends a client's body for real and shows every stage it goes through. A failure of the call is part of the result
 * (`output`), in the client's own shape. Throws `bad_request` for what could not even be sent.
 */
export async function chatTest(deps: ChatTestDeps, input: unknown, signal: AbortSignal): Promise<ChatTest> {
  const wish = parseInput(chatTestInput, input);
  const source = sourceOf(wish);
  const body = { ...wish.body, ...(wish.model && { model: wish.model }) };
  const canonicalRequest = decodeBody(body, source);
  const exchanges: Exchange[] = [];
  const relay = createRelay({ ...deps.relay, outbound: tapped(deps.relay.outbound, exchanges) });
  const inbound = inboundOf(body, source, wish.provider ?? undefined, signal);
  const output = await answered(inbound, () => relay.chat(inbound));
  const label = output.headers["x-omniroute-model"];
  const destination = label ? destinationOf(deps.catalogue(), label, undefined, source) : undefined;
  return {
    requestId: inbound.requestId,
    input: { format: shownName(source), body },
    canonicalRequest,
    exchanges: exchanges.map((exchange, index) => ({
      ...exchange,
      ...(destination && index === exchanges.length - 1 && { format: shownName(destination.service.format) }),
    })),
    canonicalReply: destination ? canonicalOf(canonicalRequest, destination, exchanges.at(-1)) : null,
    output,
  };
}

/** A call as a client would make it. */
export function inboundOf(
  body: JsonObject,
  source: AnyFormatId,
  providerRoute: string | undefined,
  signal: AbortSignal,
): Inbound {
  const sent = clientCall(body, source);
  return {
    requestId: newRequestId(),
    path: "/api/translator/chat",
    format: clientFormat(source, "sourceFormat"),
    ...(sent.pathFacts && { pathFacts: sent.pathFacts }),
    body: Buffer.from(JSON.stringify(sent.body)),
    headers: new Headers({ "x-omniroute-no-cache": "true" }),
    caller: DASHBOARD,
    signal,
    ...(providerRoute !== undefined && { providerRoute }),
  };
}

/** The format a body is in: the named one, else what it looks like. Throws `bad_request`. */
export function sourceOf({
  sourceFormat,
  body,
}: {
  sourceFormat?: string | null | undefined;
  body: unknown;
}): AnyFormatId {
  if (sourceFormat && sourceFormat !== "auto") return formatOf(sourceFormat, "sourceFormat");
  const found = detect(body);
  if (found?.kind === "request") return found.format;
  throw badRequest("The body looks like no request we know; name its format.", "sourceFormat");
}

async function answered(inbound: Inbound, call: () => Promise<Served>): Promise<ChatTest["output"]> {
  try {
    const { response } = await call();
    const text = (await response.text()).slice(0, MOST_OUTPUT);
    const headers = Object.fromEntries(response.headers);
    return { status: response.status, headers, body: tryParseJson(text) ?? text };
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    const body = inbound.format.encodeError(error, inbound.requestId);
    return { status: error.status, headers: {}, body };
  }
}

/** The provider's answer as we understood it; null where it was an error or cannot be read again. */
function canonicalOf(
  request: ChatRequest,
  destination: Destination,
  exchange: Exchange | undefined,
): Reply | null {
  const { response } = exchange ?? {};
  if (!response || response.cut || response.status >= 400) return null;
  const { service } = destination;
  try {
    const from: AnswerSource = {
      format: PROVIDER_FORMATS[service.format],
      quirks: service.quirks ?? NO_QUIRKS,
      toolNames: encodeFor(request, service.format, destination).toolNames,
    };
    const isStream = /^text\/event-stream/i.test(response.contentType);
    const read = isStream ? translateStream : translateReply;
    return read(from, undefined, isStream ? response.body : tryParseJson(response.body)) as Reply;
  } catch (error) {
    if (error instanceof GatewayError || error instanceof TargetFailure) return null;
    throw error;
  }
}
