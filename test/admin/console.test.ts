import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { TargetFailure } from "../../src/core/errors.ts";
import { SseSplitter } from "../../src/lib/sse.ts";
import { startGateway, type TestGateway } from "../kit/gateway.ts";

let gateway: TestGateway;
let token: string;
beforeAll(async () => {
  gateway = await startGateway({ logLevel: "debug" });
  token = readFileSync(join(gateway.dataDir, "cli-token"), "utf8").trim();
});
afterAll(() => gateway.stop());

const get = (path: string, signal?: AbortSignal) =>
  fetch(gateway.url + path, {
    headers: { authorization: `Bearer ${token}` },
    ...(signal && { signal }),
  });

test("the console gives lines under their documented names, filtered", async () => {
  const { log } = gateway.engine;
  log.info("net", "A first line.", { status: 502 });
  log.warn("store", "A\nsecond line with Bearer abcdefghijkl");
  const all = (await (await get("/api/logs/console?search=line&level=")).json()) as { message: string }[];
  expect(all.map(({ message }) => message)).toEqual([
    "A first line.",
    "A\\nsecond line with Bearer [redacted]",
  ]);
  expect(all[0]).toEqual({
    timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
    level: "info",
    component: "net",
    message: "A first line.",
    fields: { status: 502 },
  } as never);
  const warned = await (await get("/api/logs/console?level=warn&search=line")).json();
  expect(warned).toHaveLength(1);
});

test.each(["level=loud", "limit=0", "limit=many"])("bad questions are refused: %s", async (query) => {
  expect((await get(`/api/logs/console?${query}`)).status).toBe(400);
});

test("nobody reads it without credentials", async () => {
  expect((await fetch(`${gateway.url}/api/logs/console`)).status).toBe(401);
});

test("lines come live, and only those that were asked for", async () => {
  const stop = new AbortController();
  const response = await get("/api/events?only=log&level=warn", stop.signal);
  const splitter = new SseSplitter();
  const events: { event: string; data: string }[] = [];
  for await (const chunk of response.body!) {
    const before = events.length;
    events.push(...splitter.push(chunk));
    if (before === 0) {
      gateway.engine.log.debug("net", "Not for this listener.");
      gateway.engine.manage.settings.change({ theme: "dark" }, { name: "test" });
      gateway.engine.log.error("net", "For this listener.");
    }
    if (events.some(({ event }) => event === "log")) break;
  }
  stop.abort();
  expect(events.map(({ event }) => event)).toEqual(["hello", "log"]);
  expect(JSON.parse(events[1]!.data)).toMatchObject({ level: "error", message: "For this listener." });
});

test("breakers, quotas and connections are told under names of their own", async () => {
  const stop = new AbortController();
  const response = await get("/api/events?only=breaker,quota,connection", stop.signal);
  const splitter = new SseSplitter();
  const events: { event: string; data: string }[] = [];
  for await (const chunk of response.body!) {
    const before = events.length;
    events.push(...splitter.push(chunk));
    if (before === 0) {
      const { health, notices } = gateway.engine;
      gateway.node("other", "http://127.0.0.1:9/v1");
      notices.tell({
        kind: "quota",
        level: "warning",
        message: "Nearly spent.",
        facts: { provider: "claude" },
      });
      const target = {
        provider: { id: "groq" },
        connection: { id: "c", authType: "apikey" },
        modelId: "m",
      } as never;
      const failure = new TargetFailure("overloaded", "busy", { status: 503 });
      for (let tries = 0; tries < 20; tries++) health.claim(target)?.failed(failure);
    }
    if (events.some(({ event }) => event === "breaker")) break;
  }
  stop.abort();
  expect([...new Set(events.map(({ event }) => event))]).toEqual(["hello", "connection", "quota", "breaker"]);
  expect(JSON.parse(events.at(-1)!.data)).toMatchObject({ provider: "groq", state: "OPEN" });
});
