import { afterEach, beforeEach, expect, test } from "bun:test";
import { readConfig } from "../../src/config.ts";
import { spansOf } from "../../src/observing/traces/spans.ts";
import { startGateway, type TestGateway, TEST_DEFAULTS } from "../kit/gateway.ts";
import { chatReply, startUpstream, type Seen, type Upstream } from "../kit/upstream.ts";
import { listAudit } from "../../src/store/index.ts";
import { record } from "../store/samples.ts";

const KEY = "canary-of-the-provider-0123456789";
let collector: Upstream;
let upstream: Upstream;
let gateway: TestGateway;

const started = async (changes: Parameters<typeof startGateway>[0] = {}) => {
  gateway = await startGateway({
    defaults: {
      ...TEST_DEFAULTS,
      instanceName: "attic",
      otlpEndpoint: `${collector.url}/v1/traces`,
    },
    tracing: { serviceName: "my-gateway", headers: { "x-collector-key": "opens-it" } },
    ...changes,
  });
  gateway.node("broken", `${upstream.url}/broken`, { apiKey: KEY });
  gateway.node("good", `${upstream.url}/v1`, { apiKey: KEY });
  gateway.combo("both", [{ model: "broken/m" }, { model: "good/m" }]);
};
beforeEach(() => {
  collector = startUpstream(() => ({ type: "json", body: { partialSuccess: {} } }));
  upstream = startUpstream((seen) =>
    seen.path.startsWith("/broken")
      ? { type: "json", status: 503, body: { error: { message: `busy, ${KEY}` } } }
      : { type: "json", body: chatReply("a secret answer") },
  );
});
afterEach(async () => {
  await gateway.stop();
  await collector.stop();
  await upstream.stop();
});

const ask = (headers: Record<string, string> = {}) =>
  fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers,
    body: JSON.stringify({ model: "both", messages: [{ role: "user", content: "a secret question" }] }),
  }).then(async (response) => {
    await response.text();
    return response.headers.get("x-request-id")!;
  });

/** The spans of the first batches, once so many have come. */
async function received(count: number): Promise<{ spans: any[]; first: Seen }> {
  const spansIn = ({ body }: Seen) => body.resourceSpans[0].scopeSpans[0].spans as any[];
  for (let wait = 0; wait < 1000 && collector.seen.flatMap(spansIn).length < count; wait++)
    await Bun.sleep(10);
  return { spans: collector.seen.flatMap(spansIn), first: collector.seen[0]! };
}

const attributesOf = (span: any): Record<string, unknown> =>
  Object.fromEntries(span.attributes.map(({ key, value }: any) => [key, Object.values(value)[0]]));

test("a collector receives one span for the call and one for each try, with what the conventions name", async () => {
  await started();
  const id = await ask({ "user-agent": "my-agent/1.0" });
  const { spans, first } = await received(3);
  expect(first).toMatchObject({ method: "POST", path: "/v1/traces" });
  expect(first.headers).toMatchObject({ "content-type": "application/json", "x-collector-key": "opens-it" });
  expect(attributesOf(first.body.resourceSpans[0].resource)).toEqual({
    "service.name": "my-gateway",
    "service.version": "0.0.0-test",
    "service.instance.id": "attic",
  });
  const [root, failed, answered] = spans;
  expect(root).toMatchObject({
    traceId: id.slice(4),
    name: "POST /v1/chat/completions",
    kind: 2,
    status: {},
  });
  expect(root.parentSpanId).toBeUndefined();
  expect(Number(root.endTimeUnixNano)).toBeGreaterThanOrEqual(Number(root.startTimeUnixNano));
  expect(attributesOf(root)).toMatchObject({
    "gen_ai.operation.name": "chat",
    "gen_ai.request.model": "both",
    "gen_ai.response.model": "good/m",
    "gen_ai.provider.name": "good",
    "gen_ai.usage.input_tokens": "11",
    "gen_ai.usage.output_tokens": "7",
    "http.response.status_code": "200",
    "user_agent.original": "my-agent/1.0",
    "omniroute.attempts": "2",
  });
  for (const span of [failed, answered])
    expect(span).toMatchObject({ traceId: root.traceId, parentSpanId: root.spanId, kind: 3 });
  expect(failed.status.code).toBe(2);
  expect(attributesOf(failed)).toMatchObject({
    "error.type": "overloaded",
    "http.response.status_code": "503",
  });
  expect(attributesOf(answered)).toMatchObject({
    "gen_ai.response.model": "good/m",
    "gen_ai.usage.output_tokens": "7",
  });
  expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(3);
  expect(first.text).not.toMatch(/canary|secret (?:question|answer)/);
});

test("a call takes its place in the client's own trace, unless that is not to be kept", async () => {
  await started();
  const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
  await ask({ traceparent: `00-${traceId}-00f067aa0ba902b7-00` });
  await ask({ traceparent: `00-${traceId}-00f067aa0ba902b7-01` });
  // The one that failed the first call is left alone by the second.
  const { spans } = await received(2);
  expect(spans).toHaveLength(2);
  expect(spans[0]).toMatchObject({ traceId, parentSpanId: "00f067aa0ba902b7" });
});

test("a collector that is busy gets the spans again, and nothing waits for one that is gone", async () => {
  collector.script((_seen, count) =>
    count === 0
      ? { type: "json", status: 503, headers: { "retry-after": "0" }, body: {} }
      : { type: "json", body: {} },
  );
  await started();
  await ask();
  for (let wait = 0; wait < 1000 && collector.seen.length < 2; wait++) await Bun.sleep(10);
  expect(collector.seen[0]!.text).toBe(collector.seen[1]!.text);
  await collector.stop();
  expect(await ask()).toStartWith("req_");
});

test("what the environment's collector is opened with is not shown to another", async () => {
  await started();
  gateway.engine.manage.settings.change({ otlpEndpoint: `${collector.url}/other` }, { name: "test" });
  await ask();
  const { first } = await received(3);
  expect(first.path).toBe("/other/v1/traces");
  expect(first.headers).not.toHaveProperty("x-collector-key");
});

test("a collector of the settings is opened with headers that nobody sees again, and only it", async () => {
  await started({ defaults: TEST_DEFAULTS });
  const { tracing, settings } = gateway.engine.manage;
  const who = { name: "test" };
  expect(() => tracing.change({ headers: "x=y" }, who)).toThrow("address they are for");
  expect(() => tracing.change({ endpoint: "http://169.254.169.254" }, who)).toThrow("cannot be used");
  expect(() => tracing.change({ endpoint: collector.url, headers: "no pair" }, who)).toThrow("pairs");
  const shown = tracing.change({ endpoint: collector.url, headers: `x-key=${KEY},B=c%20d` }, who);
  expect(shown).toEqual({ endpoint: collector.url, headers: ["b", "x-key"] });
  await ask();
  const { first } = await received(3);
  expect(first).toMatchObject({ path: "/v1/traces", headers: { "x-key": KEY, b: "c d" } });
  expect(await gateway.engine.traces.try()).toEqual({ ok: true, status: 200 });
  const audited = JSON.stringify(listAudit(gateway.engine.store, { limit: 10 }));
  expect(audited).toContain("x-key");
  expect(audited).not.toContain(KEY);

  const other = startUpstream(() => ({ type: "json", status: 401, body: {} }));
  settings.change({ otlpEndpoint: other.url }, who);
  expect(await gateway.engine.traces.try()).toEqual({ ok: false, status: 401 });
  expect(other.seen[0]!.headers).not.toHaveProperty("x-key");
  expect(tracing.settings().headers).toEqual([]);
  await other.stop();
  expect(await gateway.engine.traces.try()).toMatchObject({ ok: false, error: expect.any(String) });
  tracing.change({ endpoint: "" }, who);
  expect(await gateway.engine.traces.try()).toBeUndefined();
});

test("without a collector nothing is kept", async () => {
  await started({ defaults: TEST_DEFAULTS });
  await ask();
  await gateway.engine.close();
  expect(collector.seen).toEqual([]);
});

test.each([
  ["http://otel:4318", { OTEL_EXPORTER_OTLP_ENDPOINT: "http://otel:4318" }, "http://otel:4318/v1/traces"],
  ["a slash more", { OTEL_EXPORTER_OTLP_ENDPOINT: "http://otel:4318/" }, "http://otel:4318/v1/traces"],
  [
    "the address of traces wins and is taken as it is",
    { OTEL_EXPORTER_OTLP_ENDPOINT: "http://a", OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "https://b/in" },
    "https://b/in",
  ],
  ["nothing", {}, ""],
])("the environment names a collector: %s", async (_name, env, address) => {
  await started();
  const { config } = readConfig({
    env: { ...env, OTEL_EXPORTER_OTLP_HEADERS: "Authorization=Bearer%20x,b=c" },
  });
  expect(config.defaults.otlpEndpoint).toBe(address);
  expect(config.tracing.headers).toEqual({ authorization: "Bearer x", b: "c" });
});

test.each([["not-an-address"], ["http://user:pass@otel"], ["ftp://otel"]])(
  "%s is no collector",
  async (address) => {
    await started();
    expect(() => readConfig({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: address } })).toThrow(
      "OTEL_EXPORTER_OTLP_ENDPOINT",
    );
    expect(() => gateway.engine.manage.settings.change({ otlpEndpoint: address }, { name: "test" })).toThrow(
      "otlpEndpoint",
    );
  },
);

test("spans of calls beside chat, of Gemini's clients and with cached tokens", async () => {
  await started();
  const of = (changes: Parameters<typeof record>[0]) => spansOf(record(changes), (id) => id)[0]!.attributes;
  const named: [string, string][] = [
    ["/v1/embeddings", "embeddings"],
    ["/v1beta/models/m:batchEmbedContents", "embeddings"],
    ["answer cache", "embeddings"],
    ["/v1/images/generations", "generate_image"],
    ["/v1/images/edits", "edit_image"],
    ["/v1/providers/p/audio/speech", "speech"],
    ["/audio/transcriptions", "transcription"],
    ["/v1/moderations", "moderation"],
    ["/v1/rerank", "rerank"],
  ];
  for (const [path, operation] of named)
    expect(of({ path, sourceFormat: "other" })["gen_ai.operation.name"]).toBe(operation);
  expect(of({ usage: { input: 0, output: 0, units: { seconds: 3 } } })["omniroute.usage.seconds"]).toBe(3);
  expect(of({ sourceFormat: "gemini" })["gen_ai.operation.name"]).toBe("generate_content");
  expect(of({ path: "/v1/completions" })["gen_ai.operation.name"]).toBe("text_completion");
  expect(of({ provider: "gemini" })["gen_ai.provider.name"]).toBe("gcp.gemini");
  expect(of({ usage: { input: 5, output: 1, cacheRead: 10, cacheWrite: 20 } })).toMatchObject({
    "gen_ai.usage.input_tokens": 35,
    "gen_ai.usage.cache_read.input_tokens": 10,
  });
});
