import { randomUUID } from "node:crypto";
import { TargetFailure } from "../../core/errors.ts";
import type { Caller } from "../../core/key.ts";
import type { Service } from "../../core/provider.ts";
import type { Asker, ServiceAnswer, ServiceCall } from "../../core/services.ts";
import type { Target } from "../../core/target.ts";
import { authHeaders } from "../../accounts/index.ts";
import { sleep } from "../../lib/clock.ts";
import { isObject, type JsonObject, tryParseJson } from "../../lib/json.ts";
import type { OutboundResponse } from "../../net/index.ts";
import { classifyResponse } from "../../routing/index.ts";
import { detectionFor } from "../arrival.ts";
import type { RelayDeps } from "../index.ts";
import { isUserEntered } from "../service-url.ts";
import { viaOf } from "../via.ts";

const POLL_EVERY_MS = 2000;
const POLL_AT_MOST_MS = 120_000;
const MAX_ANSWER_BYTES = 256 * 1024 * 1024;
const MAX_ERROR_BYTES = 256 * 1024;
/** The attempt has a deadline of its own, which begins when an upload is in. */
const NO_LIMIT_MS = 86_400_000;

/** Makes a dialect's calls over one target: address, key, errors. Remembers the headers of the last answer. */
export class TargetAsker implements Asker {
  /** Of the last answer. */
  headers = new Headers();

  constructor(
    readonly deps: Pick<RelayDeps, "outbound" | "clock" | "boundary" | "health" | "limits">,
    readonly target: Target,
    readonly service: Service,
    readonly caller: Caller,
    readonly signal: AbortSignal,
    /** Longest waits for a connection and for an answer's beginning, where somebody set them; milliseconds. */
    readonly phases: { connectTimeoutMs?: number; headersTimeoutMs?: number } = {},
  ) {}

  async ask(call: ServiceCall): Promise<ServiceAnswer> {
    const response = await this.deps.outbound.send({
      method: call.method ?? (call.json === undefined && !call.bytes ? "GET" : "POST"),
      url: this.#url(call),
      headers: this.#headers(call),
      ...bodyOf(call),
      signal: this.signal,
      userEntered: isUserEntered(this.target),
      via: viaOf(this.target, this.caller),
      headersTimeoutMs: NO_LIMIT_MS,
      ...this.phases,
    });
    this.headers = response.headers;
    if (response.status < 200 || response.status > 299) throw await this.#refusal(response);
    if (/^text\/html\b/i.test(response.headers.get("content-type") ?? "")) {
      response.cancel();
      throw new TargetFailure(
        "malformed",
        "The provider answered with a web page instead of an answer: is the base URL right?",
      );
    }
    return new Answer(response, this.signal);
  }

  async poll<T>(look: () => Promise<T | undefined>): Promise<T> {
    const { clock } = this.deps;
    const started = clock.monotonic();
    for (;;) {
      const found = await look();
      if (found !== undefined) return found;
      if (clock.monotonic() - started >= POLL_AT_MOST_MS) {
        const seconds = POLL_AT_MOST_MS / 1000;
        throw new TargetFailure("timeout", `The provider's task was not done within ${seconds} s.`, {
          underWay: true,
        });
      }
      if (!(await sleep(clock, POLL_EVERY_MS, this.signal)))
        throw new TargetFailure("cancelled", "The client left.");
    }
  }

  boundary(): string {
    return this.deps.boundary?.() ?? `omniroute-${randomUUID()}`;
  }

  failure(body: unknown): TargetFailure {
    const bodyText = JSON.stringify(body);
    return this.#classify(200, this.headers, bodyText);
  }

  #classify(status: number, headers: Headers, bodyText: string): TargetFailure {
    const detection = detectionFor(this.deps, this.target.connection);
    return classifyResponse({ status, headers, bodyText, now: this.deps.clock.now(), detection });
  }

  async #refusal(response: OutboundResponse): Promise<TargetFailure> {
    const bodyText = await response.text(MAX_ERROR_BYTES).catch(() => "");
    return this.#classify(response.status, response.headers, bodyText);
  }

  #url(call: ServiceCall): string {
    const { connection, provider, modelId } = this.target;
    const base = connection.baseUrl ?? this.service.baseUrl ?? provider.baseUrl;
    const path = (call.path ?? this.service.path).replace("{model}", modelPath(modelId));
    const query = Object.entries(call.query ?? {}).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    );
    const written = new URLSearchParams(query).toString();
    const mark = path.includes("?") ? "&" : "?";
    return base.replace(/\/+$/, "") + path + (written === "" ? "" : mark + written);
  }

  #headers(call: ServiceCall): { [name: string]: string } {
    const { provider, connection } = this.target;
    const type = call.bytes?.type ?? (call.json === undefined ? undefined : "application/json");
    return {
      accept: call.accept ?? "application/json",
      ...(type !== undefined && { "content-type": type }),
      ...(call.bytes?.length !== undefined && { "content-length": String(call.bytes.length) }),
      ...this.service.headers,
      ...authHeaders(provider, connection, this.service),
    };
  }
}

/** A model's id as a part of a path: its slashes stay, and nothing in it can lead out of its place. */
export function modelPath(modelId: string): string {
  return modelId
    .split("/")
    .map((segment) => {
      if (segment === "." || segment === "..")
        throw new TargetFailure("no-such-model", "There is no model of this name.");
      return encodeURIComponent(segment);
    })
    .join("/");
}

function bodyOf(call: ServiceCall) {
  if (call.json !== undefined) return { body: JSON.stringify(call.json) };
  return call.bytes ? { body: call.bytes.content } : {};
}

class Answer implements ServiceAnswer {
  readonly headers: Headers;
  readonly body: ReadableStream<Uint8Array> | null;

  constructor(
    readonly response: OutboundResponse,
    readonly signal: AbortSignal,
  ) {
    this.headers = response.headers;
    this.body = response.body;
  }

  text(): Promise<string> {
    return this.response.text(MAX_ANSWER_BYTES);
  }

  async value(): Promise<unknown> {
    const value = tryParseJson(await this.text());
    if (value === undefined) throw new TargetFailure("malformed", "The provider's answer is not JSON.");
    return value;
  }

  async json(): Promise<JsonObject> {
    const value = await this.value();
    if (isObject(value)) return value;
    throw new TargetFailure("malformed", "The provider's answer is not a JSON object.");
  }
}
