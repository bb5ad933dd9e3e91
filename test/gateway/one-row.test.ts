import { afterAll, beforeAll, expect, test } from "bun:test";
import { listRequests } from "../../src/store/index.ts";
import { startGateway, type TestGateway } from "../kit/gateway.ts";

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway({ maxBodyBytes: 10_000 });
});
afterAll(() => gateway.stop());

const good = { model: "mock/echo", messages: [{ role: "user", content: "Hi" }], max_tokens: 9 };
const CHAT = "/v1/chat/completions";

type Call = { path?: string; body: string; headers?: Record<string, string> };

const CASES: [string, Call, number, string | undefined][] = [
  ["an answer", { body: JSON.stringify(good) }, 200, undefined],
  ["a body that is no JSON", { body: "{" }, 400, "bad_request"],
  ["an empty body", { body: "" }, 400, "bad_request"],
  ["a body without a model", { body: '{"messages":[]}' }, 400, "bad_request"],
  [
    "a body that is too large",
    { body: JSON.stringify({ ...good, user: "x".repeat(20_000) }) },
    413,
    "too_large",
  ],
  [
    "a name that leads nowhere",
    { body: JSON.stringify({ ...good, model: "nobody/knows" }) },
    404,
    "model_not_found",
  ],
  [
    "a provider's refusal",
    { body: JSON.stringify({ ...good, model: "mock/429" }) },
    429,
    "rate_limit_exceeded",
  ],
  ["a bad body at Messages", { path: "/v1/messages", body: "[]" }, 400, "bad_request"],
  ["a bad body at embeddings", { path: "/v1/embeddings", body: "{}" }, 400, "bad_request"],
];

test.each(CASES)("each call is one row of the log: %s", async (_what, call, status, code) => {
  const count = () => listRequests(gateway.engine.store, { limit: 1000 }).requests.length;
  const before = count();
  const response = await fetch(gateway.url + (call.path ?? CHAT), {
    method: "POST",
    body: call.body,
    ...(call.headers && { headers: call.headers }),
  });
  await response.text();
  expect(response.status).toBe(status);
  expect(count() - before).toBe(1);
  expect(gateway.lastRequest()).toMatchObject({
    id: response.headers.get("x-request-id")!,
    status,
    path: call.path ?? CHAT,
    ...(code !== undefined && { errorCode: code }),
  });
});

test.each<[string, Call]>([
  ["a dry run", { body: JSON.stringify(good), headers: { "x-omniroute-dry-run": "true" } }],
  ["tokens that are counted", { path: "/v1/messages/count_tokens", body: JSON.stringify(good) }],
  ["a page of another site", { body: JSON.stringify(good), headers: { origin: "https://evil.example" } }],
])("what is no call of anybody's is no row: %s", async (_what, call) => {
  const count = () => listRequests(gateway.engine.store, { limit: 1000 }).requests.length;
  const before = count();
  await fetch(gateway.url + (call.path ?? CHAT), {
    method: "POST",
    body: call.body,
    ...(call.headers && { headers: call.headers }),
  }).then((response) => response.text());
  expect(count()).toBe(before);
});
