import { afterAll, beforeAll, expect, test } from "bun:test";
import { saveConnection } from "../../src/store/index.ts";
import { type InProcess, startInProcess } from "../kit/in-process.ts";
import { DOCUMENTS, SERVICE_WIRES } from "../kit/wires/services.ts";
import { CHAT_WIRES } from "../kit/wires/chat.ts";
import type { Wire } from "../kit/wires/wire.ts";

/** Facts that were once wrong for one provider because they are right for the others. */
let app: InProcess;
beforeAll(async () => {
  app = await startInProcess();
  for (const provider of [
    "assemblyai",
    "cohere",
    "together",
    "fireworks",
    "nvidia",
    "hyperbolic",
    "deepgram",
  ])
    app.engine.manage.connections.create({ provider, name: provider, apiKey: "key-1" }, { name: "test" });
  saveConnection(app.engine.store, {
    id: "claude-1",
    provider: "claude",
    name: "plan",
    priority: 1,
    isActive: true,
    authType: "oauth",
    credentials: { accessToken: "token-1" },
    createdAt: 0,
    updatedAt: 0,
  });
});
afterAll(() => app.stop());

/** The first call that leaves. */
async function first(wire: Wire, path: string, body: object | FormData) {
  app.outbound.sent.length = 0;
  app.outbound.script = (sent) => wire.answer(sent);
  expect((await app.call(path, body)).status).toBe(200);
  return app.outbound.sent[0]!;
}
const sound = (model: string) => {
  const form = new FormData();
  form.set("model", model);
  form.set("file", new File(["sound"], "talk.mp3", { type: "audio/mpeg" }));
  return form;
};

test("AssemblyAI's key stands bare, Deepgram's behind `Token`", async () => {
  const path = "/v1/audio/transcriptions";
  const { assemblyai, deepgram } = SERVICE_WIRES.transcription;
  expect((await first(assemblyai, path, sound("aai/universal-2"))).headers.authorization).toBe("key-1");
  expect((await first(deepgram, path, sound("dg/nova-2"))).headers.authorization).toBe("Token key-1");
});

test("Cohere's own calls are not OpenAI's", async () => {
  const embedded = await first(SERVICE_WIRES.embeddings.cohere, "/v1/embeddings", {
    model: "cohere/embed-v4.0",
    input: "hello",
  });
  expect(embedded.url).toBe("https://api.cohere.com/v2/embed");
  expect(embedded.body).not.toHaveProperty("input");
  const ranked = await first(SERVICE_WIRES.rerank.cohere, "/v1/rerank", {
    model: "cohere/rerank-v3.5",
    query: "q",
    documents: DOCUMENTS,
  });
  expect(ranked.url).toBe("https://api.cohere.com/v2/rerank");
});

test("a Claude plan's token is a bearer, never a key", async () => {
  const body = { model: "cc/claude-haiku-4-5", max_tokens: 10, messages: [{ role: "user", content: "Hi" }] };
  const { headers } = await first(CHAT_WIRES.anthropic, "/v1/messages", body);
  expect(headers.authorization).toBe("Bearer token-1");
  expect(headers).not.toHaveProperty("x-api-key");
});

test.each([
  ["together/black-forest-labs/FLUX.1-schnell", "openai", "https://api.together.xyz/v1/images/generations"],
  [
    "fireworks/accounts/fireworks/models/flux-1-schnell-fp8",
    "fireworks",
    "https://api.fireworks.ai/inference/v1/workflows/accounts/fireworks/models/flux-1-schnell-fp8/text_to_image",
  ],
  ["hyp/SDXL1.0-base", "hyperbolic", "https://api.hyperbolic.xyz/v1/image/generation"],
] as const)("pictures of %s are asked for where they are made", async (model, dialect, url) => {
  const body = { model, prompt: "a cat" };
  expect((await first(SERVICE_WIRES.images[dialect], "/v1/images/generations", body)).url).toBe(url);
});

test.each([
  ["together/Salesforce/Llama-Rank-V1", "cohere", "https://api.together.xyz/v1/rerank"],
  [
    "fireworks/accounts/fireworks/models/nomic-rerank-v1",
    "cohere",
    "https://api.fireworks.ai/inference/v1/rerank",
  ],
  [
    "nvidia/nvidia/nv-rerankqa-mistral-4b-v3",
    "nvidia",
    "https://ai.api.nvidia.com/v1/retrieval/nvidia/nv-rerankqa-mistral-4b-v3/reranking",
  ],
] as const)("documents are ranked by %s where it ranks", async (model, dialect, url) => {
  const body = { model, query: "q", documents: DOCUMENTS };
  expect((await first(SERVICE_WIRES.rerank[dialect], "/v1/rerank", body)).url).toBe(url);
});
