import { DASHBOARD } from "../core/key.ts";
import { CLIENT_FORMATS } from "../formats/index.ts";
import { newRequestId } from "../lib/ids.ts";
import { isObject, type JsonObject } from "../lib/json.ts";
import type { Relay } from "../relay/index.ts";
import type { EvalCase } from "./suite.ts";

/** A model's words, and what they cost. */
export type Said = {
  text: string;
  answeredBy?: string;
  tokensIn?: number;
  tokensOut?: number;
  /** USD; absent when the price is unknown. */
  cost?: number;
};

/** The messages of a case as a chat body. */
export function bodyOf(input: EvalCase["input"], model: string): JsonObject {
  if (typeof input === "string") return { model, messages: [{ role: "user", content: input }] };
  return { model, ...input };
}

/** What the case asks, in words. */
export function questionOf(input: EvalCase["input"]): string {
  if (typeof input === "string") return input;
  return input.messages.map(({ role, content }) => `${role}: ${content}`).join("\n");
}

/** Asks a model over the router as a client would, past the answer cache. Throws `GatewayError`. */
export async function ask(relay: Relay, body: JsonObject, signal: AbortSignal): Promise<Said> {
  const { response } = await relay.chat({
    requestId: newRequestId(),
    path: "/api/evals",
    format: CLIENT_FORMATS["openai-chat"],
    body: Buffer.from(JSON.stringify({ ...body, stream: false })),
    headers: new Headers({ "x-omniroute-no-cache": "true" }),
    caller: DASHBOARD,
    signal,
  });
  const answer: unknown = await response.json();
  const { headers } = response;
  const answeredBy = headers.get("x-omniroute-model");
  const tokensIn = headers.get("x-omniroute-tokens-in");
  const tokensOut = headers.get("x-omniroute-tokens-out");
  const cost = headers.get("x-omniroute-response-cost");
  return {
    text: textOf(answer),
    ...(answeredBy !== null && { answeredBy }),
    ...(tokensIn !== null && { tokensIn: Number(tokensIn) }),
    ...(tokensOut !== null && { tokensOut: Number(tokensOut) }),
    ...(cost !== null && { cost: Number(cost) }),
  };
}

/** The text of a whole chat answer. */
function textOf(answer: unknown): string {
  const [choice] = isObject(answer) && Array.isArray(answer.choices) ? (answer.choices as unknown[]) : [];
  const message = isObject(choice) && isObject(choice.message) ? choice.message : {};
  return typeof message.content === "string" ? message.content : "";
}
