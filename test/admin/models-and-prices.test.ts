import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startGateway, type TestGateway } from "../kit/gateway.ts";
import { chatReply, startUpstream, type Upstream } from "../kit/upstream.ts";

let gateway: TestGateway;
let upstream: Upstream;
let owner: string;
let connectionId: string;

const MODELS = { data: [{ id: "chatty", context_length: 9000 }, { id: "nomic-embed-text" }] };

beforeAll(async () => {
  gateway = await startGateway();
  upstream = startUpstream(() => ({ type: "json", status: 404, body: {} }));
  owner = readFileSync(join(gateway.dataDir, "cli-token"), "utf8").trim();
  connectionId = gateway.node("up", `${upstream.url}/v1`);
});
afterAll(async () => {
  await gateway.stop();
  await upstream.stop();
});
beforeEach(() => {
  upstream.script((seen) =>
    seen.path.endsWith("/models")
      ? { type: "json", body: MODELS }
      : { type: "json", body: chatReply("hi", { usage: [1_000_000, 1_000_000] }) },
  );
});

async function api(method: string, path: string, body?: unknown) {
  const response = await fetch(gateway.url + path, {
    method,
    headers: { authorization: `Bearer ${owner}` },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as any };
}

const chat = (model: string) =>
  fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    body: JSON.stringify({ model, messages: [{ role: "user", content: "hi" }] }),
  });

describe("models of one's own", () => {
  test("are added, listed, called and taken away as documented", async () => {
    const added = await api("POST", "/api/provider-models", {
      provider: "up",
      modelId: "mine",
      modelName: "My model",
    });
    expect(added.body).toEqual({
      model: {
        id: "mine",
        name: "My model",
        source: "manual",
        apiFormat: "chat-completions",
        supportedEndpoints: ["chat"],
        type: "chat",
        contextLength: null,
      },
    });
    const listed = await api("GET", "/api/provider-models?provider=up");
    expect(listed.body).toMatchObject({ models: [{ id: "mine" }], modelCompatOverrides: [] });
    const all = await api("GET", "/api/provider-models");
    expect(Object.values(all.body.models).flat()).toMatchObject([{ id: "mine" }]);
    const public_ = await (await fetch(`${gateway.url}/v1/models`)).json();
    expect(public_.data.map(({ id }: { id: string }) => id)).toContain("up/mine");
    expect((await chat("up/mine")).status).toBe(200);
    expect((await api("DELETE", "/api/provider-models?provider=up&model=mine")).body).toEqual({
      removed: true,
    });
    expect((await api("DELETE", "/api/provider-models?provider=up&model=mine")).body).toEqual({
      removed: false,
    });
  });

  test("may be of any kind", async () => {
    const { body } = await api("POST", "/api/provider-models", {
      provider: "up",
      modelId: "vectors",
      modelName: "Vectors",
      type: "embedding",
      contextLength: 512,
    });
    expect(body.model).toMatchObject({ supportedEndpoints: ["embeddings"], contextLength: 512 });
    const embedders = await (await fetch(`${gateway.url}/v1/embeddings`)).json();
    expect(embedders.data).toMatchObject([{ id: "up/vectors", type: "embedding", dimensions: null }]);
    await api("DELETE", "/api/provider-models?provider=up&model=vectors");
  });

  test("are imported from the provider's own list, those that are not known yet", async () => {
    const some = await api("POST", "/api/provider-models/import", { connectionId, models: ["chatty"] });
    expect(some.body).toMatchObject({ listed: 2, added: [{ id: "chatty", contextLength: 9000 }], known: [] });
    const rest = await api("POST", "/api/provider-models/import", { connectionId });
    expect(rest.body).toMatchObject({
      added: [{ id: "nomic-embed-text", type: "embedding" }],
      known: ["chatty"],
    });
    upstream.script(() => ({ type: "json", status: 401, body: { error: { message: "bad key" } } }));
    const refused = await api("POST", "/api/provider-models/import", { connectionId });
    expect(refused.status).toBe(400);
    expect(refused.body.error.message).toContain("bad key");
  });

  test.each([
    ["POST", "/api/provider-models", { provider: "up", modelId: "x" }, "modelName"],
    ["POST", "/api/provider-models", { modelId: "x", modelName: "X" }, "provider"],
    ["POST", "/api/provider-models", { provider: "nobody", modelId: "x", modelName: "X" }, undefined],
    ["DELETE", "/api/provider-models?model=x", undefined, undefined],
  ])("%s %s %j is a 400", async (method, path, body, field) => {
    const answer = await api(method, path, body);
    expect(answer.status).toBe(400);
    if (field) expect(answer.body.error.details).toMatchObject([{ field }]);
  });
});

test("the catalogue lists every provider under its prefix, with kinds and states", async () => {
  const { body } = await api("GET", "/api/models/catalog");
  expect(body.catalog.up).toMatchObject({ active: true });
  expect(body.catalog.openai).toMatchObject({ provider: "openai", active: false });
  const kinds = body.catalog.openai.models.map(({ type }: { type: string }) => type);
  expect(new Set(kinds)).toEqual(new Set(["chat", "embedding", "image", "audio", "moderation"]));
  expect(body.catalog.pplx.models).toContainEqual(
    expect.objectContaining({ id: "sonar", status: "shut-down", since: "2026-09-27" }),
  );
  expect(typeof body.catalogVersion).toBe("string");
});

test("the flat list names what is connected, and all on request", async () => {
  const here = (await api("GET", "/api/models")).body.models;
  expect(here.every(({ available }: { available: boolean }) => available)).toBe(true);
  const all = (await api("GET", "/api/models?all=true")).body.models;
  expect(all).toContainEqual({
    provider: "groq",
    model: "llama-3.1-8b-instant",
    fullModel: "groq/llama-3.1-8b-instant",
    alias: "llama-3.1-8b-instant",
    available: false,
  });
});

describe("prices of one's own", () => {
  test("count from the next call on, in part or whole, and can be taken back", async () => {
    const unknown = await chat("up/priced");
    expect(unknown.headers.get("x-omniroute-response-cost")).toBeNull();
    const changed = await api("PATCH", "/api/pricing", {
      up: { priced: { input: 2, output: 6, cached: 0.2 } },
    });
    expect(changed.body.up.priced).toEqual({ input: 2, output: 6, cached: 0.2 });
    const priced = await chat("up/priced");
    expect(priced.headers.get("x-omniroute-response-cost")).toBe("8.0000000000");
    await api("PATCH", "/api/pricing", { up: { priced: { output: 3, cached: null } } });
    const { body } = await api("GET", "/api/pricing");
    expect(body.up.priced).toEqual({ input: 2, output: 3 });
    await api("DELETE", "/api/pricing?provider=up&model=priced");
    expect((await chat("up/priced")).headers.get("x-omniroute-response-cost")).toBeNull();
  });

  test("stand over the built-in ones, which stay to be seen", async () => {
    await api("PATCH", "/api/pricing", { groq: { "llama-3.1-8b-instant": { input: 7 } } });
    const now = (await api("GET", "/api/pricing")).body.groq["llama-3.1-8b-instant"];
    expect(now).toEqual({ input: 7, output: 0.08 });
    const built = (await api("GET", "/api/pricing/defaults")).body.groq["llama-3.1-8b-instant"];
    expect(built).toEqual({ input: 0.05, output: 0.08 });
    const { models } = (await api("GET", "/api/pricing/models")).body.groq;
    expect(models).toContainEqual({
      id: "llama-3.1-8b-instant",
      name: "llama-3.1-8b-instant",
      custom: false,
      pricing: { input: 7, output: 0.08 },
      source: "user",
    });
    expect(models).toContainEqual(expect.objectContaining({ id: "whisper-large-v3", source: "unknown" }));
    await api("DELETE", "/api/pricing?provider=groq");
  });

  test("may be of other units, and these are not shown as tokens for nothing", async () => {
    await api("PATCH", "/api/pricing", { dg: { "nova-3": { perMinute: 0.0043 } } });
    expect((await api("GET", "/api/pricing")).body.dg["nova-3"]).toEqual({ perMinute: 0.0043 });
    await api("DELETE", "/api/pricing?provider=dg");
  });

  test.each([
    [{ groq: { a: { input: -1 } } }, "groq.a.input"],
    [{ groq: { a: { input: "free" } } }, "groq.a.input"],
    [{ groq: { a: { perDay: 1 } } }, "groq.a"],
    [{ groq: 5 }, "groq"],
  ])("%j is a 400", async (body, field) => {
    const answer = await api("PATCH", "/api/pricing", body);
    expect(answer.status).toBe(400);
    expect(answer.body.error.details[0].field).toBe(field);
  });
});

describe("newer facts", () => {
  const catalogue = {
    version: "2027-01-01",
    providers: [
      {
        id: "groq",
        models: [{ id: "llama-9", context: 5000, price: { input: 1, output: 2 } }],
        removed: ["mixtral-8x7b"],
      },
      { id: "hyperbolic", status: { state: "shut-down", since: "2026-12-31", note: "It closed." } },
    ],
  };

  test("come from an address that a person names, and from nowhere else", async () => {
    upstream.seen.length = 0;
    upstream.script(() => ({ type: "json", body: catalogue }));
    const loaded = await api("POST", "/api/catalogue", { url: `${upstream.url}/catalogue.json` });
    expect(loaded.body).toMatchObject({ source: "file", version: "2027-01-01", warnings: [] });
    expect(upstream.seen.map(({ method, path }) => `${method} ${path}`)).toEqual(["GET /catalogue.json"]);
    expect(upstream.seen[0]!.headers.authorization).toBeUndefined();
    const { groq } = (await api("GET", "/api/models/catalog")).body.catalog;
    const ids = groq.models.map(({ id }: { id: string }) => id);
    expect([ids.includes("llama-9"), ids.includes("mixtral-8x7b")]).toEqual([true, false]);
    const file = join(gateway.dataDir, "catalogue.json");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const gone = await chat("hyp/SD2");
    expect([gone.status, (await gone.json()).error.code]).toEqual([410, "provider_shut_down"]);
  });

  test("may be put into the data directory, and a broken file changes nothing", async () => {
    const file = join(gateway.dataDir, "catalogue.json");
    writeFileSync(file, JSON.stringify({ ...catalogue, version: "by hand" }));
    expect((await api("POST", "/api/catalogue/reload")).body.version).toBe("by hand");
    writeFileSync(file, "{");
    const broken = (await api("POST", "/api/catalogue/reload")).body;
    expect(broken.source).toBe("built-in");
    expect(broken.warnings[0]).toContain("catalogue.json is not used");
    await api("DELETE", "/api/catalogue");
    expect(existsSync(file)).toBe(false);
    expect((await api("GET", "/api/catalogue")).body).toMatchObject({ source: "built-in", warnings: [] });
  });

  test("yield to the user's own", async () => {
    await api("PATCH", "/api/pricing", { groq: { "llama-9": { input: 5 } } });
    await api("POST", "/api/catalogue", catalogue);
    expect((await api("GET", "/api/pricing")).body.groq["llama-9"]).toEqual({ input: 5, output: 2 });
    await api("DELETE", "/api/catalogue");
    await api("DELETE", "/api/pricing?provider=groq");
  });

  test.each([
    [{ version: "1" }, "no list"],
    [{ url: "ftp://example.org/c.json" }, "no web address"],
    [{ url: "http://169.254.169.254/c.json" }, "an address of the cloud's own"],
  ])("%j is refused: %s", async (body) => {
    expect((await api("POST", "/api/catalogue", body)).status).toBe(400);
  });
});

test("a local server's models are listed once it has been asked", async () => {
  const { engine } = gateway;
  engine.manage.connections.create(
    { provider: "ollama", name: "here", baseUrl: `${upstream.url}/v1` },
    { name: "test" },
  );
  const ids = async () => {
    const list = await (await fetch(`${gateway.url}/v1/models`)).json();
    return list.data.map(({ id }: { id: string }) => id);
  };
  while (!(await ids()).includes("ollama/chatty")) await Bun.sleep(10);
});
