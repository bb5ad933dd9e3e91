import { isUtf8 } from "node:buffer";
import type { Caller } from "../core/key.ts";
import { badRequest } from "../core/errors.ts";
import { estimateInputTokens } from "../core/estimate.ts";
import type { ClientFormat, PathFacts } from "../core/format.ts";
import type { ChatRequest } from "../core/request.ts";
import { factsOfBytes } from "./byte-facts.ts";
import { refuseThread } from "../formats/anthropic/index.ts";
import { isObject, parseJson } from "../lib/json.ts";
import { type Scan, scanObject, scannedValue } from "../lib/json-scan.ts";

/** A client's call as a door hands it over. */
export type Inbound = {
  requestId: string;
  /** Path as the client wrote it, for the log. */
  path: string;
  format: ClientFormat;
  /** Model and streaming, for protocols that name them in the path. */
  pathFacts?: PathFacts;
  body: Uint8Array;
  headers: Headers;
  caller: Caller;
  /** Aborts when the client leaves. */
  signal: AbortSignal;
  /** The provider of a `/v1/providers/{provider}/…` path. */
  providerRoute?: string;
};

/** What planning needs to know of a request. */
export type CallFacts = { estimatedInput: number; needsTools: boolean; needsVision: boolean };

/** Bodies up to this size are always taken apart and checked; larger ones only when they must be changed. */
const DECODE_ALWAYS_BYTES = 32 * 1024;
/** One call: its bytes, what a look over them tells, and the decoded request for those who need it. */
export class Call {
  readonly bytes: Buffer;
  readonly scan: Scan;
  readonly model: string;
  readonly stream: boolean;
  #request: ChatRequest | undefined;
  #facts: CallFacts | undefined;

  /** Checks the body. Throws `GatewayError` (`bad_request`) for what no provider could answer. */
  constructor(readonly inbound: Inbound) {
    const { body } = inbound;
    this.bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
    this.scan = checkedScan(this.bytes);
    const dialect = inbound.format.id === "ollama" || inbound.format.id === "openai-completions";
    if (dialect || this.bytes.length <= DECODE_ALWAYS_BYTES) this.#request = this.#decode();
    if (inbound.format.id === "anthropic" && this.scan.fields.has("thread")) refuseThread(this.request);
    this.model = this.#request?.model ?? this.#scannedModel();
    this.stream =
      this.#request?.stream ??
      inbound.pathFacts?.stream ??
      scannedValue(this.bytes, this.scan, "stream") === true;
  }

  /** The request in canonical form; decoded on first use. */
  get request(): ChatRequest {
    this.#request ??= this.#decode();
    return this.#request;
  }

  /** The request where it has been taken apart already. */
  get decoded(): ChatRequest | undefined {
    return this.#request;
  }

  get facts(): CallFacts {
    this.#facts ??= this.#look();
    return this.#facts;
  }

  #decode(): ChatRequest {
    let parsed: unknown;
    try {
      parsed = parseJson(this.bytes.toString());
    } catch {
      throw badRequest("The request body is not valid JSON.");
    }
    if (!isObject(parsed)) throw badRequest("The request body must be a JSON object.");
    return this.inbound.format.decodeRequest(parsed, this.inbound.pathFacts);
  }

  #scannedModel(): string {
    const model = this.inbound.pathFacts?.model ?? scannedValue(this.bytes, this.scan, "model");
    if (typeof model !== "string" || model.trim() === "") {
      throw badRequest("`model` is missing: name a model as `provider/model`, or a combo.", "model");
    }
    return model;
  }

  #look(): CallFacts {
    if (!this.#request) return factsOfBytes(this.bytes, this.scan, this.inbound.format.id);
    const request = this.#request;
    return {
      estimatedInput: estimateInputTokens(request),
      needsTools: (request.tools?.length ?? 0) > 0,
      needsVision: request.messages.some(hasPicture),
    };
  }
}

function checkedScan(bytes: Buffer): Scan {
  if (bytes.length === 0) throw badRequest("The request body is empty: send a JSON object.");
  if (!isUtf8(bytes)) throw badRequest("The request body is not UTF-8 text.");
  const scan = scanObject(bytes);
  if (!scan)
    throw badRequest("The request body is not a valid JSON object (or nested deeper than 512 levels).");
  return scan;
}

function hasPicture(message: ChatRequest["messages"][number]): boolean {
  return message.parts.some(
    (part) =>
      (part.type === "media" && part.kind === "image") ||
      (part.type === "tool-result" &&
        part.output.some((piece) => piece.type === "media" && piece.kind === "image")),
  );
}
