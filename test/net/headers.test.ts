import { describe, expect, test } from "bun:test";
import { clientHeadersFor, upstreamHeadersFor } from "../../src/net/index.ts";

const claudeCode = {
  "user-agent": "claude-cli/2.1.329 (external, sdk-cli)",
  "x-app": "cli",
  "anthropic-beta": "effort-2025-11-24",
  "x-claude-code-session-id": "s1",
  "x-stainless-lang": "js",
  "x-api-key": "sk-omni-secret",
  authorization: "Bearer sk-omni-secret",
  cookie: "auth_token=secret",
  "x-forwarded-for": "10.0.0.1",
  host: "localhost:20128",
  "accept-encoding": "gzip",
  "x-something-else": "1",
};
const codex = {
  "user-agent": "codex_exec/0.169.0 (Linux; x64)",
  originator: "codex_exec",
  "session-id": "s2",
  "x-codex-beta-features": "remote_compaction_v2",
  "openai-beta": "responses_websockets=2026-02-06",
  authorization: "Bearer sk-omni-secret",
};
const curl = { "user-agent": "curl/8", "anthropic-beta": "x", "x-app": "cli" };

describe("headers of a client go to a provider", () => {
  test.each<[string, object, string, string, object, object]>([
    [
      "of the same format when the client is the vendor's own, without anything that proves who called us",
      claudeCode,
      "anthropic",
      "anthropic",
      { id: "anthropic" },
      {
        "user-agent": claudeCode["user-agent"],
        "x-app": "cli",
        "anthropic-beta": "effort-2025-11-24",
        "x-claude-code-session-id": "s1",
        "x-stainless-lang": "js",
      },
    ],
    [
      "of another vendor only as far as they belong to the body",
      claudeCode,
      "anthropic",
      "anthropic",
      { id: "glm" },
      { "anthropic-beta": "effort-2025-11-24" },
    ],
    ["of another format not at all", claudeCode, "anthropic", "openai-chat", { id: "openai" }, {}],
    [
      "that fronts the same vendor",
      codex,
      "openai-responses",
      "openai-responses",
      { id: "codex", proofMaker: "openai" },
      {
        "user-agent": codex["user-agent"],
        originator: "codex_exec",
        "session-id": "s2",
        "x-codex-beta-features": "remote_compaction_v2",
        "openai-beta": codex["openai-beta"],
      },
    ],
    [
      "from a stranger only as far as they belong to the body",
      curl,
      "anthropic",
      "anthropic",
      { id: "anthropic" },
      { "anthropic-beta": "x" },
    ],
    [
      "unless they are too long",
      { "anthropic-beta": "x".repeat(9000) },
      "anthropic",
      "anthropic",
      { id: "anthropic" },
      {},
    ],
  ])("%s", (_name, headers, clientFormat, providerFormat, provider, expected) => {
    const passed = clientHeadersFor(
      new Headers(headers as Record<string, string>),
      clientFormat,
      providerFormat,
      provider as { id: string },
    );
    expect(passed as object).toEqual(expected);
  });
});

test("limits, waits and the provider's request id come back, everything else is dropped", () => {
  const headers = new Headers({
    "retry-after": "7",
    "anthropic-ratelimit-requests-remaining": "3",
    "x-ratelimit-reset-tokens": "6m0s",
    "request-id": "req_1",
    "set-cookie": "a=b",
    location: "http://evil.example/",
    "access-control-allow-origin": "*",
    "content-encoding": "gzip",
    "content-length": "5",
    server: "x",
    "x-omniroute-model": "lie",
    "content-security-policy": "none",
  });
  expect(upstreamHeadersFor(headers)).toEqual({
    "retry-after": "7",
    "anthropic-ratelimit-requests-remaining": "3",
    "x-ratelimit-reset-tokens": "6m0s",
    "x-omniroute-upstream-request-id": "req_1",
  });
});

test("OpenAI's name of the request id counts where the other is missing", () => {
  expect(upstreamHeadersFor(new Headers({ "x-request-id": "req_2" }))).toEqual({
    "x-omniroute-upstream-request-id": "req_2",
  });
});

test("odd and endless values are dropped", () => {
  const headers = new Headers({ "retry-after": "\u00ff", "x-ratelimit-limit": "1".repeat(300) });
  for (let index = 0; index < 80; index++) headers.set(`x-ratelimit-limit-${index}`, "1");
  const passed = upstreamHeadersFor(headers);
  expect(passed).not.toHaveProperty("retry-after");
  expect(passed).not.toHaveProperty("x-ratelimit-limit");
  expect(Object.keys(passed)).toHaveLength(50);
});
