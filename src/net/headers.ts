import type { ProviderDefinition } from "../core/provider.ts";

/** Switch features of the wire on: they belong to the body, whoever wrote it. */
const FEATURE_HEADERS = ["anthropic-beta", "openai-beta"];

/** What SDKs of two vendors say of themselves. */
const SDK_HEADERS = [
  "x-stainless-lang",
  "x-stainless-os",
  "x-stainless-arch",
  "x-stainless-runtime",
  "x-stainless-runtime-version",
  "x-stainless-package-version",
  "x-stainless-retry-count",
  "x-stainless-timeout",
  "x-stainless-helper",
  "x-stainless-helper-method",
];

/** How a vendor's own clients call themselves, and which of their headers its service may expect. */
type OwnClients = { agent: RegExp; headers: readonly string[] };

const OPENAI: OwnClients = {
  agent: /^(?:codex[\w-]*|OpenAI|AsyncOpenAI)\//,
  headers: [
    "user-agent",
    "originator",
    "version",
    "session-id",
    "session_id",
    "thread-id",
    "x-client-request-id",
    "x-codex-window-id",
    "x-codex-turn-metadata",
    "x-codex-beta-features",
    "x-openai-internal-codex-responses-lite",
    ...SDK_HEADERS,
  ],
};
const GOOGLE: OwnClients = {
  agent: /^(?:GeminiCLI|google-genai-sdk)\//,
  headers: ["user-agent", "x-goog-api-client"],
};

/** By vendor, or by provider where one vendor's service is several providers. */
const OWN_CLIENTS: Readonly<Record<string, OwnClients>> = {
  anthropic: {
    agent: /^(?:claude-cli|claude-code|Anthropic|AsyncAnthropic)\//,
    headers: [
      "user-agent",
      "x-app",
      "x-claude-code-session-id",
      "anthropic-dangerous-direct-browser-access",
      ...SDK_HEADERS,
    ],
  },
  openai: OPENAI,
  codex: OPENAI,
  gemini: GOOGLE,
  "gemini-cli": GOOGLE,
};

const MAX_VALUE = 8192;

/**
 * The headers of a client's call that go on to a provider: nothing unless both speak one format; then those that
 * switch features on and, where the client is the provider's own, what it says of itself. Names in lower case.
 */
export function clientHeadersFor(
  headers: Headers,
  clientFormat: string,
  providerFormat: string,
  provider: Pick<ProviderDefinition, "id" | "proofMaker">,
): Record<string, string> {
  if (clientFormat !== providerFormat) return {};
  const own = OWN_CLIENTS[provider.proofMaker ?? provider.id];
  const isOwn = own?.agent.test(headers.get("user-agent") ?? "") ?? false;
  return picked(headers, isOwn && own ? [...FEATURE_HEADERS, ...own.headers] : FEATURE_HEADERS);
}

function picked(headers: Headers, names: readonly string[]): Record<string, string> {
  const passed: Record<string, string> = {};
  for (const name of names) {
    const value = headers.get(name);
    if (value !== null && value.length <= MAX_VALUE) passed[name] = value;
  }
  return passed;
}

/** Headers of several sources as one: the later wins, but features that several switch on are put together. */
export function mergedHeaders(...sources: Readonly<Record<string, string>>[]): Record<string, string> {
  const merged: Record<string, string> = Object.assign({}, ...sources);
  for (const name of FEATURE_HEADERS) {
    if (merged[name] === undefined) continue;
    const features = sources.flatMap((source) => source[name]?.split(",") ?? []).map((word) => word.trim());
    if (features.length > 0) merged[name] = [...new Set(features)].filter(Boolean).join(",");
  }
  return merged;
}

const PASSED_BACK = /^(?:anthropic-ratelimit-[a-z0-9_-]+|x-ratelimit-[a-z0-9_-]+|retry-after)$/;
const MAX_PASSED_BACK = 50;

/** The headers of a provider's answer that a client gets to see; every other one is dropped. Names in lower case. */
export function upstreamHeadersFor(headers: Headers): Record<string, string> {
  const passed: Record<string, string> = {};
  const requestId = headers.get("request-id") ?? headers.get("x-request-id");
  if (requestId !== null && isPlain(requestId)) passed["x-omniroute-upstream-request-id"] = requestId;
  let count = 0;
  for (const [name, value] of Object.entries(headers.toJSON())) {
    if (typeof value !== "string" || !PASSED_BACK.test(name) || !isPlain(value)) continue;
    if (++count > MAX_PASSED_BACK) break;
    passed[name] = value;
  }
  return passed;
}

const isPlain = (value: string): boolean => /^[\x20-\x7e]{1,256}$/.test(value);
