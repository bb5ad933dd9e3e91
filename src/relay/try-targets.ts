import type { Caller } from "../core/key.ts";
import { newRequestId } from "../lib/ids.ts";
import { openaiChat } from "../formats/openai-chat/index.ts";
import { chat } from "./chat.ts";
import type { RelayDeps } from "./index.ts";
import { asGatewayError } from "./pump.ts";

/** How one model did when it was asked a trifle. */
export type TriedTarget = {
  model: string;
  status: "ok" | "error";
  statusCode: number;
  error: string | null;
  latencyMs: number;
};

const TESTER: Caller = { keyId: "test", name: "test" };

/** Asks every model one short question, side by side. Never throws. */
export function tryTargets(
  deps: RelayDeps,
  models: readonly string[],
  signal: AbortSignal,
): Promise<TriedTarget[]> {
  return Promise.all(models.map((model) => tryModel(deps, model, signal)));
}

async function tryModel(deps: RelayDeps, model: string, signal: AbortSignal): Promise<TriedTarget> {
  const started = deps.clock.monotonic();
  const body = { model, messages: [{ role: "user", content: "Answer with the word OK." }], max_tokens: 16 };
  const took = () => Math.round(deps.clock.monotonic() - started);
  try {
    const { response } = await chat(deps, {
      requestId: newRequestId(),
      path: "/v1/chat/completions",
      format: openaiChat,
      body: Buffer.from(JSON.stringify(body)),
      headers: new Headers(),
      caller: TESTER,
      signal,
    });
    return { model, status: "ok", statusCode: response.status, error: null, latencyMs: took() };
  } catch (error) {
    const told = asGatewayError(error, deps.clock.now());
    return { model, status: "error", statusCode: told.status, error: told.message, latencyMs: took() };
  }
}
