import type { Usage } from "../../../src/core/reply.ts";
import type { Deed, Sent } from "../scripted-outbound.ts";

/** How one wire format looks from the provider's side: what it takes, what it answers, how it refuses. */
export type Wire = {
  /** What the provider answers; a service made of several calls tells them apart by their addresses. */
  answer(sent: Sent): Deed;
  /** Fails unless these calls are what the format's documentation asks for. */
  check(sent: readonly [Sent, ...Sent[]], model: string): void;
  /** What the answer says was used. */
  usage?: Partial<Usage>;
  /** The vendor's own words, by the failure they are. */
  refusals: { credentials: Deed; "rate-limited": Deed };
  /** A failure told inside an answer of status 200. */
  inside?: Deed;
};

/** What every chat says. */
export const WORDS = "Hello there.";
/** What every transcription hears. */
export const HEARD = "Good morning. How are you?";

export const json = (body: unknown, status = 200, headers: { [name: string]: string } = {}): Deed => ({
  type: "answer",
  status,
  headers,
  body,
});

/** Server-sent events, named where `named` says how. */
export const events = (list: readonly any[], named?: (event: any) => string): Deed => ({
  type: "stream",
  chunks: list.map(
    (event) =>
      `${named ? `event: ${named(event)}\n` : ""}data: ${typeof event === "string" ? event : JSON.stringify(event)}\n\n`,
  ),
});

/** OpenAI's errors, which most others took over. */
export const openaiRefusals: Wire["refusals"] = {
  credentials: json(
    {
      error: {
        message: "Incorrect API key provided: sk-x.",
        type: "invalid_request_error",
        param: null,
        code: "invalid_api_key",
      },
    },
    401,
  ),
  "rate-limited": json(
    {
      error: {
        message: "Rate limit reached for requests. Please try again in 20s.",
        type: "requests",
        param: null,
        code: "rate_limit_exceeded",
      },
    },
    429,
    { "retry-after": "20" },
  ),
};

export const googleRefusals: Wire["refusals"] = {
  credentials: json(
    {
      error: {
        code: 400,
        message: "API key not valid. Please pass a valid API key.",
        status: "INVALID_ARGUMENT",
        details: [{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "API_KEY_INVALID" }],
      },
    },
    400,
  ),
  "rate-limited": json(
    {
      error: {
        code: 429,
        message: "You exceeded your current rate limit, please slow down.",
        status: "RESOURCE_EXHAUSTED",
        details: [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "20s" }],
      },
    },
    429,
  ),
};
