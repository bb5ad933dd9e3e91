import type { EventWriter } from "../../core/event-writer.ts";
import type { DecodeContext } from "../../core/format.ts";
import type { FinishReason, Part, Proof, Source } from "../../core/reply.ts";
import { Sources } from "../../core/sources.ts";
import { isObject, type JsonObject } from "../../lib/json.ts";
import { CallReader } from "./call-reader.ts";
import { readMedia } from "./media.ts";
import {
  entryEnd,
  entryProof,
  isSameEntry,
  readEntries,
  TEXT_OWNER,
  thoughtsInOrder,
  type ReasoningEntry,
} from "./proofs.ts";
import { ThinkTags } from "./think-tags.ts";
import { WholeCharacters } from "./whole-characters.ts";
import { CHAT, objectsOf, otherFields, readFinish, textOf } from "./wire.ts";

type Speech = "text" | "reasoning" | "refusal";

/**
 * Reads one choice of an answer, delta by delta; a whole message is one big delta. What is being said (text,
 * reasoning, refusal) is one part at a time, calls may grow beside it.
 */
export class ChoiceReader {
  readonly calls: CallReader;
  #speaking: Speech | undefined;
  #characters = new WholeCharacters();
  #thinkTags: ThinkTags | undefined;
  /** Which field tells the reasoning; providers that use several repeat it in each. */
  #reasoningFrom: "field" | "details" | undefined;
  /** The `reasoning_details` entry that the open reasoning part belongs to. */
  #entry: JsonObject | undefined;
  #finish: FinishReason | "error" | undefined;
  /** Proofs that a chained gateway sent for texts and calls, by owner. */
  readonly #proofs = new Map<string, Proof>();
  readonly #annotations: unknown[] = [];
  #pages = new Sources();
  readonly #logprobs: { [list: string]: unknown[] } = {};
  #audio: JsonObject = {};

  constructor(
    readonly out: EventWriter,
    readonly context: DecodeContext,
    answerId: () => string,
  ) {
    this.calls = new CallReader(out, context, answerId, this.#proofs, () => this.#hush());
    if (context.quirks.thinkTags) this.#thinkTags = new ThinkTags();
  }

  /** The provider's finish reason, once there is one. */
  get finish(): FinishReason | "error" | undefined {
    return this.#finish;
  }

  /** Takes a delta, or a message. */
  push(delta: JsonObject, wholeMessage: boolean): void {
    this.#readReasoning(delta, wholeMessage);
    this.#readContent(delta["content"]);
    const refusal = textOf(delta["refusal"]);
    if (refusal !== "") this.#speak("refusal", refusal);
    for (const image of objectsOf(delta["images"])) this.#readImage(image);
    if (isObject(delta["audio"])) this.#readAudio(delta["audio"]);
    for (const annotation of objectsOf(delta["annotations"])) this.#annotate(annotation);
    if (Array.isArray(delta["tool_calls"])) this.calls.push(objectsOf(delta["tool_calls"]), wholeMessage);
    if (isObject(delta["function_call"])) this.calls.push([{ function: delta["function_call"] }], false);
  }

  /** Takes a page that the answer rests on. */
  cite(url: unknown, title: unknown): void {
    this.#pages.add(url, title);
  }

  /** Takes what stands beside the delta: the finish reason and the log probabilities. */
  pushChoice(choice: JsonObject): void {
    this.#finish = readFinish(choice["finish_reason"]) ?? this.#finish;
    const { logprobs } = choice;
    if (!isObject(logprobs)) return;
    for (const [list, entries] of Object.entries(logprobs))
      if (Array.isArray(entries)) (this.#logprobs[list] ??= []).push(...(entries as unknown[]));
  }

  /** Closes everything and says how the choice ended. */
  end(): { finish: FinishReason; fields: { [field: string]: unknown } } {
    for (const spoken of this.#thinkTags?.end() ?? [])
      this.#speak(spoken.reasoning ? "reasoning" : "text", spoken.text);
    this.#hush();
    if (this.out.isOpen("audio")) this.out.close("audio", { vendor: { [CHAT]: { audio: this.#audio } } });
    this.calls.end();
    return {
      finish: this.#finishReason(),
      fields: {
        ...(this.#annotations.length > 0 && { annotations: this.#annotations }),
        ...(Object.keys(this.#logprobs).length > 0 && {
          logprobs: { content: null, refusal: null, ...this.#logprobs },
        }),
      },
    };
  }

  /** A turn with calls ends with them whatever the provider says, unless its limit cut one in two. */
  #finishReason(): FinishReason {
    const told = this.#finish;
    if (told === "content-filter") return told;
    if (told === "length" && (this.calls.count === 0 || this.calls.isCutInside)) return told;
    return this.calls.count > 0 ? "tool-calls" : "stop";
  }

  #annotate(annotation: JsonObject): void {
    this.#annotations.push(annotation);
    const citation = annotation["url_citation"];
    if (isObject(citation)) this.cite(citation["url"], citation["title"]);
  }

  #readContent(content: unknown): void {
    if (typeof content === "string") return this.#readText(content);
    for (const part of objectsOf(content)) this.#readPart(part);
  }

  /** Mistral writes content as a list once a model thinks. https://docs.mistral.ai/capabilities/reasoning/ */
  #readPart(part: JsonObject): void {
    if (part["type"] === "text") return this.#readText(textOf(part["text"]));
    if (part["type"] === "refusal") return this.#speak("refusal", textOf(part["refusal"]));
    if (part["type"] === "thinking") {
      const { thinking } = part;
      const text =
        typeof thinking === "string"
          ? thinking
          : objectsOf(thinking)
              .map((inner) => textOf(inner["text"]))
              .join("");
      return this.#speak("reasoning", text);
    }
    const media = readMedia(part);
    if (media) this.#whole(media);
    else this.#whole({ type: "other", ...otherFields(part, new Set()) });
  }

  #readText(text: string): void {
    if (text === "") return;
    if (!this.#thinkTags) return this.#speak("text", text);
    for (const spoken of this.#thinkTags.push(text))
      this.#speak(spoken.reasoning ? "reasoning" : "text", spoken.text);
  }

  /** Four spellings, sometimes two at once. Copilot says `reasoning_text`. */
  #readReasoning(delta: JsonObject, wholeMessage: boolean): void {
    const plain =
      textOf(delta["reasoning_content"]) || textOf(delta["reasoning"]) || textOf(delta["reasoning_text"]);
    const entries = readEntries(delta["reasoning_details"]);
    if (wholeMessage && plain !== "" && entries.length > 0) return this.#readThoughts(plain, entries);
    if (!this.#reasoningFrom)
      if (entries.some((entry) => entry.text !== "")) this.#reasoningFrom = "details";
      else if (plain !== "") this.#reasoningFrom = "field";
    if (this.#reasoningFrom === "field") this.#speak("reasoning", plain);
    for (const entry of entries) this.#readEntry(entry);
  }

  #readThoughts(plain: string, entries: readonly ReasoningEntry[]): void {
    this.#reasoningFrom = "details";
    for (const thought of thoughtsInOrder(plain, entries)) {
      if (typeof thought !== "string") this.#readEntry(thought);
      else if (this.#speaking !== "reasoning" || !this.#entry) this.#speak("reasoning", thought);
      else {
        this.#hush();
        this.#speak("reasoning", thought);
      }
    }
  }

  #readEntry(entry: ReasoningEntry): void {
    const proof = entryProof(entry.rest, this.context.maker);
    if (entry.encrypted) {
      if (proof && entry.owner !== undefined) this.#proofs.set(entry.owner, proof);
      else if (proof) this.#whole({ type: "reasoning", text: "", redacted: true, proof });
      return;
    }
    const text = this.#reasoningFrom === "details" ? entry.text : "";
    if (text === "" && !proof) {
      // Text that was told in the plain field and comes again as an entry: that thought is over.
      if (entry.text !== "") this.#hush();
      return;
    }
    if (this.#reasoningFrom === "details" && !(this.#entry && isSameEntry(this.#entry, entry.rest)))
      this.#hush();
    this.#open("reasoning", entry.summary);
    this.#entry = { ...this.#entry, ...entry.rest };
    this.#speak("reasoning", text);
    if (proof) this.#hush();
  }

  #readImage(image: JsonObject): void {
    const media = readMedia({ ...image, type: "image_url" });
    if (media) this.#whole(media);
  }

  /** Audio answers come in pieces, with what is said as text beside it. */
  #readAudio(audio: JsonObject): void {
    const { data, transcript, ...rest } = audio;
    if (!this.out.isOpen("audio")) {
      // Snowflake puts an empty one on every answer.
      if (textOf(data) === "" && textOf(transcript) === "" && textOf(rest["id"]) === "") return;
      this.#hush();
      this.out.open("audio", { type: "media", kind: "audio", mediaType: "", data: "" });
    }
    this.out.append("audio", textOf(data));
    this.#audio = {
      ...this.#audio,
      ...rest,
      transcript: textOf(this.#audio["transcript"]) + textOf(transcript),
    };
  }

  #speak(kind: Speech, text: string): void {
    if (text === "") return;
    this.#open(kind);
    this.out.append(kind, this.#characters.push(text));
  }

  /** Makes `kind` what is being said now. */
  #open(kind: Speech, summary = false): void {
    if (this.#speaking === kind) return;
    this.#hush();
    this.calls.settle();
    this.out.open(kind, { type: kind, text: "", ...(summary && { summary }) });
    this.#speaking = kind;
  }

  /** Nothing is being said any more. */
  #hush(): void {
    if (!this.#speaking) return;
    const kind = this.#speaking;
    this.out.append(kind, this.#characters.end());
    this.out.close(kind, this.#speechEnd(kind));
    this.#speaking = undefined;
    this.#entry = undefined;
  }

  #speechEnd(kind: Speech): Pick<Part, "vendor" | "proof"> & { sources?: Source[] } {
    if (kind === "reasoning") return this.#entry ? entryEnd(this.#entry, this.context.maker) : {};
    if (kind === "refusal") return {};
    const proof = this.#proofs.get(TEXT_OWNER);
    this.#proofs.delete(TEXT_OWNER);
    const pages = this.#pages.found();
    this.#pages = new Sources();
    return { ...(proof && { proof }), ...pages };
  }

  #whole(part: Part): void {
    this.#hush();
    this.calls.settle();
    this.out.whole(part);
  }
}
