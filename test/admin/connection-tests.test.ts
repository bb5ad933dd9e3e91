import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type InProcess, startInProcess } from "../kit/in-process.ts";
import { json } from "../kit/wires/wire.ts";

let app: InProcess;
beforeAll(async () => {
  app = await startInProcess();
  app.outbound.script = ({ url, headers }) => {
    if (!url.endsWith("/models")) return json({ error: { message: "no such path" } }, 404);
    return headers.authorization === "Bearer bad"
      ? json({ error: { message: "Incorrect API key provided", code: "invalid_api_key" } }, 401)
      : json({ object: "list", data: [{ id: "m" }] });
  };
  const { connections } = app.engine.manage;
  const add = (provider: string, name: string, apiKey: string, more = {}) =>
    connections.create({ provider, name, apiKey, ...more }, { name: "test" });
  add("openai", "good", "good");
  add("openai", "refused", "bad");
  add("groq", "off", "bad", { isActive: false });
  app.node("own");
});
afterAll(() => app.stop());

const batch = async (body: object) => (await app.admin("POST", "/api/providers/test-batch", body)).body;
const namesIn = ({ results }: { results: { connectionName: string }[] }) =>
  results.map(({ connectionName }) => connectionName).toSorted();

describe("a key that is not saved", () => {
  test("is tested as it would be used, and nothing is kept", async () => {
    const before = app.engine.manage.connections.list().length;
    const good = await app.admin("POST", "/api/providers/validate", { provider: "openai", apiKey: " good " });
    expect(good).toMatchObject({ status: 200, body: { valid: true, error: null, statusCode: 200 } });
    const bad = await app.admin("POST", "/api/providers/validate", { provider: "openai", apiKey: "bad" });
    expect(bad.body).toMatchObject({ valid: false, statusCode: 401, diagnosis: { type: "bad-key" } });
    expect(bad.body.error).toBeString();
    expect(app.engine.manage.connections.list()).toHaveLength(before);
  });

  test("may be meant for another address", async () => {
    const body = { provider: "openai", apiKey: "good", baseUrl: "https://proxy.example/v1/" };
    await app.admin("POST", "/api/providers/validate", body);
    expect(app.outbound.sent.at(-1)!.url).toBe("https://proxy.example/v1/models");
  });

  test.each([
    [{ provider: "nobody", apiKey: "k" }, 400],
    [{ apiKey: "k" }, 400],
    [{ provider: "iflow", apiKey: "k" }, 410],
  ])("%j is refused", async (body, status) => {
    expect((await app.admin("POST", "/api/providers/validate", body)).status).toBe(status);
  });
});

describe("many connections are tested at once", () => {
  test("all that are on, with a sum and what each said", async () => {
    const answer = await batch({ mode: "all" });
    expect(answer).toMatchObject({ mode: "all", summary: { total: 3, passed: 2, failed: 1 } });
    expect(namesIn(answer)).toEqual(["good", "own 1", "refused"]);
    const refused = answer.results.find((one: any) => one.connectionName === "refused");
    expect(refused).toMatchObject({ valid: false, provider: "openai", diagnosis: { type: "bad-key" } });
    const shown = app.engine.manage.connections.list().find(({ name }) => name === "refused");
    expect(shown?.lastTest?.ok).toBe(false);
  });

  test.each([
    [{ mode: "provider", providerId: "openai" }, ["good", "refused"]],
    [{ mode: "provider", providerId: "own" }, ["own 1"]],
    [{ mode: "apikey" }, ["good", "refused"]],
    [{ mode: "compatible" }, ["own 1"]],
    [{ mode: "oauth" }, []],
    [{ mode: "free" }, []],
  ])("or those of %j", async (body, names) => {
    expect(namesIn(await batch(body))).toEqual(names);
  });

  test.each([[{ mode: "provider" }], [{ mode: "some" }], [{}]])("%j is refused", async (body) => {
    expect((await app.admin("POST", "/api/providers/test-batch", body)).status).toBe(400);
  });
});

test("connections are listed for clients too, without their keys", async () => {
  const { status, body } = await app.admin("GET", "/api/providers/client");
  expect(status).toBe(200);
  expect(body.connections).toHaveLength(4);
  expect(JSON.stringify(body)).not.toContain('credentials"');
});
