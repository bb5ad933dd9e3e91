import { afterAll, describe, expect, test } from "bun:test";
import { discoverModels, testConnection, testNode } from "../../src/accounts/index.ts";
import { TargetFailure } from "../../src/core/errors.ts";
import type { JsonObject } from "../../src/lib/json.ts";
import { PROVIDERS } from "../../src/providers/index.ts";
import { testOutbound } from "../net/kit.ts";

const outbound = testOutbound();
const signal = new AbortController().signal;
const provider = (id: string) => PROVIDERS.find((candidate) => candidate.id === id)!;

type Seen = { method: string; path: string; headers: Headers; body: unknown };
type Answers = Record<string, (seen: Seen) => Response>;

const stops: (() => unknown)[] = [];
afterAll(async () => {
  for (const stop of stops) await stop();
});

/** An upstream with an answer for some `METHOD /path`; every other is a 404 without JSON. */
function upstream(answers: Answers) {
  const calls: Seen[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const { pathname, search } = new URL(request.url);
      const text = await request.text();
      const seen = {
        method: request.method,
        path: pathname + search,
        headers: request.headers,
        body: text === "" ? undefined : (JSON.parse(text) as unknown),
      };
      calls.push(seen);
      const answer = answers[`${request.method} ${pathname}`];
      return answer?.(seen) ?? new Response("<h1>Not Found</h1>", { status: 404 });
    },
  });
  stops.push(() => server.stop(true));
  return { base: server.url.origin, calls, asked: () => calls.map((call) => `${call.method} ${call.path}`) };
}

const json =
  (body: JsonObject, status = 200) =>
  () =>
    Response.json(body, { status });
const error = (status: number, message: string, code?: string) => json({ error: { message, code } }, status);
const list = json({ object: "list", data: [{ id: "a" }] });
const completion = json({ id: "1", object: "chat.completion", choices: [{ message: { content: "H" } }] });

function testAt(base: string, id = "openai", change: { apiKey?: string; defaultModel?: string } = {}) {
  const { apiKey = "sk-test-1234", defaultModel } = change;
  return testConnection({
    provider: provider(id),
    connection: {
      authType: "apikey",
      name: "mine",
      credentials: { apiKey },
      baseUrl: base,
      ...(defaultModel && { defaultModel }),
    },
    outbound,
    signal,
    timeoutMs: 2000,
  });
}

describe("a connection is tested", () => {
  test("by its model list, with its key and nothing else", async () => {
    const { base, calls } = upstream({ "GET /v1/models": list });
    const result = await testAt(`${base}/v1`);
    expect(result).toMatchObject({ valid: true, probed: "models", statusCode: 200 });
    expect(result).not.toHaveProperty("diagnosis");
    expect(result).not.toHaveProperty("error");
    expect(result).not.toHaveProperty("repairedBaseUrl");
    expect(result.latencyMs).toBeGreaterThanOrEqual(0);
    expect(Math.abs(result.testedAt - Date.now())).toBeLessThan(5000);
    expect(calls).toHaveLength(1);
    expect(calls[0]!.headers.get("authorization")).toBe("Bearer sk-test-1234");
  });

  test("by the key itself where the list is public", async () => {
    const { base, asked } = upstream({
      "GET /v1/models": list,
      "GET /v1/key": error(401, "No auth credentials found"),
    });
    const result = await testAt(`${base}/v1`, "openrouter");
    expect(result).toMatchObject({ valid: false, probed: "key", diagnosis: { type: "bad-key" } });
    expect(asked()).toEqual(["GET /v1/key"]);
  });

  test("by one token of chat where the list is public and nothing else proves the key", async () => {
    const { base, calls } = upstream({ "GET /v1/models": list, "POST /v1/chat/completions": completion });
    const result = await testAt(`${base}/v1`, "nvidia", { defaultModel: "meta/x" });
    expect(result).toMatchObject({ valid: true, probed: "chat" });
    expect(calls).toHaveLength(1);
    expect(calls[0]!.body).toEqual({
      model: "meta/x",
      messages: [{ role: "user", content: "Hi" }],
      max_tokens: 1,
    });
  });

  test.each([
    ["a 404", () => new Response("no", { status: 404 })],
    ["a 405", () => new Response("no", { status: 405 })],
    ["a web page", () => new Response("<html></html>", { headers: { "content-type": "text/html" } })],
    ["something else in JSON", json({ status: "ok" })],
    ["a 403, since keys may be good for chat alone", error(403, "Missing scopes: api.model.read")],
  ])("by one token of chat when the list answers with %s", async (_name, models) => {
    const { base, asked } = upstream({ "GET /v1/models": models, "POST /v1/chat/completions": completion });
    expect(await testAt(`${base}/v1`)).toMatchObject({ valid: true, probed: "chat" });
    expect(asked()).toEqual(["GET /v1/models", "POST /v1/chat/completions"]);
  });

  test("by the cheapest model it serves", async () => {
    const { base, calls } = upstream({
      "POST /v1/responses": json({ object: "response", error: null, output: [] }),
    });
    expect((await testAt(base, "perplexity")).valid).toBe(true);
    expect(calls[0]!.body).toEqual({
      model: "perplexity/sonar",
      input: [{ type: "message", role: "user", content: [{ type: "input_text", text: "Hi" }] }],
      max_output_tokens: 16,
    });
  });

  test.each([
    [
      "codex",
      "POST /responses",
      { stream: true, store: false, instructions: expect.any(String), input: [expect.anything()] },
      ["max_output_tokens"],
    ],
    [
      "gemini-cli",
      "POST /v1internal:generateContent",
      { project: "project-1", request: { contents: [expect.anything()] } },
      ["contents"],
    ],
    [
      "kiro",
      "POST /generateAssistantResponse",
      { profileArn: "arn:1", conversationState: { currentMessage: { userInputMessage: { content: "Hi" } } } },
      ["messages"],
    ],
  ])("at %s by a call that its service takes", async (id, call, expected, missing) => {
    const { base, calls } = upstream({ [call]: json({}) });
    const credentials = { accessToken: "token-1", projectId: "project-1", profileArn: "arn:1" };
    const result = await testConnection({
      provider: provider(id),
      connection: { authType: "oauth", name: "mine", credentials, baseUrl: base },
      outbound,
      signal,
      timeoutMs: 2000,
    });
    expect(result).toMatchObject({ valid: true, probed: "chat" });
    expect(calls[0]!.headers.get("authorization")).toBe("Bearer token-1");
    expect(calls[0]!.body).toMatchObject(expected);
    for (const field of missing) expect(calls[0]!.body).not.toHaveProperty(field);
  });

  test("in the format of its first service", async () => {
    const { base, calls } = upstream({
      "POST /anthropic/v1/messages": json({ type: "message", content: [] }),
    });
    expect((await testAt(base, "minimax")).valid).toBe(true);
    expect(calls[0]!.headers.get("anthropic-version")).toBe("2023-06-01");
    expect(calls[0]!.body).toMatchObject({ model: "MiniMax-M3.1-Flash", max_tokens: 1 });
  });

  test("at Google under the model's own path", async () => {
    const { base, asked, calls } = upstream({
      "POST /models/gemini-x:generateContent": json({ candidates: [] }),
    });
    expect((await testAt(base, "gemini", { defaultModel: "gemini-x" })).valid).toBe(true);
    expect(asked()[1]).toBe("POST /models/gemini-x:generateContent");
    expect(calls[1]!.headers.get("x-goog-api-key")).toBe("sk-test-1234");
  });

  test("without a call when its provider is gone or the key is missing", async () => {
    const { base, calls } = upstream({});
    expect(await testAt(base, "iflow")).toMatchObject({
      valid: false,
      probed: "none",
      diagnosis: { type: "shut-down" },
    });
    expect(await testAt(base, "openai", { apiKey: "" })).toMatchObject({
      valid: false,
      diagnosis: { type: "no-key" },
    });
    expect(calls).toEqual([]);
  });

  test("within this process for the mock", async () => {
    const result = await testConnection({
      provider: provider("mock"),
      connection: { authType: "none", name: "mock", credentials: {} },
      outbound,
      signal,
    });
    expect(result).toMatchObject({ valid: true, probed: "models" });
  });
});

describe("what an answer says about the account", () => {
  test.each<[string, Response, string, boolean]>([
    ["401", error(401, "Incorrect API key", "invalid_api_key")(), "bad-key", false],
    [
      "400 about the key, as Google says it",
      error(400, "API key not valid. Please pass a valid API key.")(),
      "bad-key",
      false,
    ],
    ["402", error(402, "Insufficient Balance")(), "no-credit", false],
    [
      "429 without quota",
      error(429, "You exceeded your current quota", "insufficient_quota")(),
      "no-credit",
      false,
    ],
    ["429 of a good key", error(429, "Rate limit reached")(), "rate-limited", true],
    [
      "a blocked region, as OpenAI says it",
      error(403, "Country, region, or territory not supported", "unsupported_country_region_territory")(),
      "blocked-region",
      false,
    ],
    [
      "a blocked region, as Google says it",
      error(400, "User location is not supported for the API use.")(),
      "blocked-region",
      false,
    ],
    ["451", error(451, "Unavailable")(), "blocked-region", false],
    ["500", error(500, "Oops")(), "provider-error", false],
    ["a firewall's page", new Response("<html>Just a moment…", { status: 403 }), "unreachable", false],
    ["503 in HTML", new Response("<html>", { status: 503 }), "provider-error", false],
    ["an error inside a 200", error(200, "internal problem")(), "provider-error", false],
  ])("%s", async (_name, answer, type, valid) => {
    const { base } = upstream({ "GET /v1/models": () => answer.clone() });
    const result = await testAt(`${base}/v1`);
    expect(result.valid).toBe(valid);
    expect(result.diagnosis?.type).toBe(type as "bad-key");
    expect(result.diagnosis?.action).toBeString();
    expect(result.statusCode).toBe(answer.status);
    if (!valid) expect(result.error).toBe(result.diagnosis!.message);
  });

  test.each([
    [
      "a missing model",
      error(404, "The model `x` does not exist or you do not have access to it.", "model_not_found"),
    ],
    ["a disliked call", error(400, "max_tokens is too small")],
    ["a detail", json({ detail: [{ msg: "field required" }] }, 422)],
  ])("%s in a chat answer proves the key", async (_name, chat) => {
    const { base } = upstream({ "POST /v1/chat/completions": chat });
    const result = await testAt(`${base}/v1`);
    expect(result).toMatchObject({ valid: true, probed: "chat", diagnosis: { type: "no-such-model" } });
  });

  test.each([
    ["Forbidden", "bad-key"],
    ["Your team has run out of credits", "no-credit"],
  ] as const)("403 %s, said to list and chat alike, is %s", async (words, type) => {
    const { base } = upstream({
      "GET /v1/models": error(403, words),
      "POST /v1/chat/completions": error(403, words),
    });
    expect(await testAt(`${base}/v1`)).toMatchObject({ valid: false, probed: "chat", diagnosis: { type } });
  });

  test("is told in the provider's words without the key in them", async () => {
    const { base } = upstream({
      "GET /v1/models": error(401, "Incorrect API key provided: sk-test-1234. See docs.", "invalid_api_key"),
    });
    const { diagnosis } = await testAt(`${base}/v1`);
    expect(diagnosis).toEqual({
      type: "bad-key",
      code: "invalid_api_key",
      message: "The provider answered 401: Incorrect API key provided: …. See docs.",
      action: "Check the key, or make a new one at the provider and enter it here.",
    });
  });
});

describe("what the network does", () => {
  test("a closed port is refused", async () => {
    expect((await testAt("http://127.0.0.1:1/v1")).diagnosis).toMatchObject({
      type: "refused",
      code: "ECONNREFUSED",
    });
  });

  test("a name that does not resolve is a matter of DNS", async () => {
    const result = await testConnection({
      provider: provider("openai"),
      connection: {
        authType: "apikey",
        name: "m",
        credentials: { apiKey: "k" },
        baseUrl: "http://nowhere.test/v1",
      },
      outbound: testOutbound({ resolve: async () => Promise.reject(new Error("ENOTFOUND")) }),
      signal,
    });
    expect(result.diagnosis?.type).toBe("dns");
    expect(result).not.toHaveProperty("statusCode");
  });

  test("plain HTTP where TLS is wanted is a matter of TLS", async () => {
    const { base } = upstream({});
    expect((await testAt(base.replace("http:", "https:"))).diagnosis?.type).toBe("tls");
  });

  test("silence is a timeout", async () => {
    const server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: () => new Promise<Response>(() => {}),
    });
    stops.push(() => server.stop(true));
    const result = await testConnection({
      provider: provider("openai"),
      connection: {
        authType: "apikey",
        name: "m",
        credentials: { apiKey: "k" },
        baseUrl: `${server.url.origin}/v1`,
      },
      outbound,
      signal,
      timeoutMs: 50,
    });
    expect(result).toMatchObject({ valid: false, diagnosis: { type: "timeout" } });
  });

  test("a redirect is a wrong base URL", async () => {
    const { base } = upstream({ "GET /v1/models": () => Response.redirect("http://127.0.0.1:1/", 302) });
    expect(await testAt(`${base}/v1`)).toMatchObject({ diagnosis: { type: "wrong-url" }, statusCode: 302 });
  });

  test("a forbidden address is not called", async () => {
    const { diagnosis } = await testAt("http://169.254.169.254/v1");
    expect(diagnosis?.type).toBe("unreachable");
    expect(diagnosis?.message).toContain("never called");
  });
});

describe("a node's base URL", () => {
  const node = (baseUrl: string, type: "openai-compatible" | "anthropic-compatible" = "openai-compatible") =>
    testNode({ node: { type, baseUrl }, apiKey: "sk-node-1", outbound, signal, timeoutMs: 2000 });

  test.each(["", "/v1/chat/completions", "/v1/models", "/chat/completions", "/v1/chat"])(
    "ending in %j is repaired when the probe proves it",
    async (tail) => {
      const { base } = upstream({ "GET /v1/models": list });
      const result = await node(base + tail);
      expect(result).toMatchObject({ valid: true, repairedBaseUrl: `${base}/v1` });
    },
  );

  test("that is right stays", async () => {
    const { base, calls } = upstream({ "GET /v1/models": list });
    expect(await node(`${base}/v1/`)).not.toHaveProperty("repairedBaseUrl");
    expect(calls).toHaveLength(1);
  });

  test("is repaired by a refused key, which proves the place as well", async () => {
    const { base } = upstream({ "GET /v1/models": error(401, "bad key") });
    expect(await node(base)).toMatchObject({
      valid: false,
      diagnosis: { type: "bad-key" },
      repairedBaseUrl: `${base}/v1`,
    });
  });

  test("that leads nowhere at all is a wrong base URL", async () => {
    const { base } = upstream({});
    const result = await node(base);
    expect(result).toMatchObject({ valid: false, diagnosis: { type: "wrong-url" } });
    expect(result).not.toHaveProperty("repairedBaseUrl");
  });

  test("of an Anthropic endpoint is proven by one token when it has no list", async () => {
    const { base, calls } = upstream({ "POST /v1/messages": json({ type: "message", content: [] }) });
    const result = await node(`${base}/v1/messages`, "anthropic-compatible");
    expect(result).toMatchObject({ valid: true, probed: "chat", repairedBaseUrl: `${base}/v1` });
    expect(calls.at(-1)!.headers.get("x-api-key")).toBe("sk-node-1");
  });
});

describe("services that do not chat are tested by the call that proves the key", () => {
  test.each([
    ["deepgram", "GET /v1/projects", { projects: [] }, { authorization: "Token sk-test-1234" }],
    ["assemblyai", "GET /v2/transcript", { transcripts: [] }, { authorization: "sk-test-1234" }],
    [
      "nanobanana",
      "GET /api/v1/common/credit",
      { code: 200, msg: "success", data: 7 },
      { authorization: "Bearer sk-test-1234" },
    ],
    ["elevenlabs", "GET /models", [{ model_id: "a" }], { "xi-api-key": "sk-test-1234" }],
    [
      "cartesia",
      "GET /voices",
      { data: [], has_more: false },
      { "x-api-key": "sk-test-1234", "cartesia-version": "2025-04-16" },
    ],
    ["inworld", "GET /voices", { voices: [] }, { authorization: "Basic sk-test-1234" }],
  ] as const)("%s", async (id, call, body, headers) => {
    const { base, calls } = upstream({ [call]: () => Response.json(body) });
    expect(await testAt(base, id)).toMatchObject({ valid: true, probed: "key", statusCode: 200 });
    expect(Object.fromEntries(calls[0]!.headers)).toMatchObject(headers);
    const refusing = upstream({ [call]: error(401, "Invalid credentials.") });
    expect(await testAt(refusing.base, id)).toMatchObject({ valid: false, diagnosis: { type: "bad-key" } });
  });

  test("a bad key inside a good answer is seen", async () => {
    const { base } = upstream({
      "GET /api/v1/common/credit": json({ code: 401, msg: "You do not have access permissions" }),
    });
    expect((await testAt(base, "nanobanana")).valid).toBe(false);
  });

  test.each(["jina", "voyage"])("%s by one word's vector", async (id) => {
    const { base, calls } = upstream({
      "POST /embeddings": json({ object: "list", data: [{ embedding: [1] }] }),
    });
    expect(await testAt(base, id)).toMatchObject({ valid: true, probed: "embeddings" });
    expect(calls[0]!.headers.get("authorization")).toBe("Bearer sk-test-1234");
    const refusing = upstream({ "POST /embeddings": json({ detail: "Provided API key is invalid." }, 401) });
    expect(await testAt(refusing.base, id)).toMatchObject({ valid: false, diagnosis: { type: "bad-key" } });
  });
});

describe("models are discovered", () => {
  const discover = (base: string, id = "openai") =>
    discoverModels({
      provider: provider(id),
      connection: {
        authType: "apikey",
        name: "mine",
        credentials: { apiKey: "sk-test-1234" },
        baseUrl: base,
      },
      outbound,
      signal,
    });

  test.each<[string, JsonObject | JsonObject[], object[]]>([
    [
      "OpenAI's",
      { data: [{ id: "a" }, { id: "b", name: "Bee" }] },
      [
        { id: "a", name: "a" },
        { id: "b", name: "Bee" },
      ],
    ],
    ["Anthropic's", { data: [{ id: "a", display_name: "Ay" }], has_more: false }, [{ id: "a", name: "Ay" }]],
    ["Google's", { models: [{ name: "models/a", displayName: "Ay" }] }, [{ id: "a", name: "Ay" }]],
    ["Cohere's", { models: [{ name: "a" }] }, [{ id: "a", name: "a" }]],
    ["a bare", [{ id: "a" }], [{ id: "a", name: "a" }]],
    [
      "a doubled and half-empty",
      { data: [{ id: "a" }, { id: "a" }, {}, { id: "" }, { id: 5 }] },
      [{ id: "a", name: "a" }],
    ],
    ["an empty", { data: [] }, []],
  ])("in %s list", async (_name, body, expected) => {
    const { base } = upstream({ "GET /models": () => Response.json(body) });
    const found = await discover(base);
    expect(found.map(({ id, name }) => ({ id, name })) as object[]).toEqual(expected);
  });

  test.each<[what: string, model: JsonObject, type: string, context: number | undefined]>([
    ["Together's word", { id: "a", type: "image" }, "image", undefined],
    ["Together's other word", { id: "a", type: "language", context_length: 4096 }, "chat", 4096],
    [
      "Google's methods",
      { name: "models/a", supportedGenerationMethods: ["embedContent"], inputTokenLimit: 2048 },
      "embedding",
      2048,
    ],
    [
      "Google's methods of a chat model",
      { name: "a", supportedGenerationMethods: ["generateContent"] },
      "chat",
      undefined,
    ],
    ["Cohere's endpoints", { name: "a", endpoints: ["rerank"] }, "rerank", undefined],
    [
      "OpenRouter's outputs",
      { id: "a", architecture: { output_modalities: ["image", "text"] } },
      "chat",
      undefined,
    ],
    ["vLLM's length", { id: "a", max_model_len: 32_768 }, "chat", 32_768],
    ["its name alone", { id: "nomic-embed-text:latest" }, "embedding", undefined],
    ["its name alone", { id: "BAAI/bge-reranker-v2-m3" }, "rerank", undefined],
    ["its name alone", { id: "openai/whisper-large-v3" }, "audio", undefined],
    ["its name alone", { id: "black-forest-labs/FLUX.1-dev" }, "image", undefined],
    ["its name alone", { id: "omni-moderation-latest" }, "moderation", undefined],
    ["nothing", { id: "llama-3.3-70b" }, "chat", undefined],
  ])("and what they are is read from %s", async (_what, model, type, context) => {
    const { base } = upstream({ "GET /models": () => Response.json({ data: [model] }) });
    const [found] = await discover(base);
    expect([found?.type, found?.context]).toEqual([type as "chat", context]);
  });

  test("page after page", async () => {
    const { base, asked } = upstream({
      "GET /models": ({ path }) =>
        path.includes("after_id")
          ? Response.json({ data: [{ id: "b" }], has_more: false })
          : Response.json({ data: [{ id: "a" }], has_more: true, last_id: "a b" }),
    });
    expect((await discover(base, "anthropic")).map(({ id }) => id)).toEqual(["a", "b"]);
    expect(asked()).toEqual(["GET /models", "GET /models?after_id=a%20b"]);
  });

  test("and a list without end has one", async () => {
    const { base, calls } = upstream({
      "GET /models": () =>
        Response.json({ models: [{ name: `models/${crypto.randomUUID()}` }], nextPageToken: "more" }),
    });
    expect(await discover(base, "gemini")).toHaveLength(20);
    expect(calls).toHaveLength(20);
  });

  test.each([
    ["a refused key", error(401, "no"), "credentials"],
    ["no list", () => new Response("no", { status: 404 }), "unsupported"],
    ["something else", json({ status: "ok" }), "malformed"],
    ["a broken provider", error(500, "no"), "overloaded"],
  ])("not after %s", async (_name, answer, kind) => {
    const { base } = upstream({ "GET /models": answer });
    const failure = await discover(base).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(failure).toBeInstanceOf(TargetFailure);
    expect((failure as TargetFailure).kind).toBe(kind as "credentials");
  });

  test("nowhere when the provider has no list", async () => {
    const failure = await discover("http://127.0.0.1:1", "perplexity").catch((reason: unknown) => reason);
    expect((failure as TargetFailure).kind).toBe("unsupported");
  });
});
