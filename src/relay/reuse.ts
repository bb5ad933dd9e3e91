import { answerKey, cosine, type KeptAnswer, type Question, questionOf } from "../caching/index.ts";
import { ReplyCollector, type Reply, type ReplyEvent } from "../core/reply.ts";
import { type ChatRequest, wantsLogprobs } from "../core/request.ts";
import type { Plan, Target } from "../core/target.ts";
import { GatewayError } from "../core/errors.ts";
import { isObject } from "../lib/json.ts";
import { scannedValue } from "../lib/json-scan.ts";
import type { Spent } from "./bill.ts";
import type { Call } from "./call.ts";
import { embed } from "./embed.ts";
import type { RelayDeps } from "./index.ts";

/** A kept answer that fits; `similarity` where the question was only similar. */
export type Found = { answer: KeptAnswer; hash: string; similarity?: number; answeredQuestion?: string };

/** What one attempt's answer came from, for keeping it. */
export type Source = { target: Target; sealOwn: boolean; spent: Spent };

/** What may be reused for a call, and kept of its answer; only for calls that ask for always the same answer. */
export class Reuse {
  #vector: Float32Array | undefined;
  #collected: Collected | undefined;

  private constructor(
    readonly deps: RelayDeps,
    readonly cache: NonNullable<RelayDeps["cache"]>,
    readonly call: Call,
    readonly hash: string,
    readonly question: Question | undefined,
  ) {}

  /** Undefined where the call or the settings want none; costs next to nothing then. */
  static of(deps: RelayDeps, call: Call, prepared: ChatRequest | undefined): Reuse | undefined {
    const { cacheEnabled, cacheStreams, cacheScope, cacheSimilarity } = deps.settings();
    if (!deps.cache || !cacheEnabled || (call.stream && !cacheStreams) || !statesZero(call)) return undefined;
    const { headers, caller } = call.inbound;
    // What such a key says is written down nowhere, sealed or not.
    if (caller.key?.noLog) return undefined;
    if (isTrue(headers.get("x-omniroute-no-cache")) || headers.has("x-omniroute-connection"))
      return undefined;
    const request = prepared ?? call.request;
    if (!isRepeatable(request)) return undefined;
    const model = modelOf(deps, call);
    if (model === undefined) return undefined;
    const scope = cacheScope === "instance" ? "instance" : `key ${caller.keyId}`;
    const question = cacheSimilarity.model === "" ? undefined : questionOf(scope, model, request);
    return new Reuse(deps, deps.cache, call, answerKey(scope, model, request), question);
  }

  /** The answer to an equal call, or else to a similar one where that is wanted. Counts nothing. */
  async find(signal: AbortSignal): Promise<Found | undefined> {
    const answer = this.cache.answers.find(this.hash);
    if (answer) return { answer, hash: this.hash };
    return this.question && this.#findSimilar(this.question, signal);
  }

  /** The answer to an equal call, for a look ahead that asks nobody. */
  peek(): KeptAnswer | undefined {
    return this.cache.answers.find(this.hash);
  }

  /** Reads along with a stream; each attempt begins anew. */
  watch(): (event: ReplyEvent) => void {
    const collected = (this.#collected = new Collected());
    return (event) => collected.push(event);
  }

  /** Keeps a whole answer, or what was read of a stream that came to its end. */
  keep(source: Source, reply: Reply | undefined = this.#collected?.reply()): void {
    const { usage, cost, costKind } = source.spent;
    if (!reply || !usage || !costKind) return;
    const answer: KeptAnswer = {
      reply: { ...reply, usage },
      label: source.target.label,
      provider: source.target.provider.id,
      model: reply.model || source.target.modelId,
      sealOwn: source.sealOwn,
      usage,
      costKind,
      ...(cost !== undefined && { cost }),
    };
    const similar = this.question &&
      this.#vector && { context: this.question.context, vector: this.#vector, question: this.question.text };
    this.cache.answers.keep(this.hash, this.call.inbound.caller.keyId, answer, similar);
  }

  async #findSimilar(question: Question, signal: AbortSignal): Promise<Found | undefined> {
    const { model, threshold } = this.deps.settings().cacheSimilarity;
    const vector = (this.#vector = await embed(this.deps, model, question.text, signal));
    if (!vector) return undefined;
    let best: { hash: string; question: string; similarity: number } | undefined;
    for (const kept of this.cache.answers.shelf.similar(question.context)) {
      const similarity = cosine(vector, kept.vector);
      // Embeddings hardly see an amount or a date.
      const isFit = similarity >= threshold && sameNumbers(question.text, kept.question);
      if (isFit && similarity > (best?.similarity ?? -1)) best = { ...kept, similarity };
    }
    const answer = best && this.cache.answers.find(best.hash);
    if (!best || !answer) return undefined;
    return { answer, hash: best.hash, similarity: best.similarity, answeredQuestion: best.question };
  }
}

const sameNumbers = (left: string, right: string): boolean =>
  (left.match(/\d+/g) ?? []).join() === (right.match(/\d+/g) ?? []).join();

/** Beyond this an answer would not be kept anyway. */
const LONGEST_COLLECTED = 1024 * 1024;

/** Adds a stream up as long as it is of a size that is kept. */
class Collected {
  #collector: ReplyCollector | undefined = new ReplyCollector();
  #size = 0;

  push(event: ReplyEvent): void {
    if (event.type === "part-delta") this.#size += event.delta.length;
    if (this.#size > LONGEST_COLLECTED) this.#collector = undefined;
    this.#collector?.push(event);
  }

  reply(): Reply | undefined {
    return this.#collector?.ended ? this.#collector.reply() : undefined;
  }
}

/** Does the call state temperature 0? Looks at the bytes where they have not been taken apart. */
function statesZero(call: Call): boolean {
  const { decoded, bytes, scan, inbound } = call;
  if (decoded) return decoded.temperature === 0;
  if (inbound.format.id !== "gemini") return scannedValue(bytes, scan, "temperature") === 0;
  const config =
    scannedValue(bytes, scan, "generationConfig") ?? scannedValue(bytes, scan, "generation_config");
  return isObject(config) && config.temperature === 0;
}

/** May an answer be given twice? Not where it would be about now, or about something only one provider has. */
function isRepeatable(request: ChatRequest): boolean {
  return (
    request.temperature === 0 &&
    (request.choices ?? 1) <= 1 &&
    !wantsLogprobs(request) &&
    request.previousResponseId === undefined &&
    request.keptElsewhere === undefined &&
    !(request.tools ?? []).some(({ type }) => type === "hosted")
  );
}

/**
 * What the name leads to now, for this caller: a combo or models. Undefined where it leads nowhere: then the call shall
 * be refused as any other, whatever is kept.
 */
function modelOf(deps: RelayDeps, call: Call): string | undefined {
  let plan: Plan;
  try {
    plan = deps.plan(call);
  } catch (error) {
    if (error instanceof GatewayError) return undefined;
    throw error;
  }
  const models = [...plan.targets, ...plan.excluded].map((one) => ("label" in one ? one.label : one.model));
  const efforts = plan.targets.map((target) => `${target.modelId} ${target.effort ?? ""}`);
  return JSON.stringify([plan.combo ?? null, [...new Set([...models, ...efforts])].toSorted()]);
}

const isTrue = (value: string | null): boolean => /^(?:true|1|yes)$/i.test(value ?? "");
