import { isUtf8 } from "node:buffer";
import { secretsOf } from "../accounts/secrets-of.ts";
import { GatewayError, TargetFailure } from "../core/errors.ts";
import type { RequestRecord } from "../core/record.ts";
import type { Settings } from "../core/settings.ts";
import type { Plan, PlanConfig, Target } from "../core/target.ts";
import { bodyBytes } from "../lib/body-bytes.ts";
import type { Clock } from "../lib/clock.ts";
import { Mask } from "../lib/mask.ts";
import type { Outbound, OutboundRequest, OutboundResponse } from "../net/index.ts";
import type { Inbound } from "../relay/index.ts";
import { harmlessHeaders, harmlessUrl, secretsIn } from "./harmless.ts";
import {
  BROKEN,
  type Exchange,
  type KeptBody,
  type KeptFault,
  type KeptTarget,
  type Recording,
} from "./recording.ts";
import { type Ended, MOST_BODY_BYTES, Tape } from "./tape.ts";

type Taped = {
  request: OutboundRequest;
  startedMs: number;
  response?: OutboundResponse;
  headersMs?: number;
  answer: Tape;
  fault?: KeptFault;
  endedMs?: number;
};

/** One call while it is being made, seen from both sides. */
export class Capture {
  readonly #at: number;
  readonly #began: number;
  readonly #exchanges: Taped[] = [];
  readonly #answer: Tape;
  #answerHeaders: Headers | undefined;
  #plan: Plan | undefined;
  #planFault: GatewayError | undefined;
  #record: RequestRecord | undefined;
  #leftMs: number | undefined;

  constructor(
    readonly inbound: Inbound,
    readonly settings: Settings,
    readonly release: string,
    readonly clock: Clock,
  ) {
    this.#at = clock.now();
    this.#began = clock.monotonic();
    this.#answer = new Tape(this.elapsed);
    inbound.signal.addEventListener("abort", () => (this.#leftMs ??= Math.round(this.elapsed())));
  }

  readonly elapsed = (): number => this.clock.monotonic() - this.#began;

  /** The way out, with everything that goes and comes written down. */
  outbound(real: Outbound): Outbound {
    return { send: (request) => this.#send(real, request) };
  }

  /** The plan is the call's last: waiting calls are planned anew. */
  planned(make: () => Plan): Plan {
    try {
      return (this.#plan = make());
    } catch (error) {
      if (error instanceof GatewayError) this.#planFault = error;
      throw error;
    }
  }

  ended(record: RequestRecord): void {
    this.#record = record;
  }

  /** The client's answer, read along; `over` is called when nothing more of it will come. */
  answered(response: Response, over: () => void): Response {
    this.#answerHeaders = response.headers;
    if (!response.body) {
      over();
      return response;
    }
    const { status, headers } = response;
    return new Response(this.#answer.along(response.body, over), { status, headers });
  }

  /** A whole answer, which keeps its length. */
  answeredWhole(bytes: Uint8Array, headers: Headers): void {
    this.#answerHeaders = headers;
    this.#answer.add(bytes);
  }

  /** Everything without what is secret; undefined when the call left no record. */
  recording(): Recording | undefined {
    const record = this.#record;
    if (!record) return undefined;
    const mask = new Mask(this.#secrets());
    const { inbound } = this;
    const plan = this.#plan && keptPlan(this.#plan, record);
    const fault = plan ? undefined : this.#planFault;
    return {
      format: "omniroute-recording",
      version: 1,
      release: this.release,
      id: inbound.requestId,
      at: this.#at,
      request: {
        path: inbound.path,
        clientFormat: inbound.format.id,
        ...(inbound.format.streamType === "application/json" && { jsonArray: true }),
        ...(inbound.pathFacts?.model !== undefined && { pathModel: inbound.pathFacts.model }),
        ...(inbound.pathFacts?.stream !== undefined && { pathStream: inbound.pathFacts.stream }),
        ...(inbound.providerRoute !== undefined && { providerRoute: inbound.providerRoute }),
        headers: harmlessHeaders(inbound.headers.entries(), mask),
        body: keptBody(
          mask.bytes(inbound.body.subarray(0, MOST_BODY_BYTES)),
          inbound.body.length <= MOST_BODY_BYTES,
        ),
        ...(this.#leftMs !== undefined && record.status === 499 && { leftMs: this.#leftMs }),
      },
      settings: { systemPrompt: this.settings.systemPrompt, thinkingBudget: this.settings.thinkingBudget },
      ...(plan && { plan }),
      ...(fault && { planFault: { code: fault.code, message: mask.text(fault.message) } }),
      exchanges: this.#exchanges.map((taped) => keptExchange(taped, mask)),
      outcome: {
        status: record.status,
        ...(record.errorCode !== undefined && { errorCode: record.errorCode }),
        ...(record.errorMessage !== undefined && { errorMessage: mask.text(record.errorMessage) }),
        ...(record.cache !== undefined && { cache: JSON.stringify(record.cache) }),
        attempts: record.attempts.map(({ model, connectionId, outcome }) => ({
          model,
          connectionId,
          outcome,
        })),
      },
      ...(this.#answerHeaders && {
        answer: {
          headers: harmlessHeaders(this.#answerHeaders.entries(), mask),
          body: keptBody(mask.bytes(this.#answer.bytes()), this.#answer.whole),
        },
      }),
    };
  }

  async #send(real: Outbound, request: OutboundRequest): Promise<OutboundResponse> {
    const startedMs = Math.round(this.elapsed());
    const taped: Taped = { request, startedMs, answer: new Tape(this.elapsed) };
    this.#exchanges.push(taped);
    try {
      const response = await real.send(request);
      taped.response = response;
      taped.headersMs = Math.round(this.elapsed());
      return this.#readAlong(response, taped);
    } catch (error) {
      this.#broke(taped, error);
      throw error;
    }
  }

  #readAlong(response: OutboundResponse, taped: Taped): OutboundResponse {
    let isUnwanted = false;
    const over = (ended: Ended) => {
      // What comes of it after we wanted no more is our own doing.
      isUnwanted ||= ended.how === "cancel";
      if (isUnwanted) return;
      if (ended.how === "error") return this.#broke(taped, ended.error);
      if (ended.how === "end") taped.endedMs ??= Math.round(this.elapsed());
    };
    return {
      status: response.status,
      headers: response.headers,
      body: response.body && taped.answer.along(response.body, over),
      cancel: () => {
        over({ how: "cancel" });
        response.cancel();
      },
      text: async (limitBytes) => {
        try {
          const text = await response.text(limitBytes);
          taped.answer.add(Buffer.from(text));
          over({ how: "end" });
          return text;
        } catch (error) {
          over({ how: "error", error });
          throw error;
        }
      },
    };
  }

  /** That we gave up waiting is no fault of the other side: it was silent. */
  #broke(taped: Taped, error: unknown): void {
    if (taped.request.signal.aborted) return;
    taped.endedMs ??= Math.round(this.elapsed());
    const failure = error instanceof TargetFailure ? error : undefined;
    taped.fault ??= {
      kind: failure?.kind ?? BROKEN,
      message: error instanceof Error ? error.message : "The connection broke.",
      ...(failure?.status !== undefined && { status: failure.status }),
      ...(failure?.providerCode !== undefined && { providerCode: failure.providerCode }),
      ...(failure?.brokeEarly && { brokeEarly: true }),
    };
  }

  #secrets(): Set<string> {
    const connections = this.#plan?.targets.map(({ connection }) => connection) ?? [];
    const query = URL.parse(this.inbound.path, "http://localhost")?.searchParams.get("key");
    return new Set([
      ...connections.flatMap(secretsOf),
      ...connections.flatMap(({ email }) => email ?? []),
      ...secretsIn(this.inbound.headers.entries()),
      ...this.#exchanges.flatMap(({ request }) => secretsIn(Object.entries(request.headers))),
      ...(query ? [query] : []),
    ]);
  }
}

/** Only what was asked: what else stood in the plan has no part in what happened. */
function keptPlan(plan: Plan, record: RequestRecord): NonNullable<Recording["plan"]> {
  const asked = plan.targets.filter(
    ({ label, connection }) =>
      record.attempts.length === 0 ||
      record.attempts.some((attempt) => attempt.model === label && attempt.connectionId === connection.id),
  );
  const providers = Object.entries(plan.providerConfig ?? {}).flatMap(([id, config]) =>
    config ? [[id, config as PlanConfig] as const] : [],
  );
  return {
    requested: plan.requested,
    resolved: [...plan.resolved],
    strategy: plan.strategy,
    ...(plan.combo !== undefined && { combo: plan.combo }),
    ...(plan.overridden && { overridden: true }),
    config: { ...plan.config },
    ...(providers.length > 0 && { providerConfig: Object.fromEntries(providers) }),
    targets: asked.map(keptTarget),
  };
}

function keptTarget({ provider, connection, modelId, model, label, effort }: Target): KeptTarget {
  const [service] = provider.chat;
  const isNode = provider.id.includes("-compatible-") && service !== undefined;
  return {
    provider: provider.id,
    ...(isNode && {
      node: {
        type: service.format === "anthropic" ? "anthropic-compatible" : "openai-compatible",
        apiType: service.format === "openai-responses" ? "responses" : "chat",
        prefix: provider.prefixes?.[0] ?? "",
        baseUrl: withoutUser(provider.baseUrl),
        chatPath: service.path,
      } as const,
    }),
    connectionId: connection.id,
    authType: connection.authType,
    credentialFields: Object.entries(connection.credentials)
      .filter(([, value]) => typeof value === "string")
      .map(([field]) => field)
      .toSorted(),
    ...(connection.baseUrl !== undefined && { baseUrl: withoutUser(connection.baseUrl) }),
    modelId,
    ...(model && { model: { ...model } }),
    label,
    ...(effort !== undefined && { effort }),
  };
}

function withoutUser(address: string): string {
  const url = URL.parse(address);
  if (!url) return address;
  url.username = "";
  url.password = "";
  url.search = "";
  return url.href.replace(/\/+$/, "");
}

function keptExchange(taped: Taped, mask: Mask): Exchange {
  const { request, response, answer, headersMs, fault } = taped;
  const body = typeof request.body === "function" ? Buffer.alloc(0) : bodyBytes(request.body ?? "");
  return {
    connectionId: request.via?.connectionId ?? "",
    method: request.method,
    url: harmlessUrl(request.url, mask),
    headers: harmlessHeaders(Object.entries(request.headers), mask),
    body: keptBody(mask.bytes(body.subarray(0, MOST_BODY_BYTES)), body.length <= MOST_BODY_BYTES),
    startedMs: taped.startedMs,
    ...(response && {
      answer: {
        status: response.status,
        headers: harmlessHeaders(response.headers.entries(), mask),
        headersMs: headersMs ?? taped.startedMs,
        body: keptBody(mask.bytes(answer.bytes()), answer.whole),
        pieces: answer.pieces,
      },
    }),
    ...(fault && { fault: { ...fault, message: mask.text(fault.message) } }),
    ...(taped.endedMs !== undefined && { endedMs: taped.endedMs }),
  };
}

function keptBody(bytes: Buffer, whole: boolean): KeptBody {
  return isUtf8(bytes)
    ? { encoding: "utf8", data: bytes.toString(), whole }
    : { encoding: "base64", data: bytes.toString("base64"), whole };
}
