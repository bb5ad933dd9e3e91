import { TargetFailure } from "../core/errors.ts";
import { bodyText } from "../lib/body-bytes.ts";
import type { Clock } from "../lib/clock.ts";
import { isObject, tryParseJson } from "../lib/json.ts";
import {
  createMockUpstream,
  type Outbound,
  type OutboundRequest,
  type OutboundResponse,
} from "../net/index.ts";
import type { Fault } from "./rehearsal-input.ts";

/** Longer than any limit a call may have. */
const FOR_EVER_MS = 1_000_000;
const DEFAULT_RETRY_S = 30;
/** A piece of content has come; what happens then happens in the middle. */
const IN_THE_MIDDLE = 2;

/** What is played at an address. `model`: one of the mock's own, which plays itself where no fault is put. */
export type Part = { fault?: Fault; model?: string };

/**
 * Answers calls inside this process: as told by the part for the call's address, else by repeating what was said.
 * Nothing leaves the machine.
 */
export function rehearsedOutbound(clock: Clock, partOf: (address: string) => Part | undefined): Outbound {
  const mock = createMockUpstream({ clock });
  const calls = new Map<string, number>();
  return {
    async send(request) {
      const address = new URL(request.url).pathname.split("/")[1] ?? "";
      const count = (calls.get(address) ?? 0) + 1;
      calls.set(address, count);
      const { fault, model = "echo" } = partOf(decodeURIComponent(address)) ?? {};
      const isOver = fault?.times !== undefined && count > fault.times;
      return fault && !isOver ? played(mock, request, fault) : asModel(mock, request, model);
    },
  };
}

function played(
  mock: Outbound,
  request: OutboundRequest,
  fault: Fault,
): Promise<OutboundResponse> | OutboundResponse {
  const { kind, at } = fault;
  if (typeof kind === "number") return refusal(kind, fault);
  switch (kind) {
    case "refused":
      throw new TargetFailure("unreachable", "The connection was refused.", { providerCode: "ECONNREFUSED" });
    case "reset":
      throw new TargetFailure("unreachable", "The connection was closed before an answer came.", {
        providerCode: "ECONNRESET",
        brokeEarly: true,
      });
    case "dns":
      throw new TargetFailure("unreachable", "The name could not be resolved.", {
        providerCode: "ENOTFOUND",
      });
    case "tls":
      throw new TargetFailure("unreachable", "TLS failed: its certificate has expired.", {
        providerCode: "CERT_HAS_EXPIRED",
      });
    case "stall":
      return asModel(mock, request, `stall?ms=${FOR_EVER_MS}&at=${at ?? 0}`);
    case "cut":
      return asModel(mock, request, `cut?at=${at ?? IN_THE_MIDDLE}`);
    case "error-first":
      return asModel(mock, request, "error-first");
    case "empty":
      return responseOf(new Response("", { headers: { "content-type": "text/event-stream" } }));
    case "html":
      return responseOf(new Response("<html></html>", { headers: { "content-type": "text/html" } }));
  }
}

/** What providers say with a status, so that it is read as theirs would be. */
const WORDS: { readonly [status: number]: { message: string; code: string } | undefined } = {
  400: { message: "Invalid value in the request.", code: "invalid_request_error" },
  401: { message: "Incorrect API key provided.", code: "invalid_api_key" },
  402: { message: "Insufficient balance.", code: "insufficient_quota" },
  403: { message: "This key may not do this.", code: "permission_denied" },
  404: { message: "The model does not exist.", code: "model_not_found" },
  413: { message: "The request is too large.", code: "request_too_large" },
  422: { message: "The request could not be processed.", code: "invalid_request_error" },
  429: { message: "Rate limit reached.", code: "rate_limit_exceeded" },
  503: { message: "The service is unavailable.", code: "service_unavailable" },
  529: { message: "Overloaded.", code: "overloaded_error" },
};

function refusal(status: number, { retry }: Fault): OutboundResponse {
  const { message, code } = WORDS[status] ?? { message: "The server failed.", code: "server_error" };
  const seconds = retry ?? (status === 429 ? DEFAULT_RETRY_S : undefined);
  const body = { error: { message, code, type: code, param: null } };
  const headers = {
    "content-type": "application/json",
    ...(seconds !== undefined && { "retry-after": String(seconds) }),
  };
  return responseOf(new Response(JSON.stringify(body), { status, headers }));
}

function asModel(mock: Outbound, request: OutboundRequest, model: string): Promise<OutboundResponse> {
  const text = typeof request.body === "function" ? "" : bodyText(request.body ?? "");
  const body = tryParseJson(text);
  return mock.send({
    ...request,
    url: "mock://local/v1/chat/completions",
    body: JSON.stringify({ ...(isObject(body) ? body : {}), model }),
  });
}

const responseOf = (response: Response): OutboundResponse => ({
  status: response.status,
  headers: response.headers,
  body: response.body as ReadableStream<Uint8Array> | null,
  cancel: () => void response.body?.cancel(),
  text: () => response.text(),
});
