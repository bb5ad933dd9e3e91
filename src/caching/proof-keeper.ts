import type { Part, ReplyEvent } from "../core/reply.ts";
import type { ChatRequest, Message } from "../core/request.ts";
import type { Clock } from "../lib/clock.ts";
import { tryParseJson } from "../lib/json.ts";
import { Lru } from "../lib/lru.ts";

/** Where proofs lie between two turns of a conversation. */
export type ProofShelf = {
  save(proof: { keyId: string; id: string; value: string; expiresAt: number }): void;
  find(keyId: string, id: string): string | undefined;
};

const KEPT_MS = 30 * 24 * 60 * 60 * 1000;
const IN_MEMORY = 5000;

export type KeepOptions = {
  /** The provider wants its reasoning back in plain words: what has no proof is kept as well. */
  echoed?: boolean;
};

/** The thoughts of a turn that have to come back, and its calls by id, in order. */
type Kept = Extract<Part, { type: "reasoning" | "tool-call" }>[];

/**
 * Remembers the proofs of turns with tool calls, for clients whose format has no place for them or that strip fields
 * they do not know. They are found again by the id of the turn's first call, under the same API key only.
 */
export class ProofKeeper {
  readonly #recent = new Lru<string, Kept | "none">(IN_MEMORY);
  hits = 0;
  misses = 0;

  constructor(
    readonly shelf: ProofShelf,
    readonly clock: Clock,
  ) {}

  get size(): number {
    return this.#recent.size;
  }

  /** Forgets what is in memory; what is on disk is found again when it is needed. Gives how many. */
  clear(): number {
    const { size } = this.#recent;
    this.#recent.clear();
    return size;
  }

  /** Reads along with an answer and keeps what the next turn will need. */
  watch(keyId: string, options: KeepOptions = {}): (event: ReplyEvent) => void {
    const parts = new Map<number, Part>();
    return (event) => {
      switch (event.type) {
        case "part-start":
          if (event.part.type === "reasoning" || event.part.type === "tool-call")
            parts.set(event.index, { ...event.part });
          return;
        case "part-delta": {
          const part = parts.get(event.index);
          if (part?.type === "reasoning") part.text += event.delta;
          return;
        }
        case "part-end": {
          const part = parts.get(event.index);
          if (part && event.proof) part.proof = event.proof;
          return;
        }
        case "reply-end":
          return this.keep(keyId, [...parts.values()], options);
        case "reply-start":
        case "usage":
          return;
      }
    };
  }

  /** Keeps what one turn needs to have back. */
  keep(keyId: string, parts: readonly Part[], { echoed = false }: KeepOptions = {}): void {
    const firstCall = parts.find((part) => part.type === "tool-call");
    if (!firstCall) return;
    const kept = parts.flatMap((part): Kept => {
      if (part.type === "reasoning") return part.proof || (echoed && part.text !== "") ? [part] : [];
      return part.type === "tool-call" ? [{ ...part, input: "" }] : [];
    });
    if (!kept.some((part) => part.proof || part.type === "reasoning")) return;
    this.#recent.set(cacheKey(keyId, firstCall.id), kept);
    this.shelf.save({
      keyId,
      id: firstCall.id,
      value: JSON.stringify(kept),
      expiresAt: this.clock.now() + KEPT_MS,
    });
  }

  /** Puts what was kept back into turns that came without. Gives the same request when there is nothing to do. */
  restore(request: ChatRequest, keyId: string): ChatRequest {
    let changed = false;
    const messages = request.messages.map((message) => {
      const restored = this.#restoreTurn(message, keyId);
      changed ||= restored !== message;
      return restored;
    });
    return changed ? { ...request, messages } : request;
  }

  #restoreTurn(message: Message, keyId: string): Message {
    if (message.role !== "assistant" || message.parts.some((part) => part.proof)) return message;
    const firstCall = message.parts.find((part) => part.type === "tool-call");
    const kept = firstCall && this.#find(keyId, firstCall.id);
    if (!kept) return message;
    const isGiven = message.parts.some((part) => part.type === "reasoning");
    if (isGiven && !kept.some((part) => part.proof)) return message;
    return { ...message, parts: withProofs(message.parts, kept) };
  }

  #find(keyId: string, id: string): Kept | undefined {
    const key = cacheKey(keyId, id);
    let kept = this.#recent.get(key);
    if (kept === undefined) {
      const stored = this.shelf.find(keyId, id);
      kept = stored === undefined ? "none" : (tryParseJson(stored) as Kept);
      this.#recent.set(key, kept);
    }
    if (kept === "none") {
      this.misses++;
      return undefined;
    }
    this.hits++;
    return kept;
  }
}

/** Reasoning stands again where it stood between the calls; text keeps its place; unproved reasoning gives way. */
function withProofs(parts: readonly Part[], kept: Kept): Part[] {
  const rest = [...kept];
  const restored: Part[] = [];
  const takeReasoning = () => {
    while (rest[0]?.type === "reasoning") restored.push(rest.shift() as Part);
  };
  takeReasoning();
  for (const part of parts) {
    if (part.type === "reasoning") continue;
    if (part.type !== "tool-call") {
      restored.push(part);
      continue;
    }
    const at = rest.findIndex((candidate) => candidate.type === "tool-call" && candidate.id === part.id);
    const known = at < 0 ? undefined : rest[at];
    if (at >= 0) {
      restored.push(...rest.slice(0, at).filter((candidate) => candidate.type === "reasoning"));
      rest.splice(0, at + 1);
    }
    restored.push(known?.proof ? { ...part, proof: known.proof } : part);
  }
  return restored;
}

const cacheKey = (keyId: string, id: string): string => `${keyId}\u0000${id}`;
