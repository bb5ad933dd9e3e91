import { bodyText } from "../lib/body-bytes.ts";
import { TargetFailure } from "../core/errors.ts";
import { type Clock, sleep } from "../lib/clock.ts";
import { isObject, type JsonObject, tryParseJson } from "../lib/json.ts";
import { Lru } from "../lib/lru.ts";
import { answerTo, type MockAnswer } from "./mock-answers.ts";
import { numberOption } from "./mock-options.ts";
import { type MockPiece, mockCompletion, mockStream } from "./mock-wire.ts";
import type { Outbound, OutboundRequest, OutboundResponse } from "./outbound.ts";

/** How long the calls of a caller to a counting model are remembered, and how many such counts. */
const COUNT_MS = 10 * 60_000;
const MAX_COUNTS = 10_000;

/** The models, as the list names them. */
const MODELS = ["echo", "think", "tools", "slow", "stall", "cut", "error-first", "429", "500", "bad-key"];

type Count = { calls: number; since: number };
type Mock = { clock: Clock; counts: Lru<string, Count> };

/** An upstream inside this process that speaks OpenAI's chat format and misbehaves on request. */
export function createMockUpstream({ clock }: { clock: Clock }): Outbound {
  const mock: Mock = { clock, counts: new Lru(MAX_COUNTS) };
  return {
    async send(request) {
      if (request.signal.aborted) throw cancelled();
      const path = request.url.replace(/^mock:\/\/[^/]*/, "");
      if (request.method === "GET" && path === "/v1/models") return whole(200, modelList());
      if (request.method !== "POST" || path !== "/v1/chat/completions")
        return whole(404, errorBody(`The mock has no ${request.method} ${path}.`, "not_found", "not_found"));
      return chat(mock, request);
    },
  };
}

async function chat(mock: Mock, request: OutboundRequest): Promise<OutboundResponse> {
  const body = tryParseJson(typeof request.body === "function" ? "" : bodyText(request.body ?? ""));
  if (!isObject(body) || typeof body.model !== "string")
    return whole(
      400,
      errorBody("The mock wants a JSON object with a model.", "invalid_request_error", "bad_request"),
    );
  const { name, options } = modelOf(body.model);
  const refusal = refusalOf(mock, request, body.model, name, options);
  if (refusal) return refusal;
  const answer = answerTo(name, options, body);
  if (answer.failsFirst) return failingFirst(body);
  const facts = {
    id: `chatcmpl-${crypto.randomUUID()}`,
    created: Math.floor(mock.clock.now() / 1000),
    model: body.model,
  };
  if (body.stream === true)
    return streamed(mock, request, answer, (pieces) => mockStream(facts, body, pieces));
  await waited(mock, request, answer);
  const text = JSON.stringify(mockCompletion(facts, body, answer.pieces));
  return whole(200, answer.cutAt === undefined ? text : text.slice(0, Math.floor(text.length / 2)));
}

/** `cut?at=3` → the model and its options. */
function modelOf(model: string): { name: string; options: URLSearchParams } {
  const mark = model.indexOf("?");
  return mark < 0
    ? { name: model, options: new URLSearchParams() }
    : { name: model.slice(0, mark), options: new URLSearchParams(model.slice(mark + 1)) };
}

function refusalOf(
  mock: Mock,
  request: OutboundRequest,
  model: string,
  name: string,
  options: URLSearchParams,
): OutboundResponse | undefined {
  if (!MODELS.includes(name))
    return whole(
      404,
      errorBody(`The mock has no model ${name}.`, "invalid_request_error", "model_not_found"),
    );
  if (name === "bad-key")
    return whole(401, errorBody("The mock refuses this key.", "authentication_error", "invalid_api_key"));
  if (name !== "429" && name !== "500") return undefined;
  const caller = request.headers["x-omniroute-caller"] ?? "";
  if (countOf(mock, `${caller}\u0000${model}`) <= numberOption(options, "after", 0)) return undefined;
  if (name === "429") {
    const retry = numberOption(options, "retry", 30);
    return whole(429, errorBody("The mock is asked too often.", "rate_limit_error", "rate_limit_exceeded"), {
      "retry-after": String(retry),
    });
  }
  const wanted = numberOption(options, "status", 500);
  const status = wanted >= 400 && wanted <= 599 ? wanted : 500;
  return whole(status, errorBody(`The mock fails with ${status}.`, "server_error", "mock_failure"));
}

/** Counts this call and gives its number within the ten minutes that began with the first. */
function countOf({ clock, counts }: Mock, key: string): number {
  const now = clock.now();
  const known = counts.get(key);
  const count = known && now - known.since < COUNT_MS ? known : { calls: 0, since: now };
  count.calls++;
  counts.set(key, count);
  return count.calls;
}

/** Waits as long as a stream of this answer would, for callers that want it whole. */
async function waited({ clock }: Mock, request: OutboundRequest, answer: MockAnswer): Promise<void> {
  let total = 0;
  for (let index = 0; index <= answer.pieces.length; index++) total += answer.waitBefore(index);
  if (total > 0 && !(await sleep(clock, total, request.signal))) throw cancelled();
}

function streamed(
  { clock }: Mock,
  request: OutboundRequest,
  answer: MockAnswer,
  write: (pieces: readonly MockPiece[]) => { chunks: string[]; ending: string },
): OutboundResponse {
  const { chunks, ending } = write(answer.pieces);
  const left = new AbortController();
  const signal = AbortSignal.any([request.signal, left.signal]);
  let next = 0;
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const index = next++;
        const wait = answer.waitBefore(index);
        if (wait > 0) await sleep(clock, wait, signal);
        if (signal.aborted) return controller.error(new DOMException("The call was aborted.", "AbortError"));
        if (index === answer.cutAt) return controller.close();
        const chunk = chunks[index];
        controller.enqueue(Buffer.from(chunk ?? ending));
        if (chunk === undefined) controller.close();
      },
      cancel: () => left.abort(),
    },
    { highWaterMark: 0 },
  );
  return responseOf(new Response(body, { headers: { "content-type": "text/event-stream" } }), () =>
    left.abort(),
  );
}

/** Status 200 whose first event, or whole body, is an error. */
function failingFirst(body: JsonObject): OutboundResponse {
  const error = errorBody("The mock fails in its first event.", "server_error", "overloaded");
  if (body.stream !== true) return whole(200, error);
  return responseOf(
    new Response(`data: ${error}\n\n`, { headers: { "content-type": "text/event-stream" } }),
    () => {},
  );
}

function whole(status: number, text: string, headers: Record<string, string> = {}): OutboundResponse {
  return responseOf(
    new Response(text, { status, headers: { "content-type": "application/json", ...headers } }),
    () => {},
  );
}

function responseOf(response: Response, cancel: () => void): OutboundResponse {
  return {
    status: response.status,
    headers: response.headers,
    body: response.body,
    cancel,
    text: () => response.text(),
  };
}

const errorBody = (message: string, type: string, code: string): string =>
  JSON.stringify({ error: { message, type, code, param: null } });

const modelList = (): string =>
  JSON.stringify({ object: "list", data: MODELS.map((id) => ({ id, object: "model", owned_by: "mock" })) });

const cancelled = () => new TargetFailure("cancelled", "The call was given up before it was answered.");
