import { authHeaders } from "../accounts/index.ts";
import type { ProofKeeper } from "../caching/index.ts";
import { TargetFailure } from "../core/errors.ts";
import type { ProviderFormat } from "../core/format.ts";
import type { ChatService } from "../core/provider.ts";
import type { ChatRequest } from "../core/request.ts";
import { chatServiceFor, type Target } from "../core/target.ts";
import type { Clock } from "../lib/clock.ts";
import { tryParseJson } from "../lib/json.ts";
import { clientHeadersFor, mergedHeaders, type Outbound, type OutboundResponse } from "../net/index.ts";
import { classifyResponse, readQuotas } from "../routing/index.ts";
import { type ArrivalDeps, detectionFor, readInside } from "./arrival.ts";
import { isProofRefusal, withoutProofs } from "./proof-refusal.ts";
import { type Answer, type Attempt, longestOf, readAnswer, type Times } from "./read-answer.ts";
import { isUserEntered, serviceUrl } from "./service-url.ts";
import { viaOf } from "./via.ts";
import { type Tokens, withAccount } from "./with-account.ts";
import { type Written, writeBody } from "./write-body.ts";

export type SendDeps = ArrivalDeps & {
  clock: Clock;
  outbound: Outbound;
  formats: Readonly<Record<string, ProviderFormat>>;
  proofs: ProofKeeper;
  tokens: Tokens;
};

const MAX_ERROR_BYTES = 256 * 1024;

/** Asks one target. Gives its answer once real content has come; throws `TargetFailure` otherwise. */
export async function send(
  deps: SendDeps,
  attempt: Attempt,
  target: Target,
  signal: AbortSignal,
): Promise<Answer> {
  const { call } = attempt;
  const service = chatServiceFor(target, call.inbound.format.id);
  const format = service && deps.formats[service.format];
  if (!service || !format) throw new TargetFailure("unsupported", `${target.label} cannot chat.`);
  const route = { target, service, format };
  const { keyId } = call.inbound.caller;
  const restore = (request: ChatRequest) => deps.proofs.restore(request, keyId);
  return withDeadline(deps, attempt.times(target), signal, async (deadline) => {
    try {
      return await once(
        deps,
        attempt,
        route,
        writeBody(call, { prepared: attempt.prepared, restore }, target, service, format),
        deadline,
      );
    } catch (error) {
      if (!isProofRefusal(error)) throw error;
      // The vendor does not take a proof (another account's, or too old): the turn is worth more than its reasoning.
      const prepared = withoutProofs(attempt.prepared ?? call.request);
      const plain = writeBody(call, { prepared, restore: (request) => request }, target, service, format);
      return once(deps, attempt, route, plain, deadline);
    }
  });
}

type Route = { target: Target; service: ChatService; format: ProviderFormat };

function once(
  deps: SendDeps,
  attempt: Attempt,
  route: Route,
  written: Written,
  deadline: AbortController,
): Promise<Answer> {
  return withAccount(deps.tokens, route.target, (target) =>
    ask(deps, attempt, { ...route, target }, written, deadline),
  );
}

async function ask(
  deps: SendDeps,
  attempt: Attempt,
  { target, service, format }: Route,
  written: Written,
  deadline: AbortController,
): Promise<Answer> {
  const response = await post(deps, attempt, target, service, written, deadline);
  if (response.status < 200 || response.status > 299) throw await readFailure(deps, target, format, response);
  const facts = { target, service, written, upstreamHeaders: response.headers };
  try {
    return await readAnswer(deps, attempt, facts, format, response);
  } catch (error) {
    throw readInside(deps, target, response.headers, error);
  }
}

async function post(
  deps: SendDeps,
  attempt: Attempt,
  target: Target,
  service: ChatService,
  written: Written,
  deadline: AbortController,
): Promise<OutboundResponse> {
  const { inbound } = attempt.call;
  const { connectTimeoutMs, headersTimeoutMs } = attempt.times(target);
  return deps.outbound.send({
    method: "POST",
    url: serviceUrl(target, service, written.stream),
    headers: mergedHeaders(
      {
        "content-type": "application/json",
        accept: written.stream ? "text/event-stream" : "application/json",
      },
      service.headers ?? {},
      clientHeadersFor(inbound.headers, inbound.format.id, service.format, target.provider),
      written.headers,
      authHeaders(target.provider, target.connection, service),
      target.provider.builtIn ? { "x-omniroute-caller": inbound.caller.keyId } : {},
    ),
    body: written.body,
    signal: deadline.signal,
    controller: deadline,
    userEntered: isUserEntered(target),
    via: viaOf(target, inbound.caller),
    ...(connectTimeoutMs !== undefined && { connectTimeoutMs }),
    ...(headersTimeoutMs !== undefined && { headersTimeoutMs }),
  });
}

async function readFailure(
  deps: SendDeps,
  target: Target,
  format: ProviderFormat,
  response: OutboundResponse,
): Promise<TargetFailure> {
  const bodyText = await response.text(MAX_ERROR_BYTES).catch(() => "");
  const error = format.readError(tryParseJson(bodyText));
  deps.quotas.noteHeaders(target.connection.id, readQuotas(response.headers, deps.clock.now()));
  return classifyResponse({
    status: response.status,
    headers: response.headers,
    bodyText,
    now: deps.clock.now(),
    detection: detectionFor(deps, target.connection),
    ...(error && { error }),
  });
}

/** Runs an attempt under the client's signal and its own deadline for the first content. */
async function withDeadline(
  deps: SendDeps,
  times: Times,
  signal: AbortSignal,
  run: (deadline: AbortController) => Promise<Answer>,
): Promise<Answer> {
  const controller = new AbortController();
  const onAbort = () => controller.abort(signal.reason);
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort);
  let late = false;
  const longest = longestOf(times);
  const cancelTimer = deps.clock.after(longest, () => {
    late = true;
    controller.abort();
  });
  try {
    return await run(controller);
  } catch (error) {
    controller.abort();
    if (signal.aborted) throw new TargetFailure("cancelled", "The client left.");
    if (late) throw new TargetFailure("timeout", `No content within ${Math.round(longest / 1000)} s.`);
    throw error;
  } finally {
    cancelTimer();
    // An answer that has begun is ended through its stream; a listener left behind would keep the whole call alive.
    signal.removeEventListener("abort", onAbort);
  }
}
