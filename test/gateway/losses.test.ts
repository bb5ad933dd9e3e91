import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { PLAIN_ANSWER } from "../../docs/translation/answer-probes.ts";
import { PROBES } from "../../docs/translation/probes.ts";
import { probeBody, surveyRequest, TARGETS } from "../../docs/translation/survey.ts";
import type { Body } from "../../docs/translation/wires.ts";
import { FORMAT_IDS, type FormatId } from "../../src/core/reply.ts";
import { startGateway, type TestGateway } from "../kit/gateway.ts";
import { startUpstream, type Upstream } from "../kit/upstream.ts";

/** The survey's targets as the gateway knows them. Clients of a target's own format are passed on unread. */
const MODELS: { readonly [title: string]: { model: string; clients: readonly FormatId[] } } = {
  "Chat at OpenAI": { model: "openai/gpt-5", clients: ["anthropic", "gemini"] },
  "Chat elsewhere": { model: "node/some-model", clients: ["openai-responses", "anthropic", "gemini"] },
  Responses: { model: "openai/gpt-5.3-codex", clients: ["openai-chat", "anthropic", "gemini"] },
  Messages: { model: "anthropic/claude-sonnet-4-6", clients: ["openai-chat", "openai-responses", "gemini"] },
  Gemini: {
    model: "gemini/gemini-3.1-pro-preview",
    clients: ["openai-chat", "openai-responses", "anthropic"],
  },
};
const ACTOR = { name: "test" };

let upstream: Upstream;
let gateway: TestGateway;

beforeAll(async () => {
  upstream = startUpstream(({ path }) => ({ type: "json", body: PLAIN_ANSWER[formatOf(path)] }));
  gateway = await startGateway();
  gateway.node("node", `${upstream.url}/v1`);
  gateway.node("like-claude", `${upstream.url}/v1`, { type: "anthropic-compatible" });
  for (const provider of ["openai", "anthropic", "gemini", "deepseek"])
    gateway.engine.manage.connections.create(
      { provider, name: provider, apiKey: "k", baseUrl: `${upstream.url}/v1` },
      ACTOR,
    );
});
afterAll(async () => {
  await gateway.stop();
  await upstream.stop();
});

function formatOf(path: string): FormatId {
  if (path.endsWith("/chat/completions")) return "openai-chat";
  if (path.endsWith("/responses")) return "openai-responses";
  return path.endsWith("/messages") ? "anthropic" : "gemini";
}

const PATHS: Readonly<Record<FormatId, string>> = {
  "openai-chat": "/v1/chat/completions",
  "openai-responses": "/v1/responses",
  anthropic: "/v1/messages",
  gemini: "",
};

function ask(client: FormatId, model: string, body: Body): Promise<Response> {
  const path = client === "gemini" ? `/v1beta/models/${model}:generateContent` : PATHS[client];
  return fetch(gateway.url + path, { method: "POST", body: JSON.stringify({ ...body, model }) });
}

describe("what a target cannot be told", () => {
  for (const client of FORMAT_IDS)
    for (const target of TARGETS) {
      const known = MODELS[target.title];
      if (!known?.clients.includes(client)) continue;
      test(`${client} client, ${target.title}: is told to the client and in the log, and nothing else is`, async () => {
        let checked = 0;
        for (const probe of PROBES.flatMap(({ probes }) => probes)) {
          const outcome = surveyRequest(probe, client, target);
          const body = probeBody(probe, client);
          if (!outcome || !body) continue;
          upstream.seen.length = 0;
          const response = await ask(client, known.model, body);
          const told = response.headers.get("x-omniroute-warnings");
          const logged = gateway.lastRequest();
          const at = `${probe.name}: `;
          if (outcome.kind === "refused") {
            const { message, code } = errorIn(client, await response.json());
            expect([at + response.status, message, logged?.status]).toEqual([`${at}400`, message, 400]);
            expect(message).toContain(outcome.told[0] as string);
            if (code !== undefined) expect(code).toBe("unsupported");
            expect(upstream.seen).toHaveLength(0);
          } else {
            expect(at + response.status).toBe(`${at}200`);
            expect(at + (told ?? "")).toBe(at + outcome.told.join("; "));
            expect(logged?.warnings ?? []).toEqual(outcome.told);
          }
          checked++;
        }
        expect(checked).toBeGreaterThan(30);
      });
    }
});

test("a stream says what was left out in its head", async () => {
  const body = { ...said["openai-chat"], stream: true, seed: 7, stop: ["END"] };
  const response = await ask("openai-chat", "openai/gpt-5.3-codex", body);
  expect(response.headers.get("x-omniroute-warnings")).toMatch(/^stop: .*; seed: /);
  expect(await response.text()).toContain("[DONE]");
});

const TEXT = "Hello";
const SCHEMA = { type: "object", properties: { yes: { type: "boolean" } } };
const said: Readonly<Record<FormatId, Body>> = {
  "openai-chat": { messages: [{ role: "user", content: TEXT }] },
  "openai-responses": { input: TEXT },
  anthropic: { max_tokens: 100, messages: [{ role: "user", content: TEXT }] },
  gemini: { contents: [{ role: "user", parts: [{ text: TEXT }] }] },
};

describe("what must not be left out is a 400 in the client's own shape", () => {
  const strict = { name: "answer", schema: SCHEMA, strict: true };
  const rows: [name: string, client: FormatId, model: string, fields: Body, says: RegExp][] = [
    [
      "a hosted tool that must be called",
      "openai-responses",
      "node/m",
      { tools: [{ type: "web_search" }], tool_choice: { type: "web_search" } },
      /web_search/,
    ],
    [
      "a hosted tool that must be called",
      "anthropic",
      "node/m",
      {
        tools: [{ type: "web_search_20250305", name: "web_search" }],
        tool_choice: { type: "tool", name: "web_search" },
      },
      /web_search/,
    ],
    [
      "a hosted tool that must be called",
      "gemini",
      "anthropic/claude-sonnet-4-6",
      {
        tools: [{ fileSearch: { fileSearchStoreNames: ["a"] } }],
        toolConfig: { functionCallingConfig: { mode: "ANY" } },
      },
      /tool/,
    ],
    [
      "a hosted tool that must be called",
      "openai-chat",
      "gemini/gemini-3.1-pro-preview",
      { tools: [{ type: "mystery" }], tool_choice: "required" },
      /mystery/,
    ],
    [
      "a strict schema",
      "openai-chat",
      "deepseek/deepseek-flash",
      { response_format: { type: "json_schema", json_schema: strict } },
      /strict/,
    ],
    [
      "a strict schema",
      "openai-responses",
      "deepseek/deepseek-flash",
      { text: { format: { type: "json_schema", ...strict } } },
      /strict/,
    ],
    [
      "a strict schema",
      "openai-chat",
      "like-claude/glm-5",
      { response_format: { type: "json_schema", json_schema: strict } },
      /strict/,
    ],
    [
      "a strict schema",
      "openai-responses",
      "like-claude/glm-5",
      { text: { format: { type: "json_schema", ...strict } } },
      /strict/,
    ],
  ];
  test.each(rows)("%s, %s client, %s", async (_name, client, model, fields, says) => {
    for (const stream of [false, true]) {
      upstream.seen.length = 0;
      const response = await ask(client, model, { ...said[client], ...fields, ...(stream && { stream }) });
      expect(response.status).toBe(400);
      const { message, code } = errorIn(client, await response.json());
      expect(message).toMatch(says);
      if (code !== undefined) expect(code).toBe("unsupported");
      expect(upstream.seen).toHaveLength(0);
      expect(gateway.lastRequest()).toMatchObject({ status: 400, errorCode: "unsupported" });
    }
  });

  test("without `strict` the schema is told in words", async () => {
    const { strict: _strict, ...loose } = strict;
    for (const model of ["deepseek/deepseek-flash", "like-claude/glm-5"]) {
      upstream.seen.length = 0;
      const response_format = { type: "json_schema", json_schema: loose };
      const response = await ask("openai-chat", model, { ...said["openai-chat"], response_format });
      expect(response.status).toBe(200);
      expect(upstream.seen[0]?.text).toContain("JSON");
      expect(upstream.seen[0]?.text).toContain("boolean");
    }
  });
});

/** Message and code of an error, checked to be in the shape of the client's protocol. */
function errorIn(client: FormatId, body: any): { message: string; code: string | undefined } {
  switch (client) {
    case "anthropic":
      expect(body).toMatchObject({ type: "error", error: { type: "invalid_request_error" } });
      return { message: body.error.message, code: undefined };
    case "gemini":
      expect(body.error).toMatchObject({ code: 400, status: "INVALID_ARGUMENT" });
      return { message: body.error.message, code: body.error.details[0].reason };
    default:
      expect(body.error.type).toBe("invalid_request_error");
      return { message: body.error.message, code: body.error.code };
  }
}
