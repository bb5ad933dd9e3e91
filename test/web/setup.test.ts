import { expect, test } from "bun:test";
import type { Config } from "../../src/core/config.ts";
import { startGateway } from "../kit/gateway.ts";
import { chatReply, startUpstream } from "../kit/upstream.ts";
import { ask } from "./demo.ts";
import { Visitor } from "./kit.ts";
import { PAGES } from "./page-list.ts";

const PASSWORD = "a password for the first owner";
const fresh = (changes: Partial<Config> = {}) => startGateway({ initialPassword: undefined, ...changes });
const chosen = { password: PASSWORD, repeated: PASSWORD };

test("while set-up is open every page leads to it", async () => {
  const gateway = await fresh();
  for (const path of [...PAGES, "/", "/login", "/dashboard/none"]) {
    const visitor = new Visitor(gateway);
    let answer = await visitor.get(path);
    while (answer.status === 303 && answer.headers.get("location") !== "/setup")
      answer = await visitor.follow(answer);
    expect(`${path} → ${answer.headers.get("location")}`).toBe(`${path} → /setup`);
  }
  await gateway.stop();
});

test("this machine needs no link on a server of its own", async () => {
  const gateway = await fresh();
  const visitor = new Visitor(gateway);
  expect(await (await visitor.get("/setup")).text()).toContain('name="password"');
  const answer = await visitor.post("/setup?do=password", chosen);
  expect(answer.headers.get("location")).toBe("/setup/provider");
  expect((await visitor.follow(answer)).status).toBe(200);
  expect((await visitor.post("/setup?do=password", chosen)).headers.get("location")).toBe("/dashboard");
  await gateway.stop();
});

test.each([
  ["from the network", { peer: "192.168.1.9" }],
  ["under a name of the network", { origin: "http://192.168.1.2:20128" }],
])("%s only the link opens set-up", async (_name, options) => {
  const gateway = await fresh();
  const token = gateway.engine.access.setupToken()!;
  const visitor = new Visitor(gateway, options);

  const closed = await (await visitor.get("/setup")).text();
  expect(closed).not.toContain('name="password"');
  expect(closed).toContain("omniroute setup-link");
  expect((await visitor.post("/setup?do=password", chosen)).status).toBe(403);
  expect(await (await visitor.get("/setup?token=wrong")).text()).not.toContain('name="password"');
  expect((await visitor.post("/setup?token=wrong&do=password", chosen)).status).toBe(403);
  expect(gateway.engine.access.needsSetup()).toBe(true);

  expect(await (await visitor.get(`/setup?token=${token}`)).text()).toContain('name="password"');
  const answer = await visitor.post(`/setup?token=${token}&do=password`, chosen);
  expect(answer.headers.get("location")).toBe("/setup/provider");
  expect(gateway.engine.access.needsSetup()).toBe(false);
  expect((await new Visitor(gateway, options).get(`/setup?token=${token}`)).headers.get("location")).toBe(
    "/login",
  );
  await gateway.stop();
});

test.each([
  ["two different ones", { password: PASSWORD, repeated: "another password" }, "The two passwords differ."],
  ["a short one", { password: "short", repeated: "short" }, "8 to 1024 characters"],
  ["a common one", { password: "password123", repeated: "password123" }, "everybody tries first"],
  ["none", {}, "8 to 1024 characters"],
])("%s will not do as passwords", async (_name, fields, said) => {
  const gateway = await fresh();
  const answer = await new Visitor(gateway).post("/setup?do=password", fields as { [name: string]: string });
  expect(answer.status).toBe(400);
  expect(await answer.text()).toContain(said);
  expect(gateway.engine.access.needsSetup()).toBe(true);
  await gateway.stop();
});

test("a foreign page cannot choose the password of an open installation", async () => {
  const gateway = await fresh();
  const answer = await new Visitor(gateway).post("/setup?do=password", chosen, {
    origin: "https://evil.example",
  });
  expect(answer.status).toBe(403);
  expect(gateway.engine.access.needsSetup()).toBe(true);
  await gateway.stop();
});

test("the wizard connects a server, makes a key, fills it in, and sees the first request", async () => {
  const upstream = startUpstream(({ path }) => {
    if (!path.startsWith("/v1/")) return { type: "text", status: 404, body: "Not here." };
    return path.endsWith("/models")
      ? { type: "json", body: { data: [{ id: "small" }, { id: "large" }] } }
      : { type: "json", body: chatReply("Hello!") };
  });
  const gateway = await fresh();
  const visitor = new Visitor(gateway);
  await visitor.post("/setup?do=password", chosen);

  const connected = await visitor.post("/setup/provider?do=node", {
    kind: "chat",
    name: "My server",
    prefix: "mine",
    // The test finds out that /v1 is missing.
    baseUrl: upstream.url,
  });
  expect(connected.headers.get("location")).toBe("/setup/key");
  expect(gateway.engine.models({ keyId: "x", name: "x" }).map(({ id }) => id)).toContain("mine/large");

  const made = await visitor.post("/setup/key?do=create", { name: "Laptop" });
  expect(made.headers.get("location")).toBe("/setup/client");
  const page = await (await visitor.follow(made)).text();
  const key = /sk-omni-[\w-]{43}/.exec(page)?.[0] ?? "";
  expect(key).not.toBe("");
  expect(page).toContain("mine/large");
  expect(page).toContain("Waiting for the first request");
  // Another look, at another client, still has the key filled in.
  expect(await (await visitor.get("/setup/client?client=codex")).text()).toContain(key);
  // Somebody else who is signed in sees no key.
  const { token } = await gateway.engine.access.login(PASSWORD, "127.0.0.1");
  const other = new Visitor(gateway);
  other.cookies.set("auth_token", token);
  expect(await (await other.get("/setup/client")).text()).not.toContain(key);

  const tried = await visitor.follow(await visitor.post("/setup/client?do=try"));
  expect(await tried.text()).toContain("The way from here to the model works.");
  expect(await (await visitor.get("/setup/client")).text()).toContain("Waiting for the first request");

  // What the owner asks from the playground is no client either.
  await visitor.post("/dashboard/playground?do=ask", { prompt: "Hello", model: "mine/large" });
  expect(gateway.lastRequest()?.keyId).toBe("dashboard");
  expect(await (await visitor.get("/setup/client")).text()).toContain("Waiting for the first request");
  expect(await (await visitor.get("/dashboard")).text()).toContain("Three things make a gateway useful.");

  expect((await ask(gateway.url, key, "mine/large")).status).toBe(200);
  expect(await (await visitor.get("/setup/client")).text()).toContain("The first request is here");

  const done = await visitor.follow(await visitor.post("/setup/client?do=finish"));
  expect(await done.text()).toContain("OmniRoute is ready.");
  expect(await (await visitor.get("/setup/client")).text()).not.toContain(key);
  await gateway.stop();
  await upstream.stop();
});

test("steps can be skipped and are taken up again from the home page", async () => {
  const gateway = await fresh();
  const visitor = new Visitor(gateway);
  await visitor.post("/setup?do=password", chosen);
  const home = await (await visitor.get("/dashboard")).text();
  for (const path of ["/setup/provider", "/setup/key", "/setup/client"])
    expect(home).toContain(`href="${path}"`);
  await visitor.post("/dashboard?do=put-away");
  expect(await (await visitor.get("/dashboard")).text()).not.toContain('href="/setup/key"');
  await gateway.stop();
});

test("a key that the provider refuses is told in words, and the account is kept to be mended", async () => {
  const gateway = await fresh();
  const visitor = new Visitor(gateway);
  await visitor.post("/setup?do=password", chosen);
  const refused = await visitor.post("/setup/provider?do=node", {
    kind: "chat",
    name: "Nobody",
    prefix: "nobody",
    baseUrl: "http://127.0.0.1:9",
    apiKey: "sk-typed-by-hand",
  });
  expect(refused.status).toBe(400);
  const page = await refused.text();
  expect(page).toContain("Nobody listens at this address.");
  expect(page).toContain('value="nobody"');
  expect(page).toContain('value="http://127.0.0.1:9"');
  await gateway.stop();
});

test("a mistyped key leaves no account behind, and another failure one that is marked", async () => {
  const upstream = startUpstream(({ headers }) =>
    headers["x-api-key"] === "sk-right"
      ? { type: "json", status: 503, body: { error: { message: "Back soon." } } }
      : { type: "json", status: 401, body: { error: { message: "invalid x-api-key" } } },
  );
  const gateway = await fresh();
  const provider = gateway.engine.manage.nodes.create(
    {
      type: "anthropic-compatible",
      apiType: "chat",
      name: "Mine",
      prefix: "mine",
      baseUrl: `${upstream.url}/v1`,
    },
    { name: "test" },
  ).id;
  const visitor = new Visitor(gateway);
  await visitor.post("/setup?do=password", chosen);
  const before = gateway.engine.manage.connections.list().length;

  const typo = await visitor.post("/setup/provider?do=connect", { provider, apiKey: "sk-wrong" });
  expect(typo.status).toBe(400);
  expect(await typo.text()).toContain("The provider does not accept the key.");
  expect(gateway.engine.manage.connections.list()).toHaveLength(before);

  const down = await visitor.post("/setup/provider?do=connect", { provider, apiKey: "sk-right" });
  const page = await (await visitor.follow(down)).text();
  expect(page).toContain("does not work.");
  expect(page).toContain("Failing");
  expect(gateway.engine.manage.connections.list()).toHaveLength(before + 1);
  await gateway.stop();
  await upstream.stop();
});

test("the last step suggests a model that works, takes another, and tells of a call that failed", async () => {
  const upstream = startUpstream(({ path }) => {
    if (path.startsWith("/down/"))
      return { type: "json", status: 500, body: { error: { message: "Down." } } };
    return path.endsWith("/models")
      ? { type: "json", body: { data: [{ id: "small" }] } }
      : { type: "json", body: chatReply("Hello!") };
  });
  const gateway = await fresh();
  const visitor = new Visitor(gateway);
  await visitor.post("/setup?do=password", chosen);
  const { manage } = gateway.engine;
  for (const [prefix, place] of [
    ["a-down", "down"],
    ["b-up", "v1"],
  ] as const) {
    const account = gateway.node(prefix, `${upstream.url}/${place}`);
    const { provider } = manage.connections.find(account);
    manage.models.add([{ provider, id: "small", name: "Small" }], { name: "admin" });
    await manage.connections.test(account, new AbortController().signal);
  }
  expect(await (await visitor.get("/setup/client")).text()).toContain("Try b-up/small from here");
  const other = await (await visitor.get("/setup/client?model=a-down/small")).text();
  expect(other).toContain("Try a-down/small from here");
  expect(other).toContain('href="?client=codex&amp;model=a-down%2Fsmall"');

  expect((await ask(gateway.url, "none", "a-down/small")).status).toBe(503);
  const page = await (await visitor.get("/setup/client")).text();
  expect(page).toContain("A request is here, but it failed");
  expect(page).not.toContain("The first request is here");
  await gateway.stop();
  await upstream.stop();
});
