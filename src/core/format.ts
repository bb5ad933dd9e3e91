import type { SseEvent } from "../lib/sse.ts";
import type { GatewayError } from "./errors.ts";
import type { FormatId, Proof, ProviderFormatId, Reply, ReplyEvent } from "./reply.ts";
import type { ChatRequest } from "./request.ts";
import type { Quirks } from "./quirks.ts";
import type { ToolNames } from "./tool-names.ts";

/** Something the target's format or model could not say. Told to the client in `x-omniroute-warnings`. */
export type Loss = {
  /** What was left out, in the client's words: "logprobs", "tool web_search", "audio input". */
  what: string;
  /** Why, in one clause. */
  why: string;
  /** Harmless losses are listed in plans and tests, but not told to the client. */
  silent?: boolean;
};

/** What an encoder must know of the model it writes for. Unknown facts are left out. */
export type TargetModel = {
  /** The id the provider knows. */
  id: string;
  /** Who makes proofs here: `provider/model`. Proofs of another maker must not be sent. */
  maker: string;
  contextTokens?: number;
  maxOutputTokens?: number;
  reasoning?: boolean;
  vision?: boolean;
  tools?: boolean;
  /** What the account's sign-in says of it (`projectId`, `profileArn`), for formats that name it in the body. */
  account?: Readonly<{ [field: string]: unknown }>;
};

export type EncodedRequest = {
  /** The wire body; stringify it with `JSON.stringify` (raw numbers keep their digits). */
  body: { [field: string]: unknown };
  /** Headers this request needs beside the provider's own (`anthropic-beta`). */
  headers?: { [name: string]: string };
  /** How tools are called on the wire, to be undone in the answer. */
  toolNames: ToolNames;
  losses: Loss[];
};

/** Known when a provider's answer is read. */
export type DecodeContext = {
  quirks: Quirks;
  toolNames: ToolNames;
  /** Maker written into proofs found in the answer. */
  maker: string;
};

/** Known when an answer is written for a client. */
export type EncodeContext = {
  /** Id for the answer where the provider gave none of this format. */
  id: string;
  /** The model name to show. */
  model: string;
  /** Seconds since 1970. */
  created: number;
  /** What the client asked, decoded; for tools it declared, `includeUsage`, echoed fields. */
  request: ChatRequest;
  /** Proofs of another format are put into the client's own slot inside an envelope; see `core/envelope.ts`. */
  sealProof(proof: Proof): string;
  /** Input tokens by our own estimate, for formats that must name them before the provider does. */
  estimatedInput?: number;
  /**
   * The answer is not from the vendor whose format the client speaks, so proofs in that format are sealed as well: they
   * come back with their maker's name, and a bare one is always the vendor's own.
   */
  sealOwn?: boolean;
};

/** Reads a provider's stream, event by event. Throws `TargetFailure` for an error inside the stream. */
export interface StreamDecoder {
  push(event: SseEvent): ReplyEvent[];
  /** The connection ended. Throws `TargetFailure` ("malformed") when the answer was cut off. */
  end(): ReplyEvent[];
}

/** Writes a client's stream. Everything returned is wire text, ready to send. */
export interface StreamEncoder {
  push(event: ReplyEvent): string;
  /**
   * Comment lines directly before the protocol's last event: `: x-omniroute-…`. Called once, before `reply-end`. The
   * last one may go on, after an empty line, with a frame of its own, which the line's end closes.
   */
  trailer?(comments: string[]): void;
  /** Keeps the client awake while nothing comes; "" where the protocol has no such thing. */
  heartbeat(): string;
  /** The error as the protocol tells it inside a stream, without any success ending. */
  fail(error: GatewayError, requestId: string): string;
}

/** What the path of a call says, for protocols that put it there instead of in the body (Gemini). */
export type PathFacts = { model?: string; stream?: boolean };

/** A wire format as clients speak it. */
export interface ClientFormat {
  /** One of `FORMAT_IDS`, or a dialect that only clients speak: "openai-completions", "ollama". */
  readonly id: FormatId | "openai-completions" | "ollama";
  /** Content type of a stream in this format. */
  readonly streamType: string;
  /** Reads a client's body. Throws `GatewayError` (`bad_request`, naming the field). */
  decodeRequest(body: { [field: string]: unknown }, path?: PathFacts): ChatRequest;
  /** Writes a client's whole answer. */
  encodeReply(reply: Reply, context: EncodeContext): { [field: string]: unknown };
  streamEncoder(context: EncodeContext): StreamEncoder;
  /** The body of an error answer in this protocol. */
  encodeError(error: GatewayError, requestId: string): { [field: string]: unknown };
}

/** A wire format as providers speak it. Knows nothing of providers: departures are `Quirks`. */
export interface ProviderFormat {
  readonly id: ProviderFormatId;
  /** Writes a provider's body. Throws `GatewayError` (`unsupported`) for what must not be dropped silently. */
  encodeRequest(request: ChatRequest, target: TargetModel, quirks: Quirks): EncodedRequest;
  /** Reads a provider's whole answer. Throws `TargetFailure` for an error object or an answer without content. */
  decodeReply(body: unknown, context: DecodeContext): Reply;
  streamDecoder(context: DecodeContext): StreamDecoder;
  /**
   * May a client's body in this same format go on unread? Not where its history holds what another vendor's model
   * said and this one would refuse: unsigned thoughts and calls, ids nobody knows. Looks at the bytes only; errs
   * towards true, since a refusal is mended by a second try. Left out: it may.
   */
  takesAsIs?(body: Buffer, target: TargetModel): boolean;
  /** What a provider's error body says: message, code word, type word. Undefined when it is not in this shape. */
  readError(body: unknown): { message: string; code?: string; type?: string } | undefined;
  /**
   * For the pass-through lane, where frames are not parsed: could this raw frame, or one of several that stand in a row
   * here, tell the meter something (usage, finish, error, start)? Must be quick and may err towards true. Frames for
   * which it says yes are given to a `streamDecoder`; the others count as content.
   */
  isMeterFrame(frames: Uint8Array): boolean;
}

/** One wire format, in both directions and both roles. */
export interface Format extends ClientFormat, ProviderFormat {
  readonly id: FormatId;
}
