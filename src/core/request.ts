import type { JsonObject } from "../lib/json.ts";
import type { Part, Vendor } from "./reply.ts";

/**
 * One turn. Tool results stand in user turns, before anything else the user says. A `system` turn keeps the place
 * the client gave it; `developer: true` remembers that OpenAI's word for it was used.
 */
export type Message = {
  role: "system" | "user" | "assistant";
  parts: Part[];
  developer?: boolean;
  /** The speaker's name (OpenAI). */
  name?: string;
  vendor?: Vendor;
};

/** A tool the model may call. `hosted` tools are run by the provider itself. */
export type Tool = { vendor?: Vendor; namespace?: string; description?: string } & (
  | { type: "function"; name: string; parameters?: JsonObject; strict?: boolean }
  /** Takes free text, optionally bound to a grammar (Responses custom tools). */
  | { type: "custom"; name: string; grammar?: { syntax: string; definition: string } }
  /** `kind` is ours where formats agree ("web-search", "code-execution", …), else the wire's own type word. */
  | { type: "hosted"; kind: string; name: string }
);

export type ToolChoice =
  | { type: "auto" }
  | { type: "none" }
  | { type: "required" }
  | { type: "tool"; name: string; namespace?: string }
  /** Only these tools; `required` says whether one of them must be called. */
  | { type: "allowed"; names: string[]; required: boolean };

export const EFFORTS = ["none", "minimal", "low", "medium", "high", "xhigh", "max"] as const;
export type Effort = (typeof EFFORTS)[number];

/** How much the model should think. `budget` in tokens; `adaptive` leaves it to the model. */
export type Reasoning = {
  effort?: Effort;
  budget?: number;
  adaptive?: boolean;
  /** How much of it the client wants to see: OpenAI summary word, or false for "do not send it". */
  summary?: string;
  visible?: boolean;
};

/** What shape the answer must have. */
export type OutputShape =
  | { type: "text" }
  | { type: "json" }
  | { type: "schema"; schema: JsonObject; name?: string; strict?: boolean; description?: string };

/** One chat call, in nobody's wire format. What only one format can say stays in `vendor`. */
export type ChatRequest = {
  /** The model name as the client wrote it; the target's own id once a target is chosen. */
  model: string;
  stream: boolean;
  /** Chat clients get a usage chunk only when they ask for it. Other formats always send usage. */
  includeUsage?: boolean;
  messages: Message[];
  tools?: Tool[];
  toolChoice?: ToolChoice;
  parallelToolCalls?: boolean;
  reasoning?: Reasoning;
  output?: OutputShape;
  verbosity?: string;
  maxOutputTokens?: number;
  temperature?: number;
  topP?: number;
  topK?: number;
  frequencyPenalty?: number;
  presencePenalty?: number;
  seed?: number;
  stop?: string[];
  choices?: number;
  logprobs?: boolean;
  topLogprobs?: number;
  serviceTier?: string;
  /** The end user as the client names them (OpenAI `user`, Anthropic `metadata.user_id`). */
  user?: string;
  metadata?: JsonObject;
  promptCacheKey?: string;
  previousResponseId?: string;
  /** The field that names something only the client's own provider has, without which the request says less. */
  keptElsewhere?: string;
  /** Top-level fields of the client's format that have no place above, under their own names. */
  vendor?: Vendor;
};

/** All text the request carries in its leading system turns, joined by blank lines. */
export function systemText(request: ChatRequest): string {
  const texts: string[] = [];
  for (const message of request.messages) {
    if (message.role !== "system") break;
    for (const part of message.parts) if (part.type === "text") texts.push(part.text);
  }
  return texts.join("\n\n");
}

/** Are log probabilities asked for? The Responses format says so by their number alone. */
export const wantsLogprobs = ({ logprobs, topLogprobs }: ChatRequest): boolean =>
  logprobs === true || (topLogprobs ?? 0) > 0;
