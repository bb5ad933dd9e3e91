import { describe, expect, test } from "bun:test";
import { authHeaders, environmentConnections } from "../../src/accounts/index.ts";
import { type ErrorCode, FAILURES, TargetFailure } from "../../src/core/errors.ts";
import type { ProviderDefinition } from "../../src/core/provider.ts";
import { PROVIDERS } from "../../src/providers/index.ts";

const provider = (id: string): ProviderDefinition => PROVIDERS.find((candidate) => candidate.id === id)!;
const withKey = { authType: "apikey", name: "mine", credentials: { apiKey: " sk-1 " } } as const;
const withoutKey = { authType: "apikey", name: "mine", credentials: {} } as const;
const open = { authType: "none", name: "mine", credentials: {} } as const;
const signedIn = {
  authType: "oauth",
  name: "mine",
  credentials: { accessToken: "at", apiKey: "sk-1" },
} as const;

describe("a call proves who pays", () => {
  test.each([
    ["openai", withKey, { authorization: "Bearer sk-1" }],
    ["anthropic", withKey, { "x-api-key": "sk-1" }],
    ["gemini", withKey, { "x-goog-api-key": "sk-1" }],
    ["anthropic", signedIn, { authorization: "Bearer at" }],
    ["ollama", withKey, { authorization: "Bearer sk-1" }],
    ["ollama", withoutKey, {}],
    ["mock", withKey, {}],
    ["mock", open, {}],
    ["anthropic", open, {}],
  ] as const)("to %s over %j", (id, connection, expected) => {
    expect(authHeaders(provider(id), connection)).toEqual(expected as Record<string, string>);
  });

  test("in the way of the path where paths differ", () => {
    const kimi = provider("kimi-coding");
    const [chat, messages] = kimi.chat;
    expect(authHeaders(kimi, withKey, chat)).toEqual({ authorization: "Bearer sk-1" });
    expect(authHeaders(kimi, withKey, messages)).toEqual({ "x-api-key": "sk-1" });
  });

  test("and names the account where the vendor wants it", () => {
    const codex = {
      ...provider("openai"),
      accountHeaders: { "chatgpt-account-id": "accountId", "x-org": "organizationId" },
    };
    const account = { ...signedIn, credentials: { accessToken: "at", accountId: "acc-1" } };
    expect(authHeaders(codex, account)).toEqual({
      authorization: "Bearer at",
      "chatgpt-account-id": "acc-1",
    });
    expect(authHeaders(codex, withKey)).toEqual({ authorization: "Bearer sk-1" });
  });

  test("or fails before it is made when there is no key", () => {
    let failure: unknown;
    try {
      authHeaders(provider("openai"), withoutKey);
    } catch (error) {
      failure = error;
    }
    expect(failure).toBeInstanceOf(TargetFailure);
    const { kind, message, scope } = failure as TargetFailure;
    expect([kind, scope]).toEqual(["credentials", "connection"]);
    expect(message).toContain("mine");
    expect(FAILURES[kind].code).toBe("credentials_failed" satisfies ErrorCode);
  });
});

describe("keys of the environment", () => {
  test("make one read-only connection each, after stored ones", () => {
    const connections = environmentConnections({
      providerKeys: { OPENAI_API_KEY: " sk-o ", GROQ_API_KEY: "gsk", MISTRAL_API_KEY: "  ", OTHER: "x" },
    });
    expect(connections.map(({ id }) => id)).toEqual(["env:openai", "env:groq"]);
    expect(connections[0]).toEqual({
      id: "env:openai",
      provider: "openai",
      authType: "apikey",
      name: "env",
      priority: 100,
      isActive: true,
      fromEnvironment: true,
      credentials: { apiKey: "sk-o" },
      createdAt: 0,
      updatedAt: 0,
    });
  });

  test("that are not there make none", () => {
    expect(environmentConnections({ providerKeys: {} })).toEqual([]);
  });
});
