import { badRequest, type GatewayError } from "../core/errors.ts";
import type { ClientFormat, PathFacts } from "../core/format.ts";
import { DASHBOARD } from "../core/key.ts";
import { CLIENT_FORMATS, geminiArray } from "../formats/index.ts";
import type { Clock } from "../lib/clock.ts";
import {
  asGatewayError,
  countAnswer,
  createRelay,
  isServicePath,
  type Origin,
  type Relay,
  type RelayDeps,
  serveBody,
  type Served,
  serveForm,
  type ServiceRoute,
  takesForm,
} from "../relay/index.ts";
import { bytesOf } from "./played-outbound.ts";
import type { Recording } from "./recording.ts";
import { refusalOf } from "./replayed-deps.ts";

/** What the client got. `broken`: its connection was cut in the middle of the answer. */
export type Got = {
  bytes: Buffer;
  broken: boolean;
  response: Response | undefined;
  error: GatewayError | undefined;
};

/** Makes the recorded call again, as its client made it. */
export async function callAgain(deps: RelayDeps, recording: Recording): Promise<Got> {
  const { request, id } = recording;
  const client = new AbortController();
  if (request.leftMs !== undefined) deps.clock.after(request.leftMs, () => client.abort());
  const format = clientFormat(request);
  try {
    if (wasRefusedUnread(recording)) throw refusalOf(recording);
    const served = await asked(createRelay(deps), recording, format, client.signal, deps.clock);
    const left = new Promise<undefined>((resolve) =>
      client.signal.addEventListener("abort", () => resolve(undefined)),
    );
    const read = await readUntil(served.response, left);
    await served.ended;
    return { ...read, response: served.response, error: undefined };
  } catch (thrown) {
    const error = asGatewayError(thrown, deps.clock.now());
    if (error.code === "internal_server_error" && error.cause instanceof Error) throw error.cause;
    const bytes = Buffer.from(JSON.stringify(format.encodeError(error, id)));
    return { bytes, broken: false, response: undefined, error };
  }
}

/** Refused at the door: who may call, and how much, is not judged again. */
export const wasRefusedUnread = ({ request, exchanges, outcome }: Recording): boolean =>
  exchanges.length === 0 &&
  (outcome.errorCode === "too_large" || (request.unfinished === "unread" && request.body.size === 0));

function asked(
  relay: Relay,
  { id, request }: Recording,
  format: ClientFormat,
  signal: AbortSignal,
  clock: Clock,
): Promise<Served> {
  const { now } = clock;
  const origin: Origin = {
    requestId: id,
    path: request.path,
    headers: new Headers(Object.entries(request.headers)),
    caller: DASHBOARD,
    signal,
    ...(request.providerRoute !== undefined && { providerRoute: request.providerRoute }),
  };
  const body = new Uint8Array(bytesOf(request.body));
  const pathFacts = pathFactsOf(request);
  const inbound = { ...origin, format, body, ...(pathFacts && { pathFacts }) };
  switch (request.call.type) {
    case "chat":
      return relay.chat(inbound);
    case "count":
      return counted(relay, inbound);
  }
  const route = routeOf(request.call);
  if (!takesForm(route)) return serveBody(relay, route, body, origin, now);
  const source = { headers: origin.headers, body: upload(body, request, clock) };
  const memory = { limit: Infinity, memoryBytes: Infinity, directory: "", onReceived: () => {} };
  return serveForm(relay, route, source, origin, { now, ...memory });
}

async function counted(relay: Relay, inbound: Parameters<Relay["countTokens"]>[0]): Promise<Served> {
  const count = await relay.countTokens(inbound);
  return { response: Response.json(countAnswer(inbound.format, count)) };
}

function routeOf(call: Exclude<Recording["request"]["call"], { type: "chat" | "count" }>): ServiceRoute {
  if (call.type === "gemini-embedding") return { model: call.model, isBatch: call.isBatch };
  if (isServicePath(call.path)) return { path: call.path };
  throw badRequest(`This bundle cannot be played: the service ${call.path} is not known here.`);
}

function pathFactsOf({ pathModel, pathStream }: Recording["request"]): PathFacts | undefined {
  if (pathModel === undefined && pathStream === undefined) return undefined;
  return {
    ...(pathModel !== undefined && { model: pathModel }),
    ...(pathStream !== undefined && { stream: pathStream }),
  };
}

/**
 * A form's bytes. One that broke off then breaks off again, after the client is known to have left; of one that nobody
 * read to its end no more comes.
 */
function upload(
  body: Uint8Array,
  { unfinished, brokenMs = 0, leftMs = 0 }: Recording["request"],
  clock: Clock,
): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    start(controller) {
      if (body.length > 0) controller.enqueue(body);
      if (unfinished === undefined) return controller.close();
      if (unfinished === "unread") return;
      clock.after(Math.max(brokenMs, leftMs), () => controller.error(new Error("The client broke off.")));
    },
  });
}

/** The answer's bytes, up to where it broke or the client left. */
async function readUntil(
  response: Response,
  left: Promise<undefined>,
): Promise<{ bytes: Buffer; broken: boolean }> {
  const reader = response.body?.getReader();
  const pieces: Uint8Array[] = [];
  for (;;) {
    const read = await Promise.race([reader?.read().catch((): "broken" => "broken"), left]);
    if (read === "broken") return { bytes: Buffer.concat(pieces), broken: true };
    if (read === undefined || read.done) {
      await reader?.cancel();
      return { bytes: Buffer.concat(pieces), broken: false };
    }
    pieces.push(read.value);
  }
}

function clientFormat({ clientFormat: id, jsonArray }: Recording["request"]): ClientFormat {
  if (id === "gemini" && jsonArray) return geminiArray;
  const format = Object.values(CLIENT_FORMATS).find((each) => each.id === id);
  if (!format) throw badRequest(`This bundle cannot be played: the format ${id} is not known here.`);
  return format;
}
