import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { lastDayUsage } from "../../src/store/index.ts";
import type { TestGateway } from "../kit/gateway.ts";
import { startHttpProxy } from "../kit/proxies.ts";
import { ask } from "./demo.ts";
import { signedInVisitor, textOf, Visitor } from "./kit.ts";

let gateway: TestGateway;
let visitor: Visitor;

beforeAll(async () => {
  ({ gateway, visitor } = await signedInVisitor());
});
afterAll(() => gateway.stop());

async function page(
  path: string,
  fields: { [name: string]: string | readonly string[] } = {},
): Promise<string> {
  const answer = await visitor.post(path, fields);
  return (answer.status === 303 ? await visitor.follow(answer) : answer).text();
}

describe("routing", () => {
  const PATH = "/dashboard/settings/routing";

  test("an alias leads to what was chosen, and goes again", async () => {
    expect(await page(`${PATH}?do=alias`, { pattern: "my-name-*", target: "mock/echo" })).toContain(
      "my-name-* is saved.",
    );
    const { key } = gateway.engine.access.createKey({ name: "Alias" });
    expect((await ask(gateway.url, key, "my-name-1")).status).toBe(200);
    expect(await page(`${PATH}?do=remove-alias`, { pattern: "my-name-*" })).toContain(
      "my-name-* is removed.",
    );
    expect((await ask(gateway.url, key, "my-name-1")).status).toBe(404);
  });

  test("an alias that would lead round in a circle is refused with what was typed", async () => {
    const answer = await visitor.post(`${PATH}?do=alias`, { pattern: "round", target: "round" });
    expect(answer.status).toBe(400);
    const text = await answer.text();
    expect(text).toContain("would lead back to itself");
    expect(text).toContain('value="round"');
  });

  test("a chain takes over where a request's own models fail", async () => {
    await page(`${PATH}?do=chain`, {
      name: "rescue",
      match: "mock/500*",
      models: "mock/think\nmock/echo",
      priority: "2",
      enabled: "on",
    });
    expect(gateway.engine.manage.chains.list().chains).toMatchObject([
      { name: "rescue", match: "mock/500*", models: ["mock/think", "mock/echo"], priority: 2, enabled: true },
    ]);
    const { key } = gateway.engine.access.createKey({ name: "Chain" });
    expect((await ask(gateway.url, key, "mock/500")).status).toBe(200);
    expect(await page(`${PATH}?do=remove-chain`, { name: "rescue" })).toContain("rescue is removed.");
  });

  test("the order of accounts and the defaults of combos are kept", async () => {
    await page(`${PATH}?do=accounts`, { fallbackStrategy: "round-robin", stickyRoundRobinLimit: "7" });
    expect(gateway.engine.settings()).toMatchObject({
      fallbackStrategy: "round-robin",
      stickyRoundRobinLimit: 7,
      affinityEnabled: false,
    });
    gateway.engine.manage.comboDefaults.change({ comboDefaults: { strategy: "random" } }, { name: "test" });
    await page(`${PATH}?do=combo-defaults`, { maxRetries: "3", timeoutMs: "" });
    expect(gateway.engine.settings().comboDefaults).toEqual({ strategy: "random", maxRetries: 3 });
    gateway.engine.manage.settings.change({ comboDefaults: {} }, { name: "test" });
    await page(`${PATH}?do=combo-defaults`, { healthCheckEnabled: "on", affinity: "off" });
    expect(gateway.engine.settings().comboDefaults).toEqual({ healthCheckEnabled: true, affinity: false });
    await page(`${PATH}?do=combo-defaults`);
    expect(gateway.engine.settings().comboDefaults).toEqual({});
  });
});

test("resilience: profiles, limits and waiting are changed together", async () => {
  const fields: { [name: string]: string } = {};
  for (const kind of ["oauth", "apikey"]) {
    fields[`${kind}.circuitBreakerThreshold`] = "9";
    fields[`${kind}.rateLimitDetection`] = "strict";
    fields[`${kind}.useUpstreamRetryHints`] = "on";
  }
  const saved = await page("/dashboard/settings/resilience?do=save", {
    ...fields,
    requestsPerMinute: "120",
    maxWaitMs: "0",
    "wait.enabled": "on",
    "wait.maxRetries": "1",
    "wait.maxRetryWaitSec": "5",
  });
  expect(saved).toContain("Saved.");
  const { profiles, defaults, waitForCooldown } = gateway.engine.manage.resilience.view();
  expect(profiles.oauth).toMatchObject({
    circuitBreakerThreshold: 9,
    rateLimitDetection: "strict",
    circuitBreakerReset: 60_000,
  });
  expect(defaults.requestsPerMinute).toBe(120);
  expect(waitForCooldown).toEqual({ enabled: true, maxRetries: 1, maxRetryWaitSec: 5 });

  const refused = await visitor.post("/dashboard/settings/resilience?do=save", {
    ...fields,
    requestsPerMinute: "-4",
  });
  expect(refused.status).toBe(400);
  expect(await refused.text()).toContain('value="-4"');
  await page("/dashboard/settings/resilience?do=save", {
    ...fields,
    requestsPerMinute: "0",
    "wait.maxRetries": "2",
    "wait.maxRetryWaitSec": "30",
  });
});

describe("addresses", () => {
  test("rules that would keep their author out need a second look", async () => {
    const own = await signedInVisitor();
    const rules = { enabled: "on", mode: "whitelist", "list.blacklist": "", "list.whitelist": "10.0.0.0/8" };
    const asked = await own.visitor.post("/dashboard/settings?do=filter", rules);
    expect(asked.status).toBe(409);
    const text = await asked.text();
    expect(text).toContain("These rules would keep out your own address.");
    expect(text).toContain("10.0.0.0/8");
    expect(text).toContain('name="confirm"');
    expect(own.gateway.engine.access.addresses.state().enabled).toBe(false);
    await own.visitor.post("/dashboard/settings?do=filter", { ...rules, confirm: "on" });
    expect(own.gateway.engine.access.addresses.state()).toMatchObject({
      enabled: true,
      whitelist: ["10.0.0.0/8"],
    });
    expect((await own.visitor.get("/dashboard")).status).toBe(403);
    await own.gateway.stop();
  });

  test("a line that is no address is refused with what was typed", async () => {
    const answer = await visitor.post("/dashboard/settings?do=filter", {
      mode: "blacklist",
      "list.blacklist": "not an address",
    });
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain("not an address");
  });
});

test("a key is held to its models, its pace and its budget, and loses them again", async () => {
  const { key, record } = gateway.engine.access.createKey({ name: "Bounded" });
  const path = `/dashboard/endpoint/keys/${record.id}`;
  await page(`${path}?do=rules`, {
    allowedModels: "mock/echo\nmock/th*",
    allowedCombos: "",
    allowedProviders: "",
    requestsPerDay: "2",
    dailyLimitUsd: "12.50",
    includeShadowCost: "on",
  });
  const stored = gateway.engine.access.listKeys().find(({ id }) => id === record.id);
  expect(stored).toMatchObject({
    allowedModels: ["mock/echo", "mock/th*"],
    limits: { requestsPerDay: 2 },
    budget: { dailyLimitUsd: 12.5, includeShadowCost: true },
  });
  expect((await ask(gateway.url, key, "mock/tools")).status).toBe(403);
  expect((await ask(gateway.url, key, "mock/think")).status).toBe(200);
  expect(textOf(await (await visitor.get("/dashboard/costs")).text())).toContain("$12.50");
  await page(`${path}?do=rules`, { allowedModels: "" });
  expect((await ask(gateway.url, key, "mock/tools")).status).toBe(200);
});

test("what is not sold by tokens has its price by what it is sold by", async () => {
  const shown = async () => textOf(await (await visitor.get("/dashboard/providers/openai")).text());
  expect(await shown()).toContain("openai/whisper-1 audio – $0.006 a minute");
  expect(await shown()).toContain("openai/tts-1 audio – $15.00 for 1M characters");
  const path = "/dashboard/costs/pricing?provider=openai";
  await page(`${path}&do=set`, { provider: "openai", model: "tts-1", perCharacter: "12" });
  expect(await shown()).toContain("openai/tts-1 audio – $12.00 for 1M characters");
  await page(`${path}&do=reset`, { provider: "openai", model: "tts-1" });
});

test("a price of one's own counts, and goes again", async () => {
  const path = "/dashboard/costs/pricing?provider=anthropic";
  const priced = textOf(
    await page(`${path}&do=set`, {
      provider: "anthropic",
      model: "claude-opus-4-6",
      input: "4,5",
      output: "22",
    }),
  );
  expect(priced).toContain("The price of claude-opus-4-6 is saved.");
  expect(priced).toContain("claude-opus-4-6 yours $4.50 $22.00");
  expect(textOf(await (await visitor.get("/dashboard/providers/anthropic")).text())).toContain(
    "$4.50 / $22.00",
  );
  const reset = textOf(await page(`${path}&do=reset`, { provider: "anthropic", model: "claude-opus-4-6" }));
  expect(reset).toContain("claude-opus-4-6 $5.00 $25.00");
  const wrong = await visitor.post(`${path}&do=set`, {
    provider: "anthropic",
    model: "claude-opus-4-6",
    input: "much",
  });
  expect(wrong.status).toBe(400);
  expect(await wrong.text()).toContain('value="much"');
});

describe("network proxies", () => {
  const PATH = "/dashboard/settings/advanced";

  test("are set for one thing or for everything, shown without their password, and removed", async () => {
    const set = textOf(
      await page(`${PATH}?do=proxy`, {
        place: "providers:openai",
        type: "socks5",
        host: "proxy.internal",
        port: "1080",
        username: "ana",
        password: "canary-pass",
      }),
    );
    expect(set).toContain("Provider OpenAI socks5://ana@proxy.internal:1080");
    expect(set).not.toContain("canary-pass");
    await page(`${PATH}?do=proxy`, { place: "global", type: "direct" });
    expect(gateway.engine.network.proxies.shown()).toMatchObject({
      global: { type: "direct" },
      providers: { openai: { type: "socks5", host: "proxy.internal", port: 1080, username: "ana" } },
    });
    await page(`${PATH}?do=remove-proxy`, { place: "providers:openai" });
    await page(`${PATH}?do=remove-proxy`, { place: "global" });
    expect(gateway.engine.network.proxies.shown()).toMatchObject({ global: null, providers: {} });
  });

  test("are tested where they stand, and say where they lead out", async () => {
    const proxy = await startHttpProxy();
    using echo = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("203.0.113.9") });
    const set = { place: "global", type: "http", host: "127.0.0.1", port: String(proxy.port) };
    await page(`${PATH}?do=proxy`, set);
    const test = () => page(`${PATH}?do=test-proxy`, { place: "global" });
    expect(textOf(await test())).toContain("The proxy answers, after");
    await page(`${PATH}?do=egress`, {
      egressCheckUrl: `http://127.0.0.1:${echo.port}/`,
      egressCheckMinutes: "",
    });
    expect(textOf(await test())).toContain("calls through it come from 203.0.113.9");
    proxy.close();
    const failed = await visitor.post(`${PATH}?do=test-proxy`, { place: "global" });
    expect([failed.status, textOf(await failed.text())]).toEqual([
      400,
      expect.stringContaining("The proxy cannot be used"),
    ]);
    await page(`${PATH}?do=egress`, { egressCheckUrl: "", egressCheckMinutes: "0" });
    await page(`${PATH}?do=remove-proxy`, { place: "global" });
    expect((await visitor.post(`${PATH}?do=test-proxy`, { place: "global" })).status).toBe(404);
  });

  test("without a host there is none, and what was typed stays", async () => {
    const answer = await visitor.post(`${PATH}?do=proxy`, {
      place: "global",
      type: "http",
      port: "8080",
      username: "ana",
    });
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('value="ana"');
  });
});

test("usage adds up what the log holds", async () => {
  const { key } = gateway.engine.access.createKey({ name: "Counted" });
  await ask(gateway.url, key, "mock/echo");
  const { requests } = lastDayUsage(gateway.engine.store);
  const text = textOf(await (await visitor.get("/dashboard/usage?range=1d")).text());
  expect(text).toContain(`Requests ${requests}`);
  expect(text).toContain("Counted");
  expect(text).toContain("mock/echo");
});

describe("signing in at a vendor", () => {
  const PATH = "/dashboard/providers/openrouter/sign-in";

  test("shows the way there and waits, takes no nonsense, and can be given up", async () => {
    const waiting = await page(`${PATH}?do=begin`, { way: "browser" });
    expect(waiting).toMatch(/href="https:\/\/openrouter\.ai\/auth[^"]+"/);
    expect(waiting).toContain("Waiting for you to finish there");
    expect(waiting).toContain('data-every="3"');
    // Another login sees nothing of it.
    expect(await (await (await new Visitor(gateway).signIn()).get(PATH)).text()).not.toContain(
      "openrouter.ai/auth?",
    );
    const refused = await visitor.post(`${PATH}?do=paste`, {
      answer: "https://example.org/?state=wrong&code=x",
    });
    expect(refused.status).toBe(400);
    const text = await refused.text();
    expect(text).toContain("belongs to another sign-in");
    expect(text).toContain("https://example.org/?state=wrong");
    await page(`${PATH}?do=cancel`);
    expect(await (await visitor.get(PATH)).text()).not.toContain("Waiting for you");
  });

  test("a vendor that forbids this use is asked for only under its rule", async () => {
    const path = "/dashboard/providers/claude/sign-in";
    const text = await (await visitor.get(path)).text();
    expect(text).toContain("Restricted");
    const answer = await visitor.post(`${path}?do=begin`, { way: "browser" });
    expect(answer.status).toBe(400);
    expect(gateway.engine.manage.signIn.pending("admin")).toBeUndefined();
  });

  test.each(["iflow", "groq", "none"])("%s has none", async (provider) => {
    expect((await visitor.get(`/dashboard/providers/${provider}/sign-in`)).status).toBe(404);
  });
});
