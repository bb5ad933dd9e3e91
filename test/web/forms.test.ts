import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { listAudit } from "../../src/store/index.ts";
import type { TestGateway } from "../kit/gateway.ts";
import { chatReply, startUpstream, type Upstream } from "../kit/upstream.ts";
import { ask } from "./demo.ts";
import { signedInVisitor, textOf, type Visitor } from "./kit.ts";

let upstream: Upstream;
let gateway: TestGateway;
let visitor: Visitor;

beforeAll(async () => {
  upstream = startUpstream(() => ({ type: "json", body: {} }));
  ({ gateway, visitor } = await signedInVisitor());
});
afterAll(async () => {
  await gateway.stop();
  await upstream.stop();
});
beforeEach(() => {
  upstream.script(({ path, headers }) => {
    if (headers["authorization"] === "Bearer bad-key")
      return { type: "json", status: 401, body: { error: { message: "Incorrect API key provided." } } };
    if (!path.startsWith("/v1/")) return { type: "text", status: 404, body: "Not here." };
    return path.endsWith("/models")
      ? { type: "json", body: { data: [{ id: "small" }, { id: "large" }] } }
      : { type: "json", body: chatReply("Hello!") };
  });
});

/** Sends a form and shows the page that comes of it. */
async function page(
  path: string,
  fields: { [name: string]: string | readonly string[] } = {},
): Promise<string> {
  const answer = await visitor.post(path, fields);
  return (answer.status === 303 ? await visitor.follow(answer) : answer).text();
}

describe("keys", () => {
  test("a new key is shown once and works; later only its mask is known", async () => {
    const made = await page("/dashboard/endpoint?do=create", { name: "Laptop", scopes: "inference" });
    const key = /sk-omni-[\w-]{43}/.exec(made)?.[0] ?? "";
    expect((await ask(gateway.url, key, "mock/echo")).status).toBe(200);
    const later = await (await visitor.get("/dashboard/endpoint")).text();
    expect(later).not.toContain(key);
    expect(later).toContain(key.slice(0, 12));
  });

  test("a key without a scope is refused, with everything that was typed", async () => {
    const answer = await visitor.post("/dashboard/endpoint?do=create", {
      name: "Scopeless",
      expiresAt: "2031-05-06",
      noLog: "on",
    });
    expect(answer.status).toBe(400);
    const text = await answer.text();
    expect(text).toContain("Tick at least one.");
    expect(text).toContain('value="Scopeless"');
    expect(text).toContain('value="2031-05-06"');
    expect(text).toMatch(/name="noLog"[^>]*checked/);
    expect(gateway.engine.access.listKeys().some(({ name }) => name === "Scopeless")).toBe(false);
  });

  test("rotating gives a new key beside the old one, revoking ends both", async () => {
    const { key: old, record } = gateway.engine.access.createKey({ name: "CI" });
    const path = `/dashboard/endpoint/keys/${record.id}`;
    const rotated = /sk-omni-[\w-]{43}/.exec(await page(`${path}?do=rotate`, { grace: "3600" }))?.[0] ?? "";
    expect((await ask(gateway.url, old, "mock/echo")).status).toBe(200);
    expect((await ask(gateway.url, rotated, "mock/echo")).status).toBe(200);
    expect(await page(`${path}?do=revoke`)).toContain("CI is revoked.");
    expect((await ask(gateway.url, rotated, "mock/echo")).status).toBe(401);
    expect((await ask(gateway.url, old, "mock/echo")).status).toBe(401);
  });

  test("a key's name, scopes and last day can be changed, and the audit log tells of it", async () => {
    const { record } = gateway.engine.access.createKey({ name: "Before" });
    const path = `/dashboard/endpoint/keys/${record.id}`;
    await page(`${path}?do=update`, {
      name: "After",
      scopes: ["inference", "metrics"],
      expiresAt: "2031-05-06",
    });
    const changed = gateway.engine.access.listKeys().find(({ id }) => id === record.id);
    expect(changed).toMatchObject({ name: "After", scopes: ["inference", "metrics"] });
    expect(new Date(changed?.expiresAt ?? 0).toISOString()).toBe("2031-05-06T23:59:59.000Z");
    expect(await page(`${path}?do=update`, { name: "After", scopes: "inference", expiresAt: "" })).toContain(
      ">Active<",
    );
    expect(listAudit(gateway.engine.store)[0]).toMatchObject({
      action: "key.update",
      actor: "admin",
      ip: "127.0.0.1",
    });
  });
});

describe("providers", () => {
  test("several keys become several accounts, each tested in words; a refused one only when one insists", async () => {
    const { id } = gateway.engine.manage.nodes.create(
      { name: "Shop", prefix: "shop", type: "openai-compatible", baseUrl: `${upstream.url}/v1` },
      { name: "test" },
    );
    const fields = {
      name: "Shop",
      apiKey: "good-key-1",
      apiKeys: "good-key-2\n\n  bad-key  \n",
      test: "on",
    };
    const refused = await visitor.post(`/dashboard/providers/${id}?do=add`, fields);
    const asked = await refused.text();
    expect([refused.status, textOf(asked)]).toEqual([
      400,
      expect.stringContaining(
        "Shop 3: The provider does not accept the key. The provider answered 401: Incorrect API key provided.",
      ),
    ]);
    expect(asked).toMatch(/aria-invalid="true"[^>]*name="apiKeys"|name="apiKeys"[^>]*aria-invalid="true"/);
    expect(asked).toContain('name="anyway"');
    expect(gateway.engine.manage.connections.list().some(({ provider }) => provider === id)).toBe(false);
    const text = textOf(await page(`/dashboard/providers/${id}?do=add`, { ...fields, anyway: "on" }));
    expect(text).toContain("3 accounts are connected.");
    expect(text).toContain("Shop works.");
    expect(text).toContain("Shop 3 does not work.");
    expect(text).toContain("The provider does not accept the key.");
    expect(text).toContain("Incorrect API key provided.");
    expect(text).toContain("Key refused");
    expect(text).not.toContain("good-key-1");
  });

  test("a key that is missing is asked for, beside its field", async () => {
    const answer = await visitor.post("/dashboard/providers/openai?do=add", { name: "Team", priority: "7" });
    expect(answer.status).toBe(400);
    const text = await answer.text();
    expect(text).toMatch(/name="apiKey"[^>]*aria-invalid="true"|aria-invalid="true"[^>]*name="apiKey"/);
    expect(text).toContain("This provider needs an API key.");
    expect(text).toContain('value="Team"');
    expect(text).toContain('value="7"');
  });

  test("an account can be tested, paused, changed and removed", async () => {
    const { id } = gateway.engine.manage.connections.create(
      { provider: "groq", name: "Groq", apiKey: "gsk-canary-1234" },
      { name: "test" },
    );
    expect(await page("/dashboard/providers/groq?do=switch", { id, to: "off" })).toContain(
      "Groq is switched off.",
    );
    expect(gateway.engine.manage.connections.find(id).status).toBe("off");
    const path = `/dashboard/providers/groq/connections/${id}`;
    const changed = await page(`${path}?do=save`, {
      name: "Groq account",
      priority: "4",
      baseUrl: `${upstream.url}/v1`,
      defaultModel: "",
      isActive: "on",
    });
    expect(changed).toContain("Groq account is saved.");
    expect(gateway.engine.manage.connections.find(id)).toMatchObject({
      name: "Groq account",
      priority: 4,
      isActive: true,
      baseUrl: `${upstream.url}/v1`,
      maskedKey: "…1234",
    });
    expect(textOf(await page("/dashboard/providers/groq?do=test", { id }))).toContain("Groq account works.");
    expect(await page("/dashboard/providers/groq?do=remove", { id })).toContain("Groq account is removed.");
    expect((await visitor.get(path)).status).toBe(404);
  });

  test.each([
    ["nonsense", "not an address", 400],
    ["a metadata address", "http://169.254.169.254/latest", 400],
  ])("%s is refused as a base URL, with what was typed", async (_name, baseUrl, status) => {
    const answer = await visitor.post("/dashboard/providers/new?do=create", {
      kind: "chat",
      name: "Bad place",
      prefix: "bad-place",
      baseUrl,
    });
    expect(answer.status).toBe(status);
    const text = await answer.text();
    expect(text).toContain('value="bad-place"');
    expect(text).toMatch(/aria-invalid="true"[^>]*name="baseUrl"/);
    expect(text).toContain('class="field-fault"');
  });

  test("an endpoint is tested, mended, added and lists its models", async () => {
    const fields = { kind: "chat", name: "Attic", prefix: "attic", baseUrl: upstream.url };
    const checked = textOf(await page("/dashboard/providers/new?do=check", fields));
    expect(checked).toContain("The endpoint works.");
    expect(checked).toContain(`The address that works is ${upstream.url}/v1`);
    const made = textOf(await page("/dashboard/providers/new?do=create", fields));
    expect(made).toContain("Attic is connected. 2 models are listed.");
    expect(made).toContain("attic/large");
    const answer = await visitor.post("/dashboard/providers/new?do=create", fields);
    expect(answer.status).toBe(409);
    expect(await answer.text()).toContain("This prefix is taken by another provider.");
  });

  test("a server that is not running is told in words, and can be added anyway", async () => {
    const fields = { kind: "chat", name: "Later", prefix: "later", baseUrl: "http://127.0.0.1:9/v1" };
    const refused = textOf(await page("/dashboard/providers/new?do=create", fields));
    expect(refused).toContain("Nobody listens at this address.");
    expect(refused).toContain("Check that the server is running");
    expect(await page("/dashboard/providers/new?do=create", { ...fields, anyway: "on" })).toContain(
      "Later is connected.",
    );
  });

  test("the provider's models are asked for, added and taken off again", async () => {
    const { id } = gateway.engine.manage.nodes.create(
      { name: "Cellar", prefix: "cellar", type: "openai-compatible", baseUrl: `${upstream.url}/v1` },
      { name: "test" },
    );
    const { id: account } = gateway.engine.manage.connections.create(
      { provider: id, name: "Cellar" },
      { name: "test" },
    );
    const path = `/dashboard/providers/${id}`;
    expect(await page(`${path}?do=discover`, { id: account })).toContain("The provider named 2 models.");
    expect(await page(`${path}?do=add-models`, { models: ["small"], names: "by-hand" })).toContain(
      "2 models are added.",
    );
    expect(await page(`${path}?do=remove-model`, { model: "by-hand" })).toContain("by-hand is off the list.");
    expect(gateway.engine.manage.models.list(id).map((model) => model.id)).toEqual(["small"]);
    expect(await page(`${path}?do=remove-node`)).toContain("Cellar is removed.");
  });
});

describe("combos", () => {
  const ROWS = {
    model: ["mock/echo", "mock/think", "mock/tools"],
    weight: ["1", "2", "3"],
    connectionId: ["", "", ""],
  };
  const FORM = {
    name: "my-combo",
    strategy: "weighted",
    isActive: "on",
    timeoutMs: "5000",
    affinity: "off",
    ...ROWS,
  };

  test.each([
    ["up:1", ["mock/think", "mock/echo", "mock/tools"], ["2", "1", "3"]],
    ["down:0", ["mock/think", "mock/echo", "mock/tools"], ["2", "1", "3"]],
    ["up:0", ["mock/echo", "mock/think", "mock/tools"], ["1", "2", "3"]],
    ["down:2", ["mock/echo", "mock/think", "mock/tools"], ["1", "2", "3"]],
    ["remove:1", ["mock/echo", "mock/tools"], ["1", "3"]],
    ["add", ["mock/echo", "mock/think", "mock/tools", ""], ["1", "2", "3", ""]],
    ["up:99", ["mock/echo", "mock/think", "mock/tools"], ["1", "2", "3"]],
  ])("without scripts the server moves rows: %s", async (move, models, weights) => {
    const answer = await visitor.post("/dashboard/combos/new?do=arrange", { ...FORM, move });
    expect(answer.status).toBe(200);
    const text = await answer.text();
    const values = (name: string) =>
      [...text.matchAll(/<input\b[^>]*>/g)]
        .map(([tag]) => tag)
        .filter((tag) => tag.includes(`name="${name}"`))
        .map((tag) => /value="([^"]*)"/.exec(tag)?.[1] ?? "");
    expect(values("model")).toEqual(models);
    expect(values("weight")).toEqual(weights);
    expect(text).toContain('value="my-combo"');
    expect(text).toContain('value="5000"');
  });

  test("a combo is made, tried, changed and removed", async () => {
    expect(await page("/dashboard/combos/new?do=save", FORM)).toContain("my-combo can be called now.");
    const [combo] = gateway.engine.manage.combos.list().filter(({ name }) => name === "my-combo");
    expect(combo).toMatchObject({
      strategy: "weighted",
      models: [
        { model: "mock/echo", weight: 1 },
        { model: "mock/think", weight: 2 },
        { model: "mock/tools", weight: 3 },
      ],
      config: { timeoutMs: 5000, affinity: false },
      isActive: true,
    });
    const path = `/dashboard/combos/${combo!.id}`;
    expect(textOf(await page(`${path}?do=test`))).toContain("Answered mock/echo");
    await page(`${path}?do=save`, {
      ...FORM,
      strategy: "priority",
      timeoutMs: "",
      model: ["mock/think"],
      weight: [""],
      connectionId: [""],
    });
    expect(gateway.engine.manage.combos.find(combo!.id)).toMatchObject({
      models: [{ model: "mock/think" }],
      config: { affinity: false },
    });
    expect(gateway.engine.manage.combos.find(combo!.id).config.timeoutMs).toBeUndefined();
    expect(textOf(await (await visitor.get(path)).text())).toContain("mock/think");
    expect(await page(`${path}?do=remove`)).toContain("my-combo is removed.");
  });

  test("a rehearsal shows the way taken past the faults that were chosen, and keeps the choice", async () => {
    const { id } = gateway.engine.manage.combos.create(
      { name: "rehearsed", models: ["mock/echo", "mock/think", "mock/tools"], strategy: "priority" },
      { name: "test" },
    );
    const path = `/dashboard/combos/${id}`;
    const form = { "fault-1": "429", "fault-2": "refused", "fault-3": "", requests: "2", stream: "on" };
    const before = gateway.engine.health.snapshot();
    const shown = await page(`${path}?do=rehearse`, form);
    const text = textOf(shown);
    expect(text).toContain("Request 1 Answered mock/tools");
    expect(text).toContain("Rate limited 429");
    expect(text).toContain("rate limited: on to the next target at once");
    // The first rests now, so that the second request does not ask it.
    expect(text).toMatch(/Request 2 Answered mock\/tools .*Left out mock\/echo/);
    expect(shown).toMatch(/<option[^>]*(?:value="429"[^>]*selected|selected[^>]*value="429")/);
    expect(gateway.engine.health.snapshot()).toEqual(before);

    const all = textOf(await page(`${path}?do=rehearse`, { ...form, "fault-3": "500" }));
    expect(all).toContain("No whole answer: 5");
    expect((await visitor.post(`${path}?do=rehearse`, { ...form, requests: "99" })).status).toBe(400);
    expect((await visitor.post(`${path}?do=rehearse`, { ...form, "fault-1": "gremlins" })).status).toBe(400);
  });

  test("the dry run says what is left out and why", async () => {
    const { id } = gateway.engine.manage.combos.create(
      { name: "dead-legs", models: ["if/kimi-k2-thinking", "cohere/command-a", "mock/echo"] },
      { name: "test" },
    );
    const text = textOf(await (await visitor.get(`/dashboard/combos/${id}`)).text());
    expect(text).toContain("if/kimi-k2-thinking Provider shut down");
    expect(text).toContain("cohere/command-a Not connected");
    expect(text).toContain("Suggested in its place: glm/glm-4.7");
  });

  test.each([
    ["a taken name", { name: "taken" }, 409, "This name is taken"],
    ["a name with spaces", { name: "my combo" }, 400, "my combo"],
    [
      "a circle",
      { name: "circle", model: ["circle"], weight: [""], connectionId: [""] },
      400,
      "circle → circle",
    ],
    ["an unknown strategy", { name: "odd", strategy: "astrology" }, 400, "astrology"],
  ])("%s is refused with everything that was typed", async (_name, changes, status, said) => {
    if (!gateway.engine.manage.combos.list().some(({ name }) => name === "taken"))
      gateway.engine.manage.combos.create({ name: "taken", models: ["mock/echo"] }, { name: "test" });
    const answer = await visitor.post("/dashboard/combos/new?do=save", { ...FORM, ...changes });
    expect(answer.status).toBe(status);
    const text = await answer.text();
    if (said !== "astrology") expect(text).toContain(said);
    expect(text).toContain(`value="${changes.name}"`);
    expect(text).toContain('value="5000"');
  });

  test("a combo that others use says so before it goes", async () => {
    const { id } = gateway.engine.manage.combos.create(
      { name: "inner", models: ["mock/echo"] },
      { name: "test" },
    );
    gateway.engine.manage.combos.create({ name: "outer", models: ["inner"] }, { name: "test" });
    expect(await (await visitor.get(`/dashboard/combos/${id}`)).text()).toContain("It is used by outer.");
  });
});

describe("settings", () => {
  test("the password changes, other sign-ins end, this one stays", async () => {
    const own = await signedInVisitor();
    const { token } = await own.gateway.engine.access.login("a long enough test password", "192.0.2.1");
    const wrong = await own.visitor.post("/dashboard/settings?do=password", {
      currentPassword: "not this one",
      newPassword: "another long password",
      repeated: "another long password",
    });
    expect(wrong.status).toBe(400);
    const text = await wrong.text();
    expect(text).toContain("The current password is wrong.");
    expect(text).not.toContain("another long password");
    const changed = await own.visitor.post("/dashboard/settings?do=password", {
      currentPassword: "a long enough test password",
      newPassword: "another long password",
      repeated: "another long password",
    });
    expect(await (await own.visitor.follow(changed)).text()).toContain("The password is changed.");
    expect(own.gateway.engine.access.findSession(token)).toBeUndefined();
    await own.gateway.stop();
  });

  test("a sign-in of another device can be ended", async () => {
    const { session } = await gateway.engine.access.login("a long enough test password", "192.0.2.55");
    expect(await (await visitor.get("/dashboard/settings")).text()).toContain("192.0.2.55");
    await page("/dashboard/settings?do=end-session", { id: session.id });
    expect(await (await visitor.get("/dashboard/settings")).text()).not.toContain("192.0.2.55");
  });

  test("what is saved holds on the next request", async () => {
    await page("/dashboard/settings?do=block", { blocked: ["mock"] });
    expect(gateway.engine.settings().blockedProviders).toEqual(["mock"]);
    await page("/dashboard/settings?do=block");
    expect(gateway.engine.settings().blockedProviders).toEqual([]);

    await page("/dashboard/settings/ai?do=thinking", {
      mode: "custom",
      customBudget: "2048",
      effortLevel: "low",
    });
    await page("/dashboard/settings/ai?do=prompt", { enabled: "on", prompt: "Be brief.\n" });
    expect(gateway.engine.settings()).toMatchObject({
      thinkingBudget: { mode: "custom", customBudget: 2048, effortLevel: "low" },
      systemPrompt: { enabled: true, prompt: "Be brief.\n" },
    });

    await page("/dashboard/settings/advanced?do=save", {
      instanceName: "Attic",
      language: "pt-BR",
      theme: "dark",
      corsOrigins: "https://app.example.org/\n*",
    });
    expect(gateway.engine.settings()).toMatchObject({
      instanceName: "Attic",
      language: "pt-BR",
      theme: "dark",
      mockEnabled: false,
      corsOrigins: ["https://app.example.org", "*"],
    });
    await page("/dashboard/settings/advanced?do=save", {
      mockEnabled: "on",
      language: "",
      theme: "system",
      corsOrigins: "",
    });
  });

  test("a line that is no origin is refused with everything that was typed", async () => {
    const answer = await visitor.post("/dashboard/settings/advanced?do=save", {
      instanceName: "Kept",
      theme: "system",
      language: "",
      corsOrigins: "example.org/path",
    });
    expect(answer.status).toBe(400);
    const text = await answer.text();
    expect(text).toContain("One line is no origin.");
    expect(text).toContain("example.org/path");
    expect(text).toContain('value="Kept"');
  });

  test("a copy of the configuration is made, but not two in a minute", async () => {
    expect(await page("/dashboard/settings/storage?do=backup")).toMatch(
      /omniroute-\w+-manual\.sqlite is written\./,
    );
    expect((await visitor.post("/dashboard/settings/storage?do=backup")).status).toBe(409);
  });
});

test("everything that is locked out can be let in again, one by one or all", async () => {
  const { key } = gateway.engine.access.createKey({ name: "Locker" });
  await ask(gateway.url, key, "mock/429");
  const health = await (await visitor.get("/dashboard/health")).text();
  const identifier = /name="identifier" value="([^"]+)"/.exec(health)?.[1] ?? "";
  expect(identifier).toBe("model:builtin:mock/429");
  expect(await page("/dashboard/health?do=unlock", { identifier })).toContain("It may be used again.");
  expect(await page("/dashboard/health?do=unlock", { identifier })).toContain("It was not locked any more.");
  await ask(gateway.url, key, "mock/429");
  expect(await page("/dashboard/health?do=reset")).toMatch(
    /(One breaker or cooldown was|\d+ breakers and cooldowns were) reset/,
  );
});

test("texts of users and providers are shown, never obeyed", async () => {
  const own = await signedInVisitor();
  const { engine } = own.gateway;
  const hostile = `"><script>alert(1)</script><img src=x onerror=alert(2)>' {name} \u202e`;
  const { manage } = engine;
  manage.settings.change({ instanceName: hostile.slice(0, 100) }, { name: hostile });
  const node = manage.nodes.create(
    { name: hostile, prefix: "evil", type: "openai-compatible", baseUrl: `${upstream.url}/v1` },
    { name: hostile },
  );
  upstream.script(() => ({ type: "json", status: 400, body: { error: { message: hostile } } }));
  const account = manage.connections.create(
    { provider: node.id, name: hostile, apiKey: "k" },
    { name: hostile },
  );
  manage.models.add([{ provider: node.id, id: hostile, name: hostile }], { name: hostile });
  const combo = manage.combos.create({ name: "evil-combo", models: [{ model: hostile }] }, { name: hostile });
  const { key, record } = engine.access.createKey({ name: hostile });
  await ask(own.gateway.url, key, `evil/${hostile}`);
  await ask(own.gateway.url, key, hostile);
  await manage.connections.test(account.id, AbortSignal.timeout(5000));
  const request = own.gateway.lastRequest()?.id ?? "";
  for (const path of [
    "/dashboard",
    "/dashboard/endpoint",
    `/dashboard/endpoint/keys/${record.id}`,
    `/dashboard/endpoint/clients?model=${encodeURIComponent(hostile)}`,
    "/dashboard/providers",
    `/dashboard/providers?q=${encodeURIComponent(hostile)}`,
    `/dashboard/providers/${node.id}`,
    `/dashboard/providers/${node.id}/connections/${account.id}`,
    "/dashboard/combos",
    `/dashboard/combos/${combo.id}`,
    "/dashboard/logs",
    `/dashboard/logs?search=${encodeURIComponent(hostile)}&model=${encodeURIComponent(hostile)}`,
    `/dashboard/logs/${request}`,
    "/dashboard/logs/audit",
    `/dashboard/logs/audit?action=${encodeURIComponent(hostile)}`,
    "/dashboard/health",
    "/dashboard/settings",
    "/setup/provider",
    "/setup/client",
    `/login?next=${encodeURIComponent(hostile)}`,
  ]) {
    const answer = await own.visitor.get(path);
    const text = await answer.text();
    expect(text, path).not.toContain("<script>alert");
    expect(text, path).not.toContain("<img src=x");
  }
  await own.gateway.stop();
});

test("no page, and no refusal, shows a stored secret", async () => {
  const own = await signedInVisitor();
  const { engine } = own.gateway;
  const secret = "sk-canary-0123456789abcdef";
  engine.manage.connections.create({ provider: "openai", name: "Team", apiKey: secret }, { name: "test" });
  const [account] = engine.manage.connections.list();
  for (const path of [
    "/dashboard",
    "/dashboard/providers",
    "/dashboard/providers/openai",
    `/dashboard/providers/openai/connections/${account!.id}`,
    "/dashboard/logs/audit",
    "/setup/provider",
  ])
    expect(await (await own.visitor.get(path)).text(), path).not.toContain(secret.slice(0, -4));
  await own.gateway.stop();
});
