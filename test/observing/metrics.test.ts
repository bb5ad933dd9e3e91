import { afterEach, beforeEach, expect, test } from "bun:test";
import { join } from "node:path";
import { CallMetrics } from "../../src/observing/index.ts";
import { startGateway, type TestGateway, TEST_DEFAULTS } from "../kit/gateway.ts";
import { chatReply, startUpstream, type Upstream } from "../kit/upstream.ts";
import { record } from "../store/samples.ts";
import { lintMetrics, readSample } from "./lint-metrics.ts";

const TOKEN = "a-token-for-the-scraper";
let gateway: TestGateway;
let upstream: Upstream;
beforeEach(async () => {
  upstream = startUpstream((seen) =>
    seen.headers["authorization"] === "Bearer bad"
      ? { type: "json", status: 503, body: { error: { message: "busy" } } }
      : { type: "json", body: chatReply("Hello") },
  );
  gateway = await startGateway({
    metricsToken: TOKEN,
    defaults: { ...TEST_DEFAULTS, instanceName: 'a "box"\\' },
  });
});
afterEach(async () => {
  await gateway.stop();
  await upstream.stop();
});

async function scrape(authorization = `Bearer ${TOKEN}`): Promise<Response> {
  return fetch(`${gateway.url}/metrics`, { headers: { authorization } });
}

const ask = (model: string) =>
  fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    body: JSON.stringify({ model, messages: [{ role: "user", content: "hi" }] }),
  }).then((response) => response.text());

test("a scrape tells of calls, tokens, times, failures and the process, and has no fault", async () => {
  gateway.node("broken", `${upstream.url}/v1`, { apiKey: "bad" });
  gateway.node("good", `${upstream.url}/v1`);
  gateway.combo("both", [{ model: "broken/m" }, { model: "good/m" }]);
  expect(lintMetrics(await (await scrape()).text())).toEqual([]);
  await ask("both");
  await ask("nobody/knows");
  const response = await scrape();
  expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  const text = await response.text();
  expect(lintMetrics(text)).toEqual([]);
  const value = (series: string) =>
    readSample(text.split("\n").find((line) => line.startsWith(`${series} `)) ?? "")?.value;
  expect(value('omniroute_requests_total{provider="good",model="good/m",status="200"}')).toBe(1);
  expect(value('omniroute_failovers_total{provider="broken",reason="overloaded"}')).toBeGreaterThan(0);
  expect(value('omniroute_attempts_total{provider="good",outcome="ok"}')).toBe(1);
  expect(value('omniroute_tokens_total{provider="good",model="good/m",kind="input"}')).toBeGreaterThan(0);
  expect(value('omniroute_unpriced_requests_total{provider="good",model="good/m"}')).toBe(1);
  expect(value('omniroute_request_duration_seconds_count{provider="good"}')).toBe(1);
  expect(value("omniroute_requests_in_flight")).toBe(0);
  expect(value("process_resident_memory_bytes")).toBeGreaterThan(1e6);
  expect(text).toContain('instance="a \\"box\\"\\\\"');
});

test.each([
  ["nobody", "", 401],
  ["another token", "Bearer another-token-for-the-scraper", 401],
])("%s may not read it", async (_who, authorization, status) => {
  expect((await scrape(authorization)).status).toBe(status);
});

test("names from outside fill no memory: what is beyond the bound counts as other", () => {
  const metrics = new CallMetrics((id) => id);
  for (let number = 0; number < 5000; number++)
    metrics.record(record({ provider: `p${number}`, model: `p${number}/m`, keyName: "secret-name" }));
  const lines = metrics.lines();
  expect(lintMetrics(`${lines.join("\n")}\n`)).toEqual([]);
  const requests = lines.filter((line) => line.startsWith("omniroute_requests_total{"));
  expect(requests).toHaveLength(401);
  expect(requests.at(-1)).toBe(
    'omniroute_requests_total{provider="other",model="other",status="other"} 4600',
  );
  expect(lines.join("\n")).not.toContain("secret-name");
});

test.each([
  ["no help", "# TYPE a_total counter\na_total 1\n"],
  ["a counter without its ending", "# HELP a x\n# TYPE a counter\na 1\n"],
  ["milliseconds", "# HELP a_ms x\n# TYPE a_ms gauge\na_ms 1\n"],
  ["a series twice", '# HELP a x\n# TYPE a gauge\na{b="c"} 1\na{b="c"} 2\n'],
  ["an open quote", '# HELP a x\n# TYPE a gauge\na{b="c} 1\n'],
  [
    "buckets that fall",
    '# HELP a x\n# TYPE a histogram\na_bucket{le="1"} 2\na_bucket{le="+Inf"} 1\na_sum 1\na_count 1\n',
  ],
])("the lint finds %s", (_what, text) => {
  expect(lintMetrics(text)).not.toEqual([]);
});

test("the Grafana board asks only for what a scrape can give, and its panels lie apart", async () => {
  const board = (await Bun.file(join(import.meta.dir, "../../docs/grafana.json")).json()) as {
    panels: { gridPos: Place; targets: { expr: string }[] }[];
  };
  gateway.node("good", `${upstream.url}/v1`);
  await ask("good/m");
  const families = [...(await (await scrape()).text()).matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name!);
  /** Told of only once there is something to tell. */
  const rare = [
    "omniroute_failovers_total",
    "omniroute_cost_usd_total",
    "omniroute_breaker_state",
    "omniroute_cooldowns",
  ];
  const asked = board.panels.flatMap(({ targets }) =>
    targets.flatMap(({ expr }) => expr.match(/\b(?:omniroute|process)_[a-z_]+/g) ?? []),
  );
  const unknown = asked
    .map((name) => name.replace(/_(?:bucket|sum|count)$/, ""))
    .filter((name) => ![...families, ...rare].includes(name));
  expect(unknown).toEqual([]);
  expect(asked.length).toBeGreaterThan(15);
  const places = board.panels.map(({ gridPos }) => gridPos);
  for (const [index, place] of places.entries())
    expect(places.slice(index + 1).filter((other) => overlap(place, other))).toEqual([]);
});

type Place = { x: number; y: number; w: number; h: number };

const overlap = (one: Place, other: Place): boolean =>
  one.x < other.x + other.w &&
  other.x < one.x + one.w &&
  one.y < other.y + other.h &&
  other.y < one.y + one.h;
