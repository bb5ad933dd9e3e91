import { TargetFailure } from "../../core/errors.ts";
import { EventWriter } from "../../core/event-writer.ts";
import type { DecodeContext, StreamDecoder } from "../../core/format.ts";
import { ReplyCollector, type ReplyEvent } from "../../core/reply.ts";
import type { SseEvent } from "../../lib/sse.ts";
import { isObject, type JsonObject } from "../../lib/json.ts";
import { ChoiceReader } from "./choice-reader.ts";
import { failureOf, readError } from "./errors.ts";
import { isCounted, readUsage } from "./usage.ts";
import { CHAT, numberOf, objectsOf, SERVICE_TIERS, textOf } from "./wire.ts";
import { writeChoice } from "./write-message.ts";

/**
 * Reads a chat stream, and a whole answer as a stream of one. The first choice is the answer; further ones (`n`) are
 * read beside it and kept for chat clients.
 */
export class ChatDecoder implements StreamDecoder {
  readonly #out = new EventWriter();
  readonly #others = new Map<number, OtherChoice>();
  #main: { index: number; reader: ChoiceReader } | undefined;
  #id = "";
  #isDone = false;
  #lastWasBroken = false;
  #counted = false;

  constructor(readonly context: DecodeContext) {}

  push(event: SseEvent): ReplyEvent[] {
    if (this.#isDone) return [];
    const data = event.data.trim();
    if (data === "") return [];
    if (data === "[DONE]") return this.#finish();
    const chunk = parseChunk(data);
    if (event.event === "error") throw failureOf(readError(chunk) ?? { message: data }, chunk);
    // A single broken line is skipped; that nothing was lost shows in what follows.
    this.#lastWasBroken = chunk === undefined;
    if (chunk) this.read(chunk, false);
    return this.#out.take();
  }

  end(): ReplyEvent[] {
    if (this.#isDone) return [];
    if (this.#lastWasBroken || !this.#hasFinished())
      throw new TargetFailure("malformed", "The provider's answer broke off before its end.");
    return this.#finish();
  }

  /** Reads one chunk, or a whole answer. Throws `TargetFailure` for an error in it. */
  read(chunk: JsonObject, isWhole: boolean): void {
    this.#refuseErrors(chunk);
    this.#start(chunk);
    // Perplexity names its pages beside the choices, on every chunk.
    for (const page of objectsOf(chunk["search_results"]))
      this.#readerOf(undefined).cite(page["url"], page["title"]);
    for (const choice of objectsOf(chunk["choices"])) this.#readChoice(choice, isWhole);
    const groq = chunk["x_groq"];
    this.#readUsage(chunk["usage"] ?? (isObject(groq) ? groq["usage"] : undefined));
  }

  /** Closes the answer and gives the last events. */
  #finish(): ReplyEvent[] {
    if (!this.#out.started || (this.#lastWasBroken && !this.#hasFinished()))
      throw new TargetFailure("malformed", "The provider ended its answer without giving one.");
    if (!this.#hasFinished() && this.#main?.reader.calls.isCutInside)
      throw new TargetFailure("malformed", "The provider's answer broke off inside a tool call.");
    this.#isDone = true;
    const { finish, fields } = this.#main?.reader.end() ?? { finish: "stop" as const, fields: {} };
    const choices = [...this.#others]
      .sort(([a], [b]) => a - b)
      .map(([, other], position) => other.end(position + 1));
    const own = { ...fields, ...(choices.length > 0 && { choices }) };
    this.#out.add({
      type: "reply-end",
      finish,
      ...(Object.keys(own).length > 0 && { vendor: { [CHAT]: own } }),
    });
    return this.#out.take();
  }

  /** Closes a whole answer. */
  finishWhole(): ReplyEvent[] {
    if (!this.#main) throw new TargetFailure("malformed", "The provider's answer holds no choice.");
    return this.#finish();
  }

  #hasFinished(): boolean {
    return this.#main?.reader.finish !== undefined;
  }

  #refuseErrors(chunk: JsonObject): void {
    const inChoice = objectsOf(chunk["choices"]).find((choice) => isObject(choice["error"]));
    const error = readError(inChoice ?? chunk);
    if (error) throw failureOf(error, inChoice ?? chunk);
  }

  #start(chunk: JsonObject): void {
    if (this.#id === "") this.#id = textOf(chunk["id"]);
    // Azure's first chunk names neither answer nor model.
    if (this.#out.started || objectsOf(chunk["choices"]).length === 0) return;
    const created = numberOf(chunk["created"]);
    const kept = chatFields(chunk);
    this.#out.start(this.#id, textOf(chunk["model"]), {
      ...(created !== undefined && created > 0 && { created }),
      ...(kept && { vendor: { [CHAT]: kept } }),
    });
  }

  #readChoice(choice: JsonObject, isWhole: boolean): void {
    const reader = this.#readerOf(numberOf(choice["index"]));
    const said = isWhole ? choice["message"] : (choice["delta"] ?? choice["message"]);
    if (isObject(said)) reader.push(said, isWhole);
    reader.pushChoice(choice);
    if (reader.finish === "error")
      throw new TargetFailure("overloaded", "The provider ended its answer with an error.");
    // Moonshot counts inside the choice.
    this.#readUsage(choice["usage"]);
  }

  #readerOf(index: number | undefined): ChoiceReader {
    this.#main ??= {
      index: index ?? 0,
      reader: new ChoiceReader(this.#out, this.context, () => this.#id),
    };
    if (index === undefined || index === this.#main.index) return this.#main.reader;
    let other = this.#others.get(index);
    if (!other) this.#others.set(index, (other = new OtherChoice(this.context, `${this.#id} ${index}`)));
    return other.reader;
  }

  #readUsage(value: unknown): void {
    const usage = readUsage(value, this.context.quirks);
    if (!usage || (this.#counted && !isCounted(usage))) return;
    this.#counted = isCounted(usage);
    if (this.#out.started) this.#out.add({ type: "usage", usage });
  }
}

/** What stands beside the answer and means something to chat clients alone. */
function chatFields(chunk: JsonObject): JsonObject | undefined {
  const fingerprint = textOf(chunk["system_fingerprint"]);
  const tier = textOf(chunk["service_tier"]);
  const fields = {
    ...(fingerprint !== "" && { system_fingerprint: fingerprint }),
    ...(SERVICE_TIERS.has(tier) && { service_tier: tier }),
  };
  return Object.keys(fields).length > 0 ? fields : undefined;
}

/** No digits need saving here: arguments are text inside the chunk. */
function parseChunk(data: string): JsonObject | undefined {
  try {
    const chunk: unknown = JSON.parse(data);
    return isObject(chunk) ? chunk : undefined;
  } catch {
    return undefined;
  }
}

/** A choice beside the first: collected, and handed to chat clients in one piece. */
class OtherChoice {
  readonly #out = new EventWriter();
  readonly reader: ChoiceReader;

  constructor(context: DecodeContext, id: string) {
    this.reader = new ChoiceReader(this.#out, context, () => id);
  }

  end(index: number): JsonObject {
    const { finish, fields } = this.reader.end();
    const collector = new ReplyCollector();
    for (const event of this.#out.take()) collector.push(event);
    collector.push({ type: "reply-end", finish });
    return writeChoice(index, collector.reply().parts, finish, fields);
  }
}
