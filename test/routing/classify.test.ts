import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { FailureKind } from "../../src/core/errors.ts";
import { classifyResponse, type ErrorAnswer } from "../../src/routing/index.ts";
import { tryParseJson } from "../../src/lib/json.ts";
import { corpus } from "../kit/corpus.ts";

const NOW = Date.UTC(2026, 10, 21, 9, 30);
const unixIn = (inSeconds: number): string => String(NOW / 1000 + inSeconds);

type Body = string | object | undefined;

function classify(
  status: number,
  body?: Body,
  headers: { [name: string]: string } = {},
  more: Partial<ErrorAnswer> = {},
) {
  const bodyText = body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body);
  return classifyResponse({ status, headers: new Headers(headers), bodyText, now: NOW, ...more });
}

/** Error bodies as the vendors shape them. */
const openai = (message: string, code: string | null = null, type = "invalid_request_error") => ({
  error: { message, type, param: null, code },
});
const anthropic = (type: string, message: string) => ({
  type: "error",
  error: { type, message },
  request_id: "req_1",
});
const google = (code: number, status: string, message: string, details: object[] = []) => ({
  error: { code, message, status, details },
});
const quotaId = (id: string) => [
  { "@type": "type.googleapis.com/google.rpc.QuotaFailure", violations: [{ quotaId: id }] },
];

type Row = [
  name: string,
  status: number,
  body: Body,
  kind: FailureKind,
  scope?: "model" | "connection",
  headers?: { [name: string]: string },
];

describe("by status alone", () => {
  test.each<[number, FailureKind]>([
    [301, "malformed"],
    [400, "rejected"],
    [401, "credentials"],
    [402, "quota-exhausted"],
    [403, "credentials"],
    [404, "no-such-model"],
    [405, "no-such-model"],
    [408, "timeout"],
    [409, "rejected"],
    [410, "no-such-model"],
    [413, "context-length"],
    [415, "rejected"],
    [422, "rejected"],
    [429, "rate-limited"],
    [451, "rejected"],
    [500, "overloaded"],
    [501, "unsupported"],
    [502, "overloaded"],
    [503, "overloaded"],
    [504, "overloaded"],
    [520, "overloaded"],
    [529, "overloaded"],
  ])("%d → %s", (status, kind) => {
    const failure = classify(status);
    expect([failure.kind, failure.status]).toEqual([kind, status]);
  });
});

describe("limits and quotas, one row per vendor's word", () => {
  test.each<Row>([
    [
      "OpenAI, rate",
      429,
      openai(
        "Rate limit reached for gpt-5 in organization org-abcdef123 on tokens per min (TPM): Limit 30000, Used 29000, Requested 2000.",
        "rate_limit_exceeded",
        "tokens",
      ),
      "rate-limited",
      "model",
    ],
    [
      "OpenAI, no money",
      429,
      openai(
        "You exceeded your current quota, please check your plan and billing details.",
        "insufficient_quota",
        "insufficient_quota",
      ),
      "quota-exhausted",
      "connection",
    ],
    [
      "OpenAI, billing off",
      429,
      openai("Your account is not active.", "billing_not_active"),
      "quota-exhausted",
      "connection",
    ],
    [
      "OpenAI, requests per day",
      429,
      openai(
        "Rate limit reached for gpt-5 on requests per day (RPD): Limit 200, Used 200.",
        "rate_limit_exceeded",
        "requests",
      ),
      "quota-exhausted",
      "model",
    ],
    [
      "Anthropic, rate",
      429,
      anthropic(
        "rate_limit_error",
        "This request would exceed your organization's rate limit of 30,000 input tokens per minute.",
      ),
      "rate-limited",
      "model",
    ],
    [
      "Anthropic, credits, behind a 400",
      400,
      anthropic("invalid_request_error", "Your credit balance is too low to access the Anthropic API."),
      "quota-exhausted",
      "connection",
    ],
    [
      "Claude plan, 5 h window",
      429,
      anthropic("rate_limit_error", "Limit reached."),
      "quota-exhausted",
      "connection",
      {
        "anthropic-ratelimit-unified-status": "rejected",
        "anthropic-ratelimit-unified-5h-status": "rejected",
        "anthropic-ratelimit-unified-5h-reset": unixIn(3600),
      },
    ],
    [
      "Claude plan, one model's window alone",
      429,
      anthropic("rate_limit_error", "Limit reached."),
      "quota-exhausted",
      "model",
      {
        "anthropic-ratelimit-unified-5h-status": "allowed",
        "anthropic-ratelimit-unified-5h-reset": unixIn(3600),
        "anthropic-ratelimit-unified-7d_oi-status": "rejected",
        "anthropic-ratelimit-unified-7d_oi-reset": unixIn(90_000),
      },
    ],
    [
      "Codex, window spent",
      429,
      {
        error: {
          type: "usage_limit_reached",
          message: "The usage limit has been reached",
          plan_type: "plus",
          resets_in_seconds: 3600,
        },
      },
      "quota-exhausted",
      "connection",
    ],
    [
      "Codex, by headers",
      429,
      "",
      "quota-exhausted",
      "connection",
      { "x-codex-primary-used-percent": "100", "x-codex-primary-reset-at": unixIn(900) },
    ],
    [
      "Gemini, per minute and model",
      429,
      google(
        429,
        "RESOURCE_EXHAUSTED",
        "You exceeded your current quota, please check your plan.",
        quotaId("GenerateRequestsPerMinutePerProjectPerModel-FreeTier"),
      ),
      "rate-limited",
      "model",
    ],
    [
      "Gemini, per day and model",
      429,
      google(
        429,
        "RESOURCE_EXHAUSTED",
        "You exceeded your current quota.",
        quotaId("GenerateRequestsPerDayPerProjectPerModel-FreeTier"),
      ),
      "quota-exhausted",
      "model",
    ],
    [
      "Gemini, per day and project",
      429,
      google(429, "RESOURCE_EXHAUSTED", "Quota exceeded.", quotaId("GenerateRequestsPerDayPerProject")),
      "quota-exhausted",
      "connection",
    ],
    [
      "Gemini CLI, capacity of the model",
      429,
      google(
        429,
        "RESOURCE_EXHAUSTED",
        "You have exhausted your capacity on this model. Your quota will reset after 2h7m23s.",
      ),
      "quota-exhausted",
      "model",
    ],
    [
      "Cursor, code only",
      429,
      { error: { code: "resource_exhausted", message: "Error" } },
      "rate-limited",
      "model",
    ],
    [
      "Cursor, inside a 200",
      200,
      { error: { code: "resource_exhausted", message: "Error" } },
      "rate-limited",
      "model",
    ],
    [
      "Kiro, throttled behind a 400",
      400,
      { message: "Rate exceeded", reason: null },
      "rate-limited",
      "model",
      { "x-amzn-errortype": "ThrottlingException:http://internal" },
    ],
    [
      "Kiro, month spent",
      402,
      { message: "You have reached the limit.", reason: "MONTHLY_REQUEST_COUNT" },
      "quota-exhausted",
      "connection",
    ],
    [
      "Qwen",
      429,
      openai("Free quota has been exhausted.", "insufficient_quota"),
      "quota-exhausted",
      "connection",
    ],
    [
      "OpenRouter, upstream",
      429,
      {
        error: {
          code: 429,
          message: "Provider returned error",
          metadata: { raw: "x is temporarily rate-limited upstream. Please retry shortly" },
        },
      },
      "rate-limited",
      "model",
    ],
    [
      "OpenRouter, free models per day",
      429,
      { error: { code: 429, message: "Rate limit exceeded: free-models-per-day. Add 10 credits." } },
      "quota-exhausted",
      "model",
    ],
    [
      "OpenRouter, credits",
      402,
      { error: { code: 402, message: "This request requires more credits, or fewer max_tokens." } },
      "quota-exhausted",
      "connection",
    ],
    [
      "Codex, in words alone",
      429,
      { detail: "You've hit your usage limit. Try again in 3 days 4 hours." },
      "quota-exhausted",
      "connection",
    ],
    ["Claude, in words alone", 429, openai("Weekly limit reached."), "quota-exhausted", "connection"],
    ["a month's quota", 429, openai("Monthly quota exceeded"), "quota-exhausted", "connection"],
    [
      "OpenRouter, the key's own limit",
      403,
      {
        error: {
          code: 403,
          message: "Key limit exceeded (monthly limit). Manage it using https://openrouter.ai/settings/keys",
        },
      },
      "quota-exhausted",
      "connection",
    ],
    [
      "DashScope, one model's free tier",
      403,
      openai("The free tier of the model has been exhausted.", "AllocationQuota.FreeTierOnly"),
      "quota-exhausted",
      "model",
    ],
    [
      "an unpaid account",
      403,
      openai("Your account has been suspended due to an unpaid invoice"),
      "quota-exhausted",
      "connection",
    ],
    [
      "a limit per minute is no quota",
      429,
      openai("You've hit your rate limit of 60 requests per minute"),
      "rate-limited",
      "model",
    ],
    [
      "DeepSeek, balance",
      402,
      openai("Insufficient Balance", "invalid_request_error"),
      "quota-exhausted",
      "connection",
    ],
    [
      "Groq, tokens per minute",
      429,
      openai(
        "Rate limit reached for model `x` on tokens per minute (TPM). Please try again in 5.289s.",
        "rate_limit_exceeded",
        "tokens",
      ),
      "rate-limited",
      "model",
    ],
    [
      "Groq, the day's requests spent",
      429,
      openai("Rate limit reached.", "rate_limit_exceeded"),
      "quota-exhausted",
      "model",
      { "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "2h3m0s" },
    ],
    [
      "xAI, no credit, behind a 403",
      403,
      {
        code: "The caller does not have permission",
        error:
          "Your team 0a0a0a0a-1b1b-2c2c-3d3d-4e4e4e4e4e4e has either used all available credits or reached its monthly spending limit.",
      },
      "quota-exhausted",
      "connection",
    ],
    [
      "Mistral, rate",
      429,
      { object: "error", message: "Requests rate limit exceeded", type: "rate_limited", code: "1300" },
      "rate-limited",
      "model",
    ],
    ["Together, text", 429, { error: "You have reached the rate limit." }, "rate-limited", "model"],
    [
      "Fireworks, suspended behind a 412",
      412,
      {
        error: {
          message:
            "Account x is suspended, possibly due to reaching the monthly spending limit or failure to pay past invoices.",
        },
      },
      "quota-exhausted",
      "connection",
    ],
    [
      "Fireworks, fault",
      429,
      {
        fault: {
          faultstring: "Rate limit quota violation.",
          detail: { errorcode: "policies.ratelimit.QuotaViolation" },
        },
      },
      "rate-limited",
      "model",
    ],
    [
      "Cerebras, rate",
      429,
      {
        message: "Requests per minute limit exceeded - too many requests sent.",
        type: "too_many_requests_error",
        code: "request_quota_exceeded",
      },
      "rate-limited",
      "model",
    ],
    [
      "Cohere, trial key",
      429,
      { id: "1", message: "You are using a Trial key, which is limited to 1000 API calls / month." },
      "quota-exhausted",
      "connection",
    ],
    ["NVIDIA, no time named", 429, { status: 429, title: "Too Many Requests" }, "rate-limited", "model"],
    [
      "NVIDIA, credits",
      402,
      { detail: "Cloud credits expired - Please contact NVIDIA representatives" },
      "quota-exhausted",
      "connection",
    ],
    [
      "SiliconFlow, balance behind a 403",
      403,
      { code: 30001, message: "Sorry, your account balance is insufficient", data: null },
      "quota-exhausted",
      "connection",
    ],
    [
      "GLM, concurrency",
      429,
      { error: { code: "1302", message: "High concurrency usage of this API" } },
      "rate-limited",
      "model",
    ],
    [
      "GLM, frequency",
      429,
      { error: { code: "1303", message: "High frequency usage" } },
      "rate-limited",
      "model",
    ],
    [
      "GLM, load",
      429,
      { error: { code: "1305", message: "The API has triggered rate limiting." } },
      "rate-limited",
      "model",
    ],
    [
      "GLM, 5 h window",
      429,
      {
        error: {
          code: "1308",
          message: "Usage limit reached for 5 hour. Your limit will reset at 2026-11-21 20:00:00",
        },
      },
      "quota-exhausted",
      "connection",
    ],
    [
      "GLM, week",
      429,
      { error: { code: "1310", message: "Weekly limit exhausted." } },
      "quota-exhausted",
      "connection",
    ],
    [
      "GLM, arrears",
      429,
      { error: { code: "1113", message: "Your account is in arrears, please recharge" } },
      "quota-exhausted",
      "connection",
    ],
    [
      "MiniMax, rate inside a 200",
      200,
      { base_resp: { status_code: 1002, status_msg: "rate limit" } },
      "rate-limited",
      "model",
    ],
    [
      "MiniMax, balance inside a 200",
      200,
      { base_resp: { status_code: 1008, status_msg: "insufficient balance" } },
      "quota-exhausted",
      "connection",
    ],
    [
      "MiniMax, plan inside a 200",
      200,
      { base_resp: { status_code: 2056, status_msg: "usage limit exceeded" } },
      "quota-exhausted",
      "connection",
    ],
    [
      "Kimi, balance",
      429,
      openai(
        "Your account is suspended, please check your plan and billing details",
        null,
        "exceeded_current_quota_error",
      ),
      "quota-exhausted",
      "connection",
    ],
    [
      "Kimi, rate",
      429,
      openai(
        "Your account reached max organization concurrency: 3, please try again after 1 seconds",
        null,
        "rate_limit_reached_error",
      ),
      "rate-limited",
      "model",
    ],
    [
      "Azure",
      429,
      { error: { code: "RateLimitReached", message: "Your requests to x have exceeded rate limit." } },
      "rate-limited",
      "model",
    ],
    [
      "Copilot, allowance",
      402,
      { error: { message: "You have exceeded your premium request allowance.", code: "quota_exceeded" } },
      "quota-exhausted",
      "connection",
    ],
    [
      "Deepgram",
      429,
      { err_code: "TOO_MANY_REQUESTS", err_msg: "Too many requests.", request_id: "1" },
      "rate-limited",
      "model",
    ],
    ["NanoBanana, credits", 402, { code: 402, msg: "Insufficient credits" }, "quota-exhausted", "connection"],
    [
      "rate words behind a 400",
      400,
      openai("Rate limit exceeded, please retry later", "rate_limit_exceeded"),
      "rate-limited",
      "model",
    ],
    ["rate words behind a 403", 403, openai("Too many requests"), "rate-limited", "model"],
    ["rate code behind a 500", 500, openai("x", "rate_limit_exceeded"), "rate-limited", "model"],
    ["quota code behind a 500", 500, openai("x", "insufficient_quota"), "quota-exhausted", "connection"],
    ["error inside a 200, by its word", 200, anthropic("rate_limit_error", "x"), "rate-limited", "model"],
    [
      "error inside a 200, by its number",
      200,
      { error: { code: 429, message: "Slow down" } },
      "rate-limited",
      "model",
    ],
  ])("%s", (...row) => {
    const [, status, body, kind, scope = "model", headers = {}] = row;
    const failure = classify(status, body, headers);
    expect([failure.kind, failure.scope]).toEqual([kind, scope]);
  });

  test.each<[string, Parameters<typeof classify>, number | undefined]>([
    ["Retry-After", [429, "", { "retry-after": "7" }], 7],
    [
      "the body first",
      [429, { error: { type: "usage_limit_reached", resets_in_seconds: 100 } }, { "retry-after": "7" }],
      100,
    ],
    ["prose", [429, openai("Please try again in 5.289s.")], 5.289],
    ["at least a second", [429, openai("Please try again in 12ms.")], 1],
    ["Retry-After 0", [429, "", { "retry-after": "0" }], 1],
    ["at most a day", [429, "", { "retry-after": "9999999" }], 86_400],
    ["a quota at most 31 days", [402, "", { "retry-after": "99999999" }], 31 * 86_400],
    ["junk", [429, "", { "retry-after": "soon" }], undefined],
    ["negative", [429, "", { "retry-after": "-7" }], undefined],
    ["a busy service names a time too", [503, "", { "retry-after": "3" }], 3],
    [
      "GLM's date without a zone",
      [429, { error: { code: "1308", message: "Your limit will reset at 2026-11-21 20:00:00" } }],
      9000,
    ],
    ["a rejected request has no time", [400, openai("x"), { "retry-after": "7" }], undefined],
    ["a refused credential has no time", [401, openai("x"), { "retry-after": "7" }], undefined],
  ])("until: %s", (_name, answer, expected) => {
    const { until } = classify(...answer);
    if (expected === undefined) expect(until).toBeUndefined();
    else expect(((until ?? 0) - NOW) / 1000).toBeCloseTo(expected, 3);
  });

  test("with detection off only the status speaks", () => {
    const detection = { detection: "off" as const };
    expect(classify(400, openai("Rate limit exceeded", "rate_limit_exceeded"), {}, detection).kind).toBe(
      "rejected",
    );
    expect(classify(403, openai("Too many requests"), {}, detection).kind).toBe("credentials");
    expect(classify(429, "", {}, detection).kind).toBe("rate-limited");
    expect(classify(402, "", {}, detection).kind).toBe("quota-exhausted");
  });
});

describe("too long for the model", () => {
  test.each<[string, number, Body]>([
    [
      "Anthropic",
      400,
      anthropic("invalid_request_error", "prompt is too long: 213462 tokens > 200000 maximum"),
    ],
    [
      "Anthropic, input and output",
      400,
      anthropic(
        "invalid_request_error",
        "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000",
      ),
    ],
    ["Anthropic, 413", 413, anthropic("request_too_large", "Request exceeds the maximum size")],
    ["OpenAI, code", 400, openai("Too long.", "context_length_exceeded")],
    [
      "OpenAI, Responses",
      400,
      openai("Your input exceeds the context window of this model. Please adjust your input and try again."),
    ],
    [
      "OpenAI, older",
      400,
      openai(
        "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.",
      ),
    ],
    [
      "OpenAI, one request beyond the minute's tokens",
      429,
      openai(
        "Request too large for gpt-5 in organization org-abcdef12 on tokens per min (TPM): Limit 30,000, Requested 45,000.",
        "rate_limit_exceeded",
        "tokens",
      ),
    ],
    [
      "Groq, the same",
      413,
      openai(
        "Request too large for model `x` on tokens per minute (TPM): Limit 6000, Requested 7000",
        "rate_limit_exceeded",
        "tokens",
      ),
    ],
    ["Groq", 400, openai("Please reduce the length of the messages or completion.")],
    [
      "Gemini",
      400,
      google(
        400,
        "INVALID_ARGUMENT",
        "The input token count (1196265) exceeds the maximum number of tokens allowed (1048575).",
      ),
    ],
    [
      "xAI",
      400,
      {
        code: "x",
        error: "This model's maximum prompt length is 131072 but the request contains 537812 tokens.",
      },
    ],
    [
      "OpenRouter",
      400,
      {
        error: {
          code: 400,
          message:
            "This endpoint's maximum context length is 131072 tokens. However, you requested about 200000 tokens",
        },
      },
    ],
    [
      "Copilot",
      400,
      openai("prompt token count of 140000 exceeds the limit of 128000", "model_max_prompt_tokens_exceeded"),
    ],
    [
      "Kimi",
      400,
      openai("Invalid request: Your request exceeded model token limit: 262144 (requested: 300000)"),
    ],
    [
      "Claude plan, long context not included",
      429,
      anthropic("rate_limit_error", "Extra usage is required for long context requests."),
    ],
    [
      "MiniMax",
      400,
      anthropic("invalid_request_error", "invalid params, context window exceeds limit (2013)"),
    ],
    [
      "Mistral",
      400,
      {
        object: "error",
        message:
          "Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length",
      },
    ],
    ["GLM", 400, { error: { code: "1261", message: "Prompt too long" } }],
    ["Ollama", 400, openai("prompt too long; exceeded max context length by 1119046 tokens")],
    ["llama.cpp", 400, openai("the request exceeds the available context size, try increasing it")],
    ["llama.cpp, behind a 500", 500, openai("the request exceeds the available context size")],
    [
      "LM Studio",
      400,
      { error: "The number of tokens to keep from the initial prompt is greater than the context length" },
    ],
    [
      "LM Studio, keeping too much",
      400,
      {
        error:
          "Trying to keep the first 9000 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens, which is not enough.",
      },
    ],
    [
      "vLLM, Mistral's tokenizer",
      400,
      {
        object: "error",
        message: "The prompt (total length 40960) is too long to fit into the model (context length 32768).",
      },
    ],
    ["TGI", 422, { error: "Input validation error: `inputs` must have less than 4096 tokens. Given: 5000" }],
    [
      "SambaNova",
      400,
      openai(
        "The provided prompt is 8283 tokens long, but the maximum supported sequence length is just 8192!",
      ),
    ],
    ["Cohere, by size", 400, { message: "too many tokens: size limit exceeded by 300 tokens." }],
    ["OpenAI, GPT-5", 400, openai("Input tokens exceed the configured limit of 272000 tokens.")],
    ["input tokens", 400, { message: "input tokens exceed the limit of 32768" }],
    ["prompt length", 400, openai("Prompt exceeds max length")],
    [
      "vLLM",
      400,
      openai("The decoder prompt (length 9000) is longer than the maximum model length of 8192."),
    ],
    [
      "SGLang",
      400,
      openai("The input (9000 tokens) is longer than the model's context length (8192 tokens)."),
    ],
    [
      "Together",
      422,
      { error: { message: "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 8193." } },
    ],
    ["Fireworks", 400, openai("The prompt is too long: 140000, model maximum context length: 131071")],
    [
      "Cohere",
      400,
      { id: "1", message: "too many tokens: total number of tokens in the prompt cannot exceed 4081" },
    ],
    [
      "Cerebras",
      400,
      {
        message:
          "Please reduce the length of the messages or completion. Current length is 9000 while limit is 8192",
        code: "context_length_exceeded",
      },
    ],
    ["DashScope", 400, openai("Range of input length should be [1, 129024]")],
    [
      "SiliconFlow",
      400,
      {
        code: 20015,
        message: "length of prompt_tokens (9000) must be less than max_seq_len (8192)",
        data: null,
      },
    ],
    [
      "Bedrock, Kiro",
      400,
      { message: "Input is too long for requested model.", reason: "CONTENT_LENGTH_EXCEEDS_THRESHOLD" },
    ],
    [
      "inside a 200",
      200,
      {
        error: {
          message: "This model's maximum context length is 10 tokens",
          code: "context_length_exceeded",
        },
      },
    ],
  ])("%s", (_name, status, body) => {
    expect(classify(status, body).kind).toBe("context-length");
  });

  test("too many output tokens asked for is no such thing", () => {
    expect(
      classify(
        400,
        anthropic(
          "invalid_request_error",
          "max_tokens: 200000 > 64000, which is the maximum allowed number of output tokens",
        ),
      ).kind,
    ).toBe("rejected");
  });
});

describe("credentials, models, abilities, refusals", () => {
  test.each<Row>([
    ["OpenAI, wrong key", 401, openai("Incorrect API key provided: sk-x.", "invalid_api_key"), "credentials"],
    ["Anthropic, wrong key", 401, anthropic("authentication_error", "invalid x-api-key"), "credentials"],
    [
      "Gemini, wrong key behind a 400",
      400,
      google(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", [
        { reason: "API_KEY_INVALID" },
      ]),
      "credentials",
    ],
    [
      "xAI, wrong key behind a 400",
      400,
      {
        code: "Client specified an invalid argument",
        error: "Incorrect API key provided: xa***ey. You can obtain an API key from https://console.x.ai.",
      },
      "credentials",
    ],
    ["Mistral, wrong key", 401, { detail: "Invalid API Key" }, "credentials"],
    [
      "OpenRouter, no key",
      401,
      { error: { message: "Missing Authentication header", code: 401 } },
      "credentials",
    ],
    [
      "Google, permission",
      403,
      google(403, "PERMISSION_DENIED", "The caller does not have permission"),
      "credentials",
    ],
    [
      "AWS, access denied",
      403,
      { message: "The bearer token included in the request is invalid." },
      "credentials",
      undefined,
      { "x-amzn-errortype": "AccessDeniedException" },
    ],
    [
      "GLM, token expired",
      401,
      { error: { code: "1003", message: "Authentication Token expired" } },
      "credentials",
    ],
    [
      "MiniMax, key inside a 200",
      200,
      { base_resp: { status_code: 1004, status_msg: "login fail" } },
      "credentials",
    ],
    [
      "Anthropic, inside a 200",
      200,
      anthropic("authentication_error", "OAuth token has expired"),
      "credentials",
    ],
    [
      "Anthropic, one account's organization",
      400,
      anthropic("invalid_request_error", "This organization has been disabled."),
      "credentials",
    ],
    ["Cloudflare's door", 403, "<!DOCTYPE html><html><title>Just a moment...</title></html>", "unreachable"],
    ["a login page before a local server", 401, "<html>401 Authorization Required</html>", "credentials"],

    ["a model that was withdrawn", 400, openai("Model `x-1` was withdrawn."), "no-such-model"],
    ["a model that is past", 400, openai("This model is no longer supported."), "no-such-model"],
    [
      "a parameter that is past",
      400,
      openai("For this model, `temperature` is no longer supported."),
      "rejected",
    ],
    [
      "OpenAI, unverified",
      403,
      openai("Your organization must be verified to use the model `gpt-5`."),
      "no-such-model",
    ],
    [
      "OpenAI, model",
      404,
      openai("The model `gpt-9` does not exist or you do not have access to it.", "model_not_found"),
      "no-such-model",
    ],
    [
      "OpenAI, model not for this project",
      403,
      openai("Project `proj_abcdef12` does not have access to model `gpt-5`", "model_not_found"),
      "no-such-model",
    ],
    [
      "OpenAI, country",
      403,
      openai("Country, region, or territory not supported", "unsupported_country_region_territory"),
      "no-such-model",
    ],
    ["Anthropic, model", 404, anthropic("not_found_error", "model: claude-nine"), "no-such-model"],
    [
      "Gemini, model",
      404,
      google(404, "NOT_FOUND", "models/gemini-9 is not found for API version v1beta"),
      "no-such-model",
    ],
    [
      "Copilot, model behind a 400",
      400,
      openai("The requested model is not supported.", "model_not_supported"),
      "no-such-model",
    ],
    [
      "OpenRouter, model behind a 400",
      400,
      { error: { code: 400, message: "foo/bar is not a valid model ID" } },
      "no-such-model",
    ],
    [
      "OpenRouter, no endpoints",
      404,
      { error: { code: 404, message: "No endpoints found for foo/bar." } },
      "no-such-model",
    ],
    [
      "Mistral, model behind a 400",
      400,
      { object: "error", message: "Invalid model: foo", type: "invalid_model", code: "1500" },
      "no-such-model",
    ],
    [
      "DeepSeek, model behind a 400",
      400,
      openai("Model Not Exist", "invalid_request_error"),
      "no-such-model",
    ],
    [
      "Groq, retired",
      400,
      openai(
        "The model `mixtral` has been decommissioned and is no longer supported.",
        "model_decommissioned",
      ),
      "no-such-model",
    ],
    [
      "GLM, model",
      400,
      { error: { code: "1211", message: "Unknown Model, please check the model code." } },
      "no-such-model",
    ],
    ["Ollama, model", 404, { error: "model 'foo' not found, try pulling it first" }, "no-such-model"],
    [
      "Azure",
      404,
      {
        error: {
          code: "DeploymentNotFound",
          message: "The API deployment for this resource does not exist.",
        },
      },
      "no-such-model",
    ],
    [
      "401 about the model",
      401,
      openai("You do not have access to the model foo", "model_not_found"),
      "no-such-model",
    ],
    [
      "403 about the model",
      403,
      { detail: "Your account does not have permission to use this model" },
      "no-such-model",
    ],

    [
      "OpenAI, parameter",
      400,
      openai(
        "Unsupported parameter: 'temperature' is not supported with this model.",
        "unsupported_parameter",
      ),
      "unsupported",
    ],
    [
      "OpenAI, value",
      400,
      openai("Unsupported value: 'temperature' does not support 0.1 with this model.", "unsupported_value"),
      "unsupported",
    ],
    ["OpenAI, unknown", 400, openai("Unknown parameter: 'foo'.", "unknown_parameter"), "unsupported"],
    [
      "Anthropic, extra field",
      400,
      anthropic("invalid_request_error", "foo: Extra inputs are not permitted"),
      "unsupported",
    ],
    [
      "Anthropic, effort",
      400,
      anthropic("invalid_request_error", "This model does not support effort level 'xhigh'."),
      "unsupported",
    ],
    [
      "Gemini, field",
      400,
      google(
        400,
        "INVALID_ARGUMENT",
        'Invalid JSON payload received. Unknown name "foo": Cannot find field.',
      ),
      "unsupported",
    ],
    [
      "Mistral, extra field",
      422,
      { detail: [{ loc: ["body", "foo"], msg: "Extra inputs are not permitted", type: "extra_forbidden" }] },
      "unsupported",
    ],
    [
      "OpenRouter, no tools",
      404,
      { error: { code: 404, message: "No endpoints found that support tool use." } },
      "unsupported",
    ],
    [
      "OpenRouter, no pictures",
      404,
      { error: { code: 404, message: "No endpoints found that support image input" } },
      "unsupported",
    ],
    [
      "Copilot, other endpoint",
      400,
      openai('model "x" is not accessible via the /chat/completions endpoint', "unsupported_api_for_model"),
      "unsupported",
    ],
    [
      "Ollama, no tools",
      400,
      { error: "registry.ollama.ai/library/gemma does not support tools" },
      "unsupported",
    ],
    [
      "GLM, method",
      400,
      { error: { code: "1212", message: "Current model does not support `stream` call method" } },
      "unsupported",
    ],

    [
      "OpenAI, bad value",
      400,
      openai("Invalid 'temperature': decimal below minimum value.", "decimal_below_min_value"),
      "rejected",
    ],
    [
      "Groq, the model's own bad call",
      400,
      openai("Tool call validation failed", "tool_use_failed"),
      "rejected",
    ],
    [
      "the same inside a 200",
      200,
      {
        error: {
          message: "Tool call validation failed",
          type: "invalid_request_error",
          code: "tool_use_failed",
          status_code: 400,
        },
      },
      "rejected",
    ],
    [
      "DeepSeek, tool history",
      400,
      openai("No tool output found for tool call call-a.", "invalid_request_error"),
      "rejected",
    ],
    [
      "OpenRouter, moderation",
      403,
      { error: { code: 403, message: "anthropic/claude requires moderation. Your input was flagged" } },
      "rejected",
    ],
    [
      "GLM, unsafe",
      400,
      { error: { code: "1301", message: "System detected potentially unsafe or sensitive content" } },
      "rejected",
    ],
    [
      "AWS, validation",
      400,
      { message: "Improperly formed request." },
      "rejected",
      undefined,
      { "x-amzn-errortype": "ValidationException" },
    ],
    ["Mistral, 422", 422, { detail: [{ loc: ["body", "messages"], msg: "field required" }] }, "rejected"],

    ["Anthropic, overloaded", 529, anthropic("overloaded_error", "Overloaded"), "overloaded"],
    ["Anthropic, overloaded inside a 200", 200, anthropic("overloaded_error", "Overloaded"), "overloaded"],
    ["Anthropic, api_error inside a 200", 200, anthropic("api_error", "Internal server error"), "overloaded"],
    ["Gemini, overloaded", 503, google(503, "UNAVAILABLE", "The model is overloaded."), "overloaded"],
    [
      "Kimi, overloaded behind a 429",
      429,
      openai("The engine is currently overloaded, please try again later", null, "engine_overloaded_error"),
      "overloaded",
    ],
    [
      "OpenAI, server error inside a 200",
      200,
      openai("The server had an error", "server_error", "server_error"),
      "overloaded",
    ],
    ["an error without a word inside a 200", 200, { error: { message: "Hm." } }, "overloaded"],
    ["a gateway's page", 502, "<html><body><h1>502 Bad Gateway</h1></body></html>", "overloaded"],
    [
      "words about rate in a 5xx's text",
      503,
      "Service temporarily unavailable due to too many requests",
      "overloaded",
    ],
  ])("%s", (...row) => {
    const [, status, body, kind, , headers = {}] = row;
    expect(classify(status, body, headers).kind).toBe(kind);
  });
});

describe("what people are told", () => {
  test.each<[string, number, Body, string]>([
    ["OpenAI", 400, openai("Hello."), "Hello."],
    ["FastAPI, text", 400, { detail: "Hello." }, "Hello."],
    [
      "FastAPI, list",
      422,
      {
        detail: [
          { loc: ["body", "x"], msg: "required" },
          { loc: ["body", "y"], msg: "wrong" },
        ],
      },
      "body.x: required; body.y: wrong",
    ],
    ["Apigee", 500, { fault: { faultstring: "Hello." } }, "Hello."],
    ["error as text", 400, { error: "Hello." }, "Hello."],
    ["message", 400, { message: "Hello." }, "Hello."],
    ["MiniMax", 400, { base_resp: { status_code: 2013, status_msg: "Hello." } }, "Hello."],
    ["NanoBanana", 400, { code: 400, msg: "Hello." }, "Hello."],
    ["Deepgram", 400, { err_code: "X", err_msg: "Hello." }, "Hello."],
    ["NVIDIA", 400, { status: 400, title: "Bad Request", detail: "Hello." }, "Hello."],
    ["SiliconFlow, a JSON text", 400, '"Hello."', '"Hello."'],
    ["Gemini, as a list", 400, [google(400, "X", "Hello.")], "Hello."],
    ["plain text", 500, "Hello.", "Hello."],
    ["a list of errors", 400, { errors: [{ message: "Hello." }] }, "Hello."],
    [
      "OpenRouter, with what its upstream said",
      400,
      { error: { code: 400, message: "Provider returned error", metadata: { raw: "Hello." } } },
      "Provider returned error: Hello.",
    ],
    ["nothing", 500, "", "The provider gave no reason."],
    ["an empty object", 500, {}, "The provider gave no reason."],
    ["broken JSON", 500, '{"error":', "The provider gave no reason."],
    [
      "a web page",
      502,
      "<!doctype html><html>secret page</html>",
      "The provider answered with a web page instead of an error.",
    ],
  ])("%s", (_name, status, body, message) => {
    expect(classify(status, body).message).toBe(message);
  });

  test("a firewall's page is told as one", () => {
    expect(classify(403, "<html><title>Attention Required! | Cloudflare</title></html>").message).toContain(
      "Firewalls",
    );
  });

  test("a path the provider does not know, apart from a model it does not know", () => {
    expect(classify(404, "<html>Not Found</html>").message).toContain("base URL");
    expect(classify(404, { detail: "Not Found" }).message).toContain("base URL");
    expect(classify(405, { detail: "Method Not Allowed" }).message).toContain("base URL");
    expect(classify(404, openai("The model `x` does not exist", "model_not_found")).message).not.toContain(
      "base URL",
    );
    expect(classify(302, "").message).toContain("Redirects");
  });

  test.each([
    ["Incorrect API key provided: sk-proj-abcdefghijklmnop1234.", "abcdefghijklmnop"],
    ["Rate limit reached in organization org-Abc123Def456 on tokens", "Abc123Def456"],
    ["Project proj_Abc123Def456 has no access", "Abc123Def456"],
    ["Your team 0a0a0a0a-1b1b-2c2c-3d3d-4e4e4e4e4e4e has used all", "0a0a0a0a"],
    ["Account jane.doe@example.com is not active", "jane.doe"],
    ["bad token Bearer abcdefghijklmnop", "abcdefghijklmnop"],
    ["see https://x.test/?api_key=abcdefghijklmnop", "abcdefghijklmnop"],
  ])("no key, token or account in %s", (message, secret) => {
    expect(classify(400, openai(message)).message).not.toContain(secret);
  });

  test("the provider's code and request id go to the log", () => {
    const failure = classify(400, openai("x", "some_code"), { "request-id": "req_1" });
    expect([failure.providerCode, failure.providerRequestId]).toEqual(["some_code", "req_1"]);
    expect(classify(400, openai("x"), { "x-request-id": "req_2" }).providerRequestId).toBe("req_2");
  });

  test("what the format read is believed before our own reading", () => {
    const failure = classify(
      400,
      { odd: true },
      {},
      { error: { message: "From the format.", code: "model_not_found" } },
    );
    expect([failure.message, failure.kind]).toEqual(["From the format.", "no-such-model"]);
  });

  test("long messages are cut, hostile ones too", () => {
    const bombs = [
      "model ".repeat(50_000),
      "rate limit ".repeat(20_000),
      "a".repeat(250_000),
      "in 1".repeat(60_000),
      "<".repeat(250_000),
    ];
    for (const bomb of bombs) {
      const failure = classify(400, openai(bomb));
      expect(failure.message.length).toBeLessThanOrEqual(2100);
    }
  });
});

describe("the recorded error bodies", () => {
  const expected: { [file: string]: FailureKind } = {
    "anthropic/claude-error-400.json": "unsupported",
    "anthropic/claude-error-401.json": "credentials",
    "gemini/gemini-error-400-key.json": "credentials",
    "gemini/gemini-error-429-quota.json": "rate-limited",
    "gemini/gemini-error-429.json": "rate-limited",
    "gemini/vertex-error-400.json": "rejected",
    "openai-chat/azure-grok-error-429.json": "rate-limited",
    "openai-chat/deepseek-error-context-length.json": "context-length",
    "openai-chat/groq-error-404.json": "no-such-model",
    "openai-chat/groq-error-tool-use-failed.json": "rejected",
    "openai-chat/mistral-error-401.json": "credentials",
    "openai-chat/ollama-error-context-length.json": "context-length",
    "openai-chat/openai-error-legacy-parameter.json": "unsupported",
    "openai-chat/openai-error-modality.json": "rejected",
    "openai-chat/openrouter-error-401.json": "credentials",
    "openai-chat/openrouter-error-429.json": "rate-limited",
    "openai-responses/deepseek-error-interleaved.json": "rejected",
    "openai-responses/openai-error-400-type.json": "rejected",
    "openai-responses/openai-error-401.json": "credentials",
    "openai-responses/openai-error-context-length.json": "context-length",
    "openai-responses/openai-error-quota.json": "quota-exhausted",
    "openai-responses/openai-error-temperature.json": "unsupported",
  };

  const recorded = (corpus?.answers ?? []).filter((answer) => (answer.http_status ?? 200) >= 400);
  test.skipIf(corpus === undefined)("are each read as what they are", () => {
    expect(recorded.length).toBeGreaterThan(15);
    const read: { [file: string]: FailureKind } = {};
    for (const answer of recorded) {
      const file = answer.file.replace(/^.*?((?:anthropic|gemini|openai-chat|openai-responses)\/)/, "$1");
      const bodyText = readFileSync(join(corpus?.directory ?? "", answer.file), "utf8");
      expect(tryParseJson(bodyText)).toBeDefined();
      read[file] = classify(answer.http_status ?? 500, bodyText).kind;
    }
    expect(read).toEqual(expected);
  });
});
