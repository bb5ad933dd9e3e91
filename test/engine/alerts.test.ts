import { afterEach, beforeEach, expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Alert, Notice } from "../../src/core/notice.ts";
import { AlertBook } from "../../src/engine/alert-book.ts";
import { Webhook } from "../../src/engine/webhook.ts";
import { FakeClock } from "../kit/fake-clock.ts";
import { type InProcess, startInProcess } from "../kit/in-process.ts";
import type { Deed } from "../kit/scripted-outbound.ts";
import { record } from "../store/samples.ts";

const HOOK = "https://hook.invalid/secret-path?token=abc";
let gateway: InProcess;
let answer: Deed;
beforeEach(async () => {
  answer = { type: "answer", status: 204, body: "" };
  gateway = await startInProcess({ script: () => answer });
  const changed = await gateway.admin("PUT", "/api/settings/notices", { webhook: HOOK });
  expect(changed.body).toMatchObject({ webhook: "https://hook.invalid/…", signed: false });
});
afterEach(() => gateway.stop());

const breaker = (state: "OPEN" | "CLOSED", provider = "groq") =>
  gateway.engine.notices.tellBreaker({ provider, state });
const alerts = async (
  query = "",
): Promise<{ open: number; alerts: (Alert & { resolvedAt: string | null })[] }> =>
  (await gateway.admin("GET", `/api/alerts${query}`)).body;

test("trouble is an alert until it is over, and the webhook hears of both", async () => {
  breaker("OPEN");
  breaker("OPEN");
  breaker("OPEN", "glm");
  expect(await alerts("?state=open")).toMatchObject({
    open: 2,
    alerts: [
      { subject: "breaker:glm", times: 1 },
      { subject: "breaker:groq", kind: "breaker", level: "problem", state: "open", times: 2 },
    ],
  });
  breaker("CLOSED");
  const { open, alerts: all } = await alerts();
  expect(open).toBe(1);
  expect(all.find(({ subject }) => subject === "breaker:groq")).toMatchObject({
    state: "resolved",
    resolvedAt: expect.stringContaining("2026-"),
  } as never);
  await gateway.clock.run(10);
  expect(
    gateway.outbound.sent.map(({ body }) => [body.type, body.facts.provider, body.alert?.state]),
  ).toEqual([
    ["alert.opened", "groq", "open"],
    ["alert.updated", "groq", "open"],
    ["alert.opened", "glm", "open"],
    ["alert.resolved", "groq", "resolved"],
  ]);
});

test("quotas and budgets end by themselves when their time is over; people may end what they know of", async () => {
  const now = gateway.clock.now();
  const { notices, access } = gateway.engine;
  const facts = {
    connectionId: "c",
    provider: "claude",
    name: "mine",
    window: "5h",
    mark: 100,
    resetsAt: now + 5000,
  };
  notices.tell({ kind: "quota", level: "problem", message: "The quota is spent.", facts });
  const key = access.createKey({ name: "laptop", budget: { dailyLimitUsd: 1 } }).record;
  const budget = { period: "daily", limit: 1, used: 1, end: now + 9000, warning: true, spent: true } as const;
  notices.tellBudget({ holder: key, budget });
  expect((await alerts("?state=open")).alerts.map(({ kind, level }) => [kind, level])).toEqual([
    ["budget", "problem"],
    ["quota", "problem"],
  ]);
  gateway.clock.advance(5000);
  const { alerts: left } = await alerts("?state=open");
  expect(left.map(({ kind }) => kind)).toEqual(["budget"]);
  const ended = await gateway.admin("POST", `/api/alerts/${left[0]!.id}/resolve`);
  expect(ended).toMatchObject({ status: 200, body: { state: "resolved" } });
  expect((await gateway.admin("POST", `/api/alerts/${left[0]!.id}/resolve`)).status).toBe(404);
  expect((await alerts("?state=open")).alerts).toEqual([]);
});

test("an alert on a budget is over when the budget is raised, and comes again when that is spent too", async () => {
  const { access } = gateway.engine;
  const { record: key } = access.createKey({ name: "laptop", budget: { dailyLimitUsd: 1 } });
  const spend = (cost: number) =>
    access.countCall(
      record({ id: `spent ${cost}`, at: gateway.clock.now(), keyId: key.id, cost, costKind: "billed" }),
    );
  const raise = (dailyLimitUsd: number) => access.updateKey(key.id, { budget: { dailyLimitUsd } });
  const open = async () => (await alerts("?state=open&kind=budget")).alerts.map(({ level }) => level);
  access.admitCall({ keyId: key.id, name: key.name, key })();
  spend(1.1);
  expect(await open()).toEqual(["problem"]);
  raise(1.3);
  expect(await open()).toEqual(["warning"]);
  raise(5);
  expect(await open()).toEqual([]);
  spend(4);
  expect(await open()).toEqual(["problem"]);
  access.revokeKey(key.id);
  expect(await open()).toEqual([]);
});

test("an account that needs a person is an alert until it does not", async () => {
  const { notices, manage } = gateway.engine;
  const [id = ""] = gateway.node("one");
  const [connection] = manage.connections.list().filter((each) => each.id === id);
  const waiting = { ...connection!, credentials: {}, needsSignIn: true } as never;
  notices.watchSignIns([waiting]);
  expect((await alerts("?kind=sign-in")).alerts).toMatchObject([{ state: "open", subject: `sign-in:${id}` }]);
  notices.watchSignIns([]);
  expect((await alerts("?kind=sign-in")).alerts).toMatchObject([{ state: "resolved" }]);
});

test("a copy that could not be made is an alert, told once, until one is made", async () => {
  const folder = join(gateway.dataDir, "backups");
  rmSync(folder, { recursive: true, force: true });
  writeFileSync(folder, "in the way");
  await gateway.clock.run(3_600_000);
  expect((await alerts("?kind=backup")).alerts).toMatchObject([
    { state: "open", subject: "backup", level: "problem", times: 1 },
  ]);
  const told = () => gateway.outbound.sent.map(({ body }) => [body.type, body.kind]);
  expect(told()).toEqual([["alert.opened", "backup"]]);
  expect(gateway.outbound.sent[0]!.text).not.toContain(gateway.dataDir);
  rmSync(folder);
  mkdirSync(folder);
  await gateway.clock.run(3_600_000);
  expect((await alerts("?kind=backup")).alerts).toMatchObject([{ state: "resolved" }]);
  expect(told()).toEqual([
    ["alert.opened", "backup"],
    ["alert.resolved", "backup"],
  ]);
});

test("a sync that failed is an alert until one succeeds or sync is left", async () => {
  const { notices } = gateway.engine;
  const round = (why?: string) => notices.tellTask("sync", why);
  round("The sync target answered 500.");
  round("The sync target answered 500.");
  expect((await alerts("?kind=sync")).alerts).toMatchObject([
    { state: "open", times: 1, facts: { why: "The sync target answered 500." } },
  ]);
  round();
  expect((await alerts("?kind=sync&state=open")).alerts).toEqual([]);
  round("again");
  expect((await alerts("?kind=sync")).alerts.map(({ state }) => state)).toEqual(["open", "resolved"]);
});

test("messages are signed as Standard Webhooks has it, and hold nothing that opens anything", async () => {
  const { body, status } = await gateway.admin("POST", "/api/settings/notices/secret");
  expect(status).toBe(201);
  expect(body.secret).toMatch(/^whsec_[\w+/]{43}=$/);
  gateway.engine.notices.tell({
    kind: "breaker",
    level: "problem",
    message: "It said: Bearer abcdefghijklmnop\u001b[2J",
    facts: { provider: "sk-abcdefghijklmnopqrstu" },
  });
  await gateway.clock.run(10);
  const [sent] = gateway.outbound.sent;
  const { "webhook-id": id, "webhook-timestamp": at, "webhook-signature": signature } = sent!.headers;
  const key = Buffer.from(body.secret.slice("whsec_".length), "base64");
  const expected = createHmac("sha256", key).update(`${id}.${at}.${sent!.text}`).digest("base64");
  expect(signature).toBe(`v1,${expected}`);
  expect(Number(at)).toBe(Math.floor(gateway.clock.now() / 1000));
  expect(sent!.text).not.toMatch(/abcdefghijklmnop|token=abc/);
  expect(sent!.text).toContain("\\\\u001b[2J");
  expect(JSON.stringify((await gateway.admin("GET", "/api/settings/notices")).body)).not.toContain("whsec_");
});

test.each([
  ["http://169.254.169.254/latest", "169.254.169.254 is a metadata service"],
  ["http://[fe80::1]/", "link-local"],
  ["ftp://files.invalid/", "The address must begin with https:// or http://"],
  ["https://me:secret@hook.invalid/", "user name or password"],
])("a webhook at %s is refused at its field", async (webhook, why) => {
  const { status, body } = await gateway.admin("PUT", "/api/settings/notices", { webhook });
  expect(status).toBe(400);
  expect(body.error.details).toEqual([{ field: "webhook", message: expect.stringContaining(why) }]);
  expect((await gateway.admin("GET", "/api/settings/notices")).body.webhook).toBe("https://hook.invalid/…");
});

test("a test tells what came of it", async () => {
  const tried = () => gateway.admin("POST", "/api/settings/notices/test");
  expect(await tried()).toMatchObject({ status: 200, body: { delivered: true, status: 204 } });
  answer = { type: "answer", status: 404, body: "" };
  expect(await tried()).toMatchObject({ body: { delivered: false, status: 404 } });
  answer = { type: "refuse" };
  expect(await tried()).toMatchObject({
    body: { delivered: false, status: null, error: expect.any(String) },
  } as never);
  await gateway.admin("PUT", "/api/settings/notices", { webhook: null });
  expect((await tried()).status).toBe(400);
});

const FATES: [string, Deed[], number][] = [
  ["it is taken at once", [{ type: "answer", status: 200, body: "" }], 1],
  [
    "it is taken at the third try",
    [
      { type: "refuse" },
      { type: "answer", status: 503, body: "" },
      { type: "answer", status: 200, body: "" },
    ],
    3,
  ],
  ["it is refused for good", [{ type: "answer", status: 410, body: "" }], 1],
  ["nobody is there", [{ type: "refuse" }], 5],
];

test.each(FATES)(
  "a message is tried again, with growing pauses, and not for ever: %s",
  async (_fate, deeds, tries) => {
    let count = 0;
    gateway.outbound.script = () => deeds[Math.min(count++, deeds.length - 1)]!;
    breaker("OPEN");
    await gateway.clock.run(3_600_000);
    expect(gateway.outbound.sent).toHaveLength(tries);
    expect(new Set(gateway.outbound.sent.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
  },
);

test("messages without end do not fill the memory", async () => {
  const clock = new FakeClock();
  const webhook = new Webhook({
    clock,
    log: gateway.engine.log,
    outbound: { send: () => new Promise(() => {}) },
    address: () => HOOK,
    secret: () => undefined,
  });
  for (let number = 0; number < 1000; number++) webhook.add({ id: String(number), body: "{}" });
  expect(webhook.dropped).toBe(899);
  webhook.close();
});

test("alerts are bounded, and come back after a restart but for breakers", () => {
  const clock = new FakeClock();
  const book = new AlertBook(clock, () => {});
  const notice = (kind: Notice["kind"], number: number): Notice => ({
    id: `${kind}${number}`,
    at: clock.now(),
    kind,
    level: "problem",
    message: "x",
    facts: { connectionId: `c${number}`, provider: `p${number}` },
  });
  for (let number = 0; number < 600; number++) book.enter(notice("sign-in", number));
  book.enter(notice("breaker", 1));
  expect(book.list()).toHaveLength(500);
  const later = new AlertBook(clock, () => {});
  later.restore(JSON.parse(JSON.stringify([...(book.snapshot() as object[]), { id: 1 }, "nonsense"])));
  expect(later.list("open").filter(({ kind }) => kind === "breaker")).toEqual([]);
  expect(later.list("open").length).toBe(499);
});
