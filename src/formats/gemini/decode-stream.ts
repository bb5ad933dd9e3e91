import { TargetFailure } from "../../core/errors.ts";
import { EventWriter } from "../../core/event-writer.ts";
import type { DecodeContext, StreamDecoder } from "../../core/format.ts";
import { unwrapFreeText } from "../../core/free-text.ts";
import type { Part, Proof, ReplyEvent } from "../../core/reply.ts";
import { isObject, type JsonObject, parseJson } from "../../lib/json.ts";
import type { SseEvent } from "../../lib/sse.ts";
import { Sources } from "../../core/sources.ts";
import { errorIn, failureOf } from "./errors.ts";
import { isOwnWord, readFinish } from "./finish.ts";
import { PartialArgs } from "./partial-args.ts";
import { readOtherPart } from "./parts.ts";
import { readUsage } from "./usage.ts";
import { camelKeys, listOf, makeCallId } from "./wire.ts";

/** A refused prompt has no candidate that could end; this is the word its ending comes nearest to. */
const BLOCKED = "SAFETY";

/** A call whose arguments are still coming. */
type PendingCall = { id: string | undefined; name: string; args: PartialArgs; proof: Proof | undefined };

/**
 * Reads Gemini's chunks. Text and thoughts grow until a part of another kind or a signature ends them; calls come
 * out whole. The answer ends with the connection, since nothing marks a last chunk; without a finish reason it was
 * cut off.
 */
export class GeminiStreamDecoder implements StreamDecoder {
  readonly #out = new EventWriter();
  #responseId = "";
  #pending: PendingCall | undefined;
  readonly #calls = { whole: 0, cut: 0 };
  #finish: string | undefined;
  /** What the candidate says beside its content (grounding, citations, ratings), for Gemini clients. */
  readonly #said: JsonObject = {};
  readonly #pages = new Sources();

  constructor(readonly context: DecodeContext) {}

  push(event: SseEvent): ReplyEvent[] {
    const chunk = readChunk(event.data);
    for (const one of listOf(chunk)) if (isObject(one)) this.chunk(one);
    return this.#out.take();
  }

  end(): ReplyEvent[] {
    if (this.#finish === undefined)
      throw new TargetFailure("malformed", "The provider's answer broke off before its end.");
    if (this.#finish === "STOP") this.#finishCall();
    else if (this.#pending) this.#calls.cut++;
    const finish = readFinish(this.#finish, this.#calls);
    if (!finish) throw this.#fault(this.#finish);
    this.#close("text");
    this.#out.closeAll();
    if (this.#finish !== BLOCKED && isOwnWord(this.#finish, finish))
      this.#said["finishReason"] = this.#finish;
    const vendor = Object.keys(this.#said).length > 0 ? { vendor: { gemini: this.#said } } : {};
    this.#out.add({ type: "reply-end", finish, ...vendor });
    return this.#out.take();
  }

  /** Takes one chunk, or a whole answer. Throws `TargetFailure` for an error in it. */
  chunk(wire: JsonObject): void {
    const error = errorIn(wire);
    if (error) throw failureOf(error);
    const chunk = camelKeys(isObject(wire["response"]) ? wire["response"] : wire);
    this.#start(chunk);
    const candidate = listOf(chunk["candidates"]).find((one) => isObject(one) && !one["index"]);
    if (isObject(candidate)) this.#candidate(camelKeys(candidate));
    if (isObject(chunk["promptFeedback"])) this.#feedback(camelKeys(chunk["promptFeedback"]));
    const usage = isObject(chunk["usageMetadata"]) ? readUsage(camelKeys(chunk["usageMetadata"])) : undefined;
    if (usage) this.#out.add({ type: "usage", usage });
  }

  #start(chunk: JsonObject): void {
    if (this.#out.started) return;
    const { responseId, modelVersion, createTime } = chunk;
    if (typeof responseId === "string") this.#responseId = responseId;
    const created = typeof createTime === "string" ? Math.floor(Date.parse(createTime) / 1000) : Number.NaN;
    this.#out.start(this.#responseId, typeof modelVersion === "string" ? modelVersion : "", {
      ...(Number.isFinite(created) && { created }),
    });
  }

  #candidate(candidate: JsonObject): void {
    const { content, finishReason, index: _index, ...said } = candidate;
    this.#cite(said["groundingMetadata"]);
    const parts = isObject(content) ? listOf(content["parts"]) : [];
    for (const part of parts) if (isObject(part)) this.#part(camelKeys(part));
    for (const [field, value] of Object.entries(said)) if (!isEmpty(value)) this.#said[field] = value;
    if (typeof finishReason === "string" && finishReason !== "") this.#finish = finishReason;
  }

  /** The pages a grounded answer rests on. https://ai.google.dev/gemini-api/docs/google-search */
  #cite(grounding: unknown): void {
    if (!isObject(grounding)) return;
    for (const chunk of listOf(camelKeys(grounding)["groundingChunks"]))
      if (isObject(chunk) && isObject(chunk["web"]))
        this.#pages.add(chunk["web"]["uri"], chunk["web"]["title"]);
  }

  #close(key: string, end: { proof?: Proof } = {}): void {
    this.#out.close(key, { ...end, ...(key === "text" && this.#pages.found()) });
  }

  #feedback(feedback: JsonObject): void {
    this.#said["promptFeedback"] = feedback;
    if (feedback["blockReason"] !== undefined) this.#finish = BLOCKED;
  }

  #part(part: JsonObject): void {
    const { thoughtSignature, ...rest } = part;
    const proof = this.#proof(thoughtSignature);
    if (isObject(rest["functionCall"])) return this.#call(camelKeys(rest["functionCall"]), proof);
    const { text, thought, ...other } = rest;
    if (Object.keys(other).length === 0)
      return this.#text(typeof text === "string" ? text : "", thought === true, proof);
    this.#out.closeAll();
    const whole: Part =
      typeof text === "string" ? { type: "text", text, vendor: { gemini: other } } : readOtherPart(rest);
    this.#out.whole({ ...whole, ...(proof && { proof }) });
  }

  #proof(signature: unknown): Proof | undefined {
    if (typeof signature !== "string" || signature === "") return undefined;
    return { format: "gemini", maker: this.context.maker, value: signature };
  }

  #text(text: string, thought: boolean, proof: Proof | undefined): void {
    const key = thought ? "thought" : "text";
    if (text !== "") {
      this.#close(thought ? "text" : "thought");
      this.#out.open(
        key,
        thought ? { type: "reasoning", text: "", summary: true } : { type: "text", text: "" },
      );
      this.#out.append(key, text);
      if (proof) this.#close(key, { proof });
    } else if (proof) {
      this.#signature(proof);
    }
  }

  /** A signature that came alone belongs to the part it follows; with none there it stands for withheld thoughts. */
  #signature(proof: Proof): void {
    const open = ["text", "thought"].find((key) => this.#out.isOpen(key));
    if (open) this.#close(open, { proof });
    else this.#out.whole({ type: "reasoning", text: "", redacted: true, proof });
  }

  #call(call: JsonObject, proof: Proof | undefined): void {
    const { name, id, args, partialArgs, willContinue } = call;
    const goesOn = this.#pending && (!name || (id !== undefined && id !== "" && id === this.#pending.id));
    if (!goesOn) {
      this.#finishCall();
      if (typeof name !== "string" || name === "") return;
      this.#out.closeAll();
      const known = typeof id === "string" && id !== "" ? id : undefined;
      this.#pending = { id: known, name, args: new PartialArgs(), proof };
    }
    const pending = this.#pending;
    if (!pending) return;
    if (args !== undefined) pending.args.begin(args);
    pending.args.take(partialArgs);
    pending.proof ??= proof;
    if (willContinue !== true) this.#finishCall();
  }

  /** Writes the call that is under way; some streams forget to say that it ended. */
  #finishCall(): void {
    const call = this.#pending;
    if (!call) return;
    this.#pending = undefined;
    const text = call.args.text();
    const declared = this.context.toolNames.fromWire(call.name);
    const id = call.id ?? makeCallId(this.#responseId, this.#calls.whole, call.name, text);
    this.#calls.whole++;
    this.#out.whole({
      type: "tool-call",
      id,
      name: declared.name,
      input: declared.freeText ? unwrapFreeText(text) : text,
      ...(declared.freeText && { freeText: true }),
      ...(declared.namespace !== undefined && { namespace: declared.namespace }),
      ...(call.proof && { proof: call.proof }),
    } satisfies Part);
  }

  #fault(word: string): TargetFailure {
    const why = this.#said["finishMessage"];
    const message = typeof why === "string" && why !== "" ? why : "The provider gave no reason.";
    return new TargetFailure("malformed", `The provider ended the answer with ${word}: ${message}`, {
      providerCode: word,
    });
  }
}

/** A chunk that is not JSON is passed over: one broken line must not end a stream that goes on. */
function readChunk(data: string): unknown {
  try {
    return parseJson(data);
  } catch {
    return undefined;
  }
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === "") return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}
