import type { JsonObject } from "../lib/json.ts";
import type { TargetFailure } from "./errors.ts";
import type { Loss } from "./format.ts";
import type { ModelType, Service } from "./provider.ts";
import type { Usage } from "./reply.ts";

/** What providers do beside chat. */
export const SERVICE_KINDS = [
  "embeddings",
  "images",
  "imageEdits",
  "transcription",
  "speech",
  "moderation",
  "rerank",
] as const;
export type ServiceKind = (typeof SERVICE_KINDS)[number];

/** The models that serve each. */
export const MODEL_TYPE_OF = {
  embeddings: "embedding",
  images: "image",
  imageEdits: "image",
  transcription: "audio",
  speech: "audio",
  moderation: "moderation",
  rerank: "rerank",
} as const satisfies Record<ServiceKind, ModelType>;

/** The shapes in which providers take each; `openai` is the one that most share. */
export const DIALECTS = {
  embeddings: ["openai", "cohere", "gemini"],
  images: ["openai", "fireworks", "gemini", "hyperbolic", "minimax", "nanobanana", "sdwebui"],
  imageEdits: ["openai", "gemini", "xai"],
  transcription: ["openai", "assemblyai", "deepgram", "openrouter"],
  speech: [
    "openai",
    "cartesia",
    "deepgram",
    "elevenlabs",
    "gemini",
    "hyperbolic",
    "inworld",
    "minimax",
    "xai",
  ],
  moderation: ["openai"],
  rerank: ["cohere", "nvidia"],
} as const satisfies Record<ServiceKind, readonly string[]>;
export type DialectOf<Kind extends ServiceKind> = (typeof DIALECTS)[Kind][number];

/** Where a provider departs from its dialect. Each is read by the dialect it bends. */
export type ServiceQuirks = {
  /** Top-level fields the provider refuses; left out. */
  drop?: readonly string[];
  /** Top-level fields under another name here. */
  rename?: Readonly<{ [field: string]: string }>;
  /** Embeddings: gives base64 when asked. Others are asked for numbers, and we write the base64. */
  base64Vectors?: boolean;
  /** Embeddings: must be told what a text is for, in `input_type`; the words for a query and a document. */
  purposes?: Readonly<{ query: string; document: string }>;
  /** Images: takes `width` and `height` in place of `size`. */
  widthAndHeight?: boolean;
  /** Images: the word for base64 in `response_format`. Default: `b64_json`. */
  base64Word?: string;
  /** Transcription: the answer formats it can write. Default: all. */
  transcriptFormats?: readonly TranscriptFormat[];
  /** Forms: what stands behind the file is not read. */
  fileLast?: boolean;
  /** Forms: fields that must have these values, whatever the client says. */
  fields?: Readonly<{ [field: string]: string }>;
  /** Speech: the voice when the client names none. Default: `alloy`. */
  voice?: string;
  /** Speech: the formats it can write; the first where the client asks for another. Default: all. */
  audioFormats?: readonly string[];
};

export const TRANSCRIPT_FORMATS = ["json", "text", "srt", "verbose_json", "vtt"] as const;
export type TranscriptFormat = (typeof TRANSCRIPT_FORMATS)[number];

/** What a text is embedded for; some models make different vectors of the same words. */
export type EmbeddingPurpose = "query" | "document" | "similarity" | "classification" | "clustering";

/**
 * A call as the client made it, in OpenAI's shape. `body` holds all its fields, so that what nobody here knows still
 * reaches a provider of the same dialect; the fields beside it are checked.
 */
export type EmbeddingRequest = {
  body: JsonObject;
  inputs: readonly (string | readonly number[])[];
  encoding: "float" | "base64";
  dimensions?: number;
  purpose?: EmbeddingPurpose;
};
export type EmbeddingReply = {
  /** Numbers, or base64 of little-endian 32-bit floats, in the order of the inputs. */
  vectors: readonly (readonly number[] | string)[];
  usage?: Usage;
  losses?: Loss[];
};

export type ImageRequest = {
  body: JsonObject;
  prompt: string;
  count: number;
  size?: { width: number; height: number };
  /** How the client wants the picture, where it says. */
  delivery?: "url" | "base64";
  stream: boolean;
};
/** The client's form, which may still be on its way. */
export type ImageEditRequest = { form: UploadForm };
export type ImageReply =
  | {
      type: "whole";
      images: readonly { url?: string; base64?: string; mediaType?: string; revisedPrompt?: string }[];
      /** Milliseconds since 1970. */
      createdAt?: number;
      usage?: Usage;
      /** Fields of OpenAI's own answer that say what was made (`size`, `quality`, `usage` …). */
      rest?: JsonObject;
      losses?: Loss[];
    }
  | ByteReply;

export type TranscriptionRequest = { form: UploadForm };
export type TranscriptPiece = { start: number; end: number; text: string };
export type TranscriptionReply =
  | {
      type: "transcript";
      text: string;
      language?: string;
      /** Seconds of audio. */
      duration?: number;
      /** Times in seconds. */
      segments?: readonly TranscriptPiece[];
      words?: readonly TranscriptPiece[];
      usage?: Usage;
      losses?: Loss[];
    }
  /** The provider wrote the format the client asked for. */
  | ByteReply;

export type SpeechRequest = {
  body: JsonObject;
  input: string;
  voice?: string;
  /** `mp3`, `opus`, `aac`, `flac`, `wav` or `pcm`. */
  format: string;
  speed?: number;
};
export type SpeechReply = ByteReply;

export type ModerationRequest = { body: JsonObject };
export type ModerationReply = { id?: string; results: readonly JsonObject[]; usage?: Usage };

export type RerankRequest = {
  body: JsonObject;
  query: string;
  documents: readonly (string | JsonObject)[];
  topN?: number;
  returnDocuments: boolean;
};
export type RerankReply = {
  id?: string;
  results: readonly { index: number; score: number }[];
  usage?: Usage;
  losses?: Loss[];
};

/** Bytes that go to the client as they come. */
export type ByteReply = {
  type: "bytes";
  contentType: string;
  bytes: Uint8Array | ReadableStream<Uint8Array>;
  /** Known before the last byte; an event stream tells it by itself. */
  usage?: Usage;
  losses?: Loss[];
};

type Kinds = {
  embeddings: { request: EmbeddingRequest; reply: EmbeddingReply };
  images: { request: ImageRequest; reply: ImageReply };
  imageEdits: { request: ImageEditRequest; reply: ImageReply };
  transcription: { request: TranscriptionRequest; reply: TranscriptionReply };
  speech: { request: SpeechRequest; reply: SpeechReply };
  moderation: { request: ModerationRequest; reply: ModerationReply };
  rerank: { request: RerankRequest; reply: RerankReply };
};
export type ServiceRequest<Kind extends ServiceKind> = Kinds[Kind]["request"];
export type ServiceReply<Kind extends ServiceKind> = Kinds[Kind]["reply"];

/** A client's multipart form, part by part as it arrives. Its files may be read again for another target. */
export interface UploadForm {
  /** All parts in the order of the form; waits for those that are still on their way. */
  parts(): AsyncIterable<UploadPart>;
  /** The text fields, once the last byte is in; of a repeated field the first. Throws when the client broke off. */
  fields(): Promise<ReadonlyMap<string, string>>;
  /** All parts when the last byte is in; undefined before. */
  complete(): readonly UploadPart[] | undefined;
}
export type UploadPart =
  { type: "field"; name: string; value: string } | { type: "file"; name: string; file: UploadedFile };

export interface UploadedFile {
  readonly name: string;
  /** As the client says; `application/octet-stream` when it says nothing. */
  readonly mediaType: string;
  /** Bytes that have come so far. */
  readonly size: number;
  /** From the first byte, as fast as they arrive. */
  stream(): ReadableStream<Uint8Array>;
  /** All of it, once it is there. */
  bytes(): Promise<Uint8Array>;
}

/** A call to a provider's service. Without a body and a method it is a GET. */
export type ServiceCall = {
  method?: "GET" | "POST";
  /** In place of the service's own path, behind the same base URL. */
  path?: string;
  query?: Readonly<{ [name: string]: string | undefined }>;
  json?: unknown;
  bytes?: {
    type: string;
    content: Uint8Array | (() => ReadableStream<Uint8Array>);
    /** Of a stream, where it is known. */
    length?: number;
  };
  accept?: string;
};

/** What came back; the status was a good one. */
export interface ServiceAnswer {
  readonly headers: Headers;
  readonly body: ReadableStream<Uint8Array> | null;
  /** The body as a JSON object. Throws `TargetFailure` (`malformed`) when it is none. */
  json(): Promise<JsonObject>;
  /** The body as JSON of any kind. Throws `TargetFailure` (`malformed`) when it is none. */
  value(): Promise<unknown>;
  text(): Promise<string>;
}

/** How a dialect talks to its provider. Address, key, deadline and errors are the asker's matter. */
export interface Asker {
  /** One call. Throws `TargetFailure` for everything but a good answer. */
  ask(call: ServiceCall): Promise<ServiceAnswer>;
  /**
   * Looks every 2 seconds until `look` gives something, for at most 120 seconds; then throws `TargetFailure`
   * (`timeout`).
   */
  poll<T>(look: () => Promise<T | undefined>): Promise<T>;
  /** What stands between the parts of a form; nobody who sends us one can know it before. */
  boundary(): string;
  /** Reads the failure from a body that came with a good status. */
  failure(body: unknown): TargetFailure;
}

/** What a dialect must know of its target. */
export type ServiceTarget<Kind extends ServiceKind> = {
  /** The id the provider knows. */
  modelId: string;
  service: Service<Kind>;
  quirks: ServiceQuirks;
};

/** One shape of one service, as providers speak it. Knows nothing of providers: departures are quirks. */
export type ServiceFormat<Kind extends ServiceKind> = (
  request: ServiceRequest<Kind>,
  target: ServiceTarget<Kind>,
  asker: Asker,
) => Promise<ServiceReply<Kind>>;
