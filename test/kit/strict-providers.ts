import type { FormatId } from "../../src/core/reply.ts";
import { parseJson } from "../../src/lib/json.ts";
import { AnthropicRules } from "./strict/anthropic.ts";
import { DeepSeekRules, OpenRouterRules } from "./strict/chat.ts";
import { GeminiRules } from "./strict/gemini.ts";
import { ResponsesRules } from "./strict/responses.ts";
import type { Beat, Rules, Wire } from "./strict/rules.ts";

export const STRICT_RULES = {
  anthropic: () => new AnthropicRules(),
  gemini: () => new GeminiRules(),
  responses: () => new ResponsesRules(),
  deepseek: () => new DeepSeekRules(),
  openrouter: () => new OpenRouterRules(),
} as const satisfies { [kind: string]: () => Rules };

export type StrictKind = keyof typeof STRICT_RULES;

export type StrictProvider = {
  /** Without a version. */
  url: string;
  /** Every refusal so far, in the vendor's words. */
  refusals: string[];
  /** Bodies that were accepted, as they came. */
  accepted: { text: string; body: Wire; account: string }[];
  /** Is the service out for this account? Then its calls fail with a 503. */
  isOut: (account: string) => boolean;
  stop(): Promise<void>;
};

/**
 * A provider on the loopback that refuses what its vendor refuses. `next` gives the beat for each accepted call: with
 * one function for several providers, they play one conversation together.
 */
export function startStrictProvider(rules: Rules, next: () => { beat: Beat; turn: number }): StrictProvider {
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 0,
    async fetch(request) {
      if (request.method === "GET") return Response.json({ object: "list", data: [], models: [] });
      const account = accountOf(request.headers);
      if (provider.isOut(account))
        return Response.json(rules.refuse("Overloaded, come back later."), { status: 503 });
      const text = await request.text();
      const body: Wire = parseJson(text);
      const refusal = rules.refusal(body, account);
      if (refusal !== undefined) {
        provider.refusals.push(refusal);
        return Response.json(rules.refuse(refusal), { status: 400 });
      }
      provider.accepted.push({ text, body, account });
      const { beat, turn } = next();
      const { whole, events } = rules.answer(beat, turn, account);
      const streams = body.stream === true || request.url.includes(":streamGenerateContent");
      return streams ? streamOf(rules.format, events) : Response.json(whole);
    },
  });
  const provider: StrictProvider = {
    url: `http://127.0.0.1:${server.port}`,
    refusals: [],
    accepted: [],
    isOut: () => false,
    stop: () => server.stop(true),
  };
  return provider;
}

/** Vendors tell accounts apart by the key. */
const accountOf = (headers: Headers): string =>
  headers.get("x-api-key") ?? headers.get("x-goog-api-key") ?? headers.get("authorization") ?? "";

function streamOf(format: FormatId, events: readonly Wire[]): Response {
  const named = format === "anthropic" || format === "openai-responses";
  const wire = events.map(
    (event) => `${named ? `event: ${event.type}\n` : ""}data: ${JSON.stringify(event)}\n\n`,
  );
  const end = format === "openai-chat" ? "data: [DONE]\n\n" : "";
  return new Response(wire.join("") + end, { headers: { "content-type": "text/event-stream" } });
}
