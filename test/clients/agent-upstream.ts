import { isObject } from "../../src/lib/json.ts";
import { type Seen, startUpstream, type Step, type Upstream } from "../kit/upstream.ts";
import { nextTurn } from "./agent.ts";
import { anthropic } from "./wires/anthropic.ts";
import { Refusal } from "./wires/check.ts";
import { gemini } from "./wires/gemini.ts";
import { openaiChat } from "./wires/openai-chat.ts";
import { openaiResponses } from "./wires/openai-responses.ts";
import type { Wire } from "./wires/wire.ts";

const WIRES: readonly Wire[] = [openaiChat, openaiResponses, anthropic, gemini];

/** A provider that does what it is asked as a model would, and refuses what a strict vendor refuses. */
export type AgentUpstream = Upstream & {
  /** Why requests were refused, in order. */
  refusals: string[];
  /** Turns answered so far that had tools to work with. */
  turns(): number;
  /** From this many turns on, the account is over its limit. */
  limitAfter(turns: number): void;
  /** Forgets what came so far. */
  reset(): void;
};

/** Starts it on a free port of the loopback. */
export function startAgentUpstream(): AgentUpstream {
  const refusals: string[] = [];
  let turns = 0;
  let most = Infinity;
  let count = 0;
  const upstream = startUpstream((seen) => {
    const wire = WIRES.find(({ handles }) => handles(seen.path));
    if (!wire)
      return counted(seen) ?? { type: "json", status: 404, body: { error: { message: "Not found" } } };
    try {
      const circumstances = { path: seen.path, headers: seen.headers };
      if (!isObject(seen.body)) throw new Refusal("The body is no JSON object.");
      const asked = wire.read(seen.body, circumstances);
      if (asked.tools.length > 0 && turns >= most)
        throw new Refusal("Rate limit reached for this account.", 429);
      if (asked.tools.length > 0) turns++;
      return wire.write(nextTurn(asked), seen.body, `a${++count}`, circumstances);
    } catch (error) {
      return refused(wire, error);
    }
  });

  function refused(wire: Wire, error: unknown): Step {
    if (!(error instanceof Refusal)) throw error;
    const { status, message } = error;
    if (status !== 429) refusals.push(message);
    const headers: { [name: string]: string } = status === 429 ? { "retry-after": "60" } : {};
    return { type: "json", status, headers, body: wire.error(message, status) };
  }

  return Object.assign(upstream, {
    refusals,
    turns: () => turns,
    limitAfter: (limit: number) => {
      most = limit;
    },
    reset: () => {
      refusals.length = upstream.seen.length = turns = 0;
      most = Infinity;
    },
  });
}

/** Token counters are the only other calls a gateway makes. */
function counted(seen: Seen): Step | undefined {
  if (seen.path.endsWith("/count_tokens")) return { type: "json", body: { input_tokens: 1234 } };
  if (seen.path.endsWith(":countTokens")) return { type: "json", body: { totalTokens: 1234 } };
  return undefined;
}
