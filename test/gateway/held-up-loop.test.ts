import { afterEach, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { startGateway, TEST_PASSWORD, type TestGateway } from "../kit/gateway.ts";
import { callFromOutside } from "../kit/outside-caller.ts";
import { chatReply, chatStream, startUpstream, type Upstream } from "../kit/upstream.ts";

let gateway: TestGateway;
let upstream: Upstream;
afterEach(async () => {
  await gateway.stop();
  await upstream.stop();
});

const LIMIT_MS = 500;
const body = (more: object = {}) =>
  JSON.stringify({ model: "one/a", messages: [{ role: "user", content: "hi" }], ...more });
const ask = (more: object = {}) =>
  fetch(`${gateway.url}/v1/chat/completions`, { method: "POST", body: body(more) });

async function open(): Promise<void> {
  upstream = startUpstream(({ body: asked }) =>
    asked?.stream
      ? { type: "stream", chunks: chatStream("Hello there, all is well"), gap: 20 }
      : { type: "json", body: chatReply("Hello") },
  );
  gateway = await startGateway({ maxLoopLagMs: LIMIT_MS });
  gateway.node("one", `${upstream.url}/v1`);
}

/** Does nothing but work until `isOver`, and at least twice as long as the limit. */
function holdUpLoop(isOver: () => boolean): void {
  const used = () => process.threadCpuUsage().user / 1000;
  const begun = used();
  while (used() - begun < 2 * LIMIT_MS || !isOver()) JSON.stringify(process.versions);
}

/** Paths of all four protocols, and where each keeps the code of an error. */
const DOORS: [path: string, code: (answer: any) => unknown][] = [
  ["/v1/chat/completions", ({ error }) => [error.type, error.code]],
  ["/v1/responses", ({ error }) => [error.type, error.code]],
  ["/v1/messages", ({ error }) => [error.type]],
  ["/v1beta/models/one/a:generateContent", ({ error }) => [error.status, error.details[0].reason]],
];
const CODES = [
  ["service_unavailable", "service_unavailable"],
  ["service_unavailable", "service_unavailable"],
  ["overloaded_error"],
  ["UNAVAILABLE", "service_unavailable"],
];

test("O-01: calls that come while the loop is blocked get 503 in their own protocol and the probe says so; streams go on, and then all is as before", async () => {
  await open();
  const running = await ask({ stream: true });
  const before = upstream.seen.length;
  const sent = join(gateway.dataDir, "calls-sent");
  const calls = [...DOORS.map(([path]) => path), "/readyz"].map((path) => ({
    url: gateway.url + path,
    body: body(),
  }));
  const { answers } = callFromOutside(calls, sent);
  holdUpLoop(() => existsSync(sent));

  const refused = await answers;
  const probe = refused.pop();
  expect([probe?.status, probe?.retryAfter, probe?.body.status]).toEqual([503, "5", "not ready"]);
  expect(refused.map(({ status, retryAfter }) => [status, retryAfter])).toEqual(DOORS.map(() => [503, "1"]));
  expect(refused.map((answer, index) => DOORS[index]?.[1](answer.body))).toEqual(CODES);
  expect(upstream.seen).toHaveLength(before);
  expect(await running.text()).toEndWith("data: [DONE]\n\n");

  while (gateway.engine.loop.isBlocked()) await Bun.sleep(10);
  expect((await ask()).status).toBe(200);
  await expectItShows();
});

/** The monitoring API, the metrics and the dashboard tell of it afterwards. */
async function expectItShows(): Promise<void> {
  const signedIn = await fetch(`${gateway.url}/api/auth/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ password: TEST_PASSWORD }),
  });
  const headers = { cookie: signedIn.headers.getSetCookie().join("; ") };
  const read = async (path: string) => (await fetch(gateway.url + path, { headers })).text();

  const health = JSON.parse(await read("/api/monitoring/health"));
  expect([health.status, health.load.shed]).toEqual(["degraded", { places: 0, loop: DOORS.length }]);
  expect(health.load.loopLagMs).toBeGreaterThan(LIMIT_MS);
  const metrics = await read("/metrics");
  expect(metrics).toContain(`omniroute_shed_calls_total{reason="loop"} ${DOORS.length}\n`);
  expect(metrics).toMatch(/^omniroute_event_loop_lag_seconds (?:0\.[5-9]|[1-9])/m);
  expect(await read("/dashboard/health")).toContain("Calls refused while held up");
}
