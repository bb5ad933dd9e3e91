import { afterAll, beforeAll, expect, test } from "bun:test";
import { startGateway, TEST_PASSWORD, type TestGateway } from "../kit/gateway.ts";

let gateway: TestGateway;
let token: string;
beforeAll(async () => {
  gateway = await startGateway({ requireApiKey: true });
  ({ token } = await gateway.engine.access.login(TEST_PASSWORD, "127.0.0.1"));
});
afterAll(() => gateway.stop());

const QUESTION = { model: "mock/echo", messages: [{ role: "user", content: "Who pays?" }] };

const ask = (headers: { [name: string]: string }, body: object = QUESTION, path = "/api/playground/chat") =>
  fetch(gateway.url + path, { method: "POST", headers, body: JSON.stringify(body) });
const signedIn = () => ({ cookie: `auth_token=${token}`, "content-type": "application/json" });

test("who is signed in is answered, as the caller `dashboard`", async () => {
  const answer = await ask(signedIn());
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({ choices: [{ message: { content: "Who pays?" } }] });
  expect(gateway.lastRequest()).toMatchObject({
    id: answer.headers.get("x-omniroute-request-id"),
    keyId: "dashboard",
    path: "/api/playground/chat",
  });
});

test("streams come as streams, with what they took at their end", async () => {
  const answer = await ask(signedIn(), { ...QUESTION, stream: true });
  expect(answer.headers.get("content-type")).toContain("text/event-stream");
  const text = await answer.text();
  expect(text).toContain("data: [DONE]");
  expect(text).toMatch(/^: x-omniroute-tokens-out=\d+$/m);
});

test("failures come in OpenAI's shape with the call's id", async () => {
  const answer = await ask(signedIn(), { ...QUESTION, model: "nobody/knows" });
  expect(answer.status).toBe(404);
  expect(await answer.json()).toMatchObject({ error: { code: "model_not_found" } });
});

test.each([
  ["nobody", { "content-type": "application/json" }, 401, "login_required"],
  [
    "a page of another site",
    { ...signedIn(), cookie: "", origin: "https://evil.example" },
    403,
    "cross_site",
  ],
])("%s is refused", async (_who, headers, status, code) => {
  const cookie = "origin" in headers ? `auth_token=${token}` : "";
  const answer = await ask({ ...headers, cookie });
  expect([answer.status, ((await answer.json()) as { error: { code: string } }).error.code]).toEqual([
    status,
    code,
  ]);
});

test("a form of another site, which may carry the cookie, is refused", async () => {
  const answer = await ask({ cookie: `auth_token=${token}`, "content-type": "text/plain" });
  expect(answer.status).toBe(403);
});

test("the public API takes keys and no cookies", async () => {
  const answer = await ask(signedIn(), QUESTION, "/v1/chat/completions");
  expect(answer.status).toBe(401);
});
