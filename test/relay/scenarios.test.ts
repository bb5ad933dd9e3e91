import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { COMBO_STRATEGIES, type ComboStrategy } from "../../src/core/strategy-names.ts";
import { FAILURES, type FailureKind } from "../../src/core/errors.ts";
import { CLIENT_PROTOCOLS, type ClientProtocol } from "../kit/client-calls.ts";
import { type InProcess, startInProcess } from "../kit/in-process.ts";
import type { Deed } from "../kit/scripted-outbound.ts";
import { chatReply, chatStream } from "../kit/upstream.ts";

/**
 * Every failure × every strategy × one or two connections × whole and streamed × the four protocols, without a
 * socket: what must be asked in which order is worked out apart from the code that asks.
 */

type Fault = {
  name: string;
  /** What the failing provider does; `stream` says what the client wants. */
  deed(stream: boolean): Deed;
  outcome: FailureKind;
  /** The status and code of the answer when all targets do this. */
  alone: { status: number; code: string; retryAfter?: boolean };
  /** The connection broke before the first byte: asked once more at once. */
  repeats?: boolean;
  /** What is set aside by it. */
  cools?: "rate-limit" | "quota" | "credentials" | "no-such-model";
};

const refuses =
  (status: number, error: object, headers: { [name: string]: string } = {}) =>
  (): Deed => ({
    type: "answer",
    status,
    headers,
    body: { error },
  });
const head = chatStream("x", { end: false })[0]!;

const FAULTS: readonly Fault[] = [
  {
    name: "400",
    deed: refuses(400, { message: "Invalid value", type: "invalid_request_error" }),
    outcome: "rejected",
    alone: { status: 400, code: "bad_request" },
  },
  {
    name: "400 with an unknown parameter",
    deed: refuses(400, { message: "Unsupported parameter: 'top_k'", code: "unsupported_parameter" }),
    outcome: "unsupported",
    alone: { status: 400, code: "unsupported" },
  },
  {
    name: "422",
    deed: refuses(422, { message: "Unprocessable" }),
    outcome: "rejected",
    alone: { status: 422, code: "bad_request" },
  },
  {
    name: "too long",
    deed: refuses(400, { message: "maximum context length is 8192 tokens", code: "context_length_exceeded" }),
    outcome: "context-length",
    alone: { status: 400, code: "context_length_exceeded" },
  },
  {
    name: "413",
    deed: refuses(413, { message: "Request too large" }),
    outcome: "context-length",
    alone: { status: 400, code: "context_length_exceeded" },
  },
  {
    name: "401",
    deed: refuses(401, { message: "Incorrect API key provided", code: "invalid_api_key" }),
    outcome: "credentials",
    alone: { status: 502, code: "credentials_failed" },
    cools: "credentials",
  },
  {
    name: "403",
    deed: refuses(403, { message: "This key may not do that" }),
    outcome: "credentials",
    alone: { status: 502, code: "credentials_failed" },
    cools: "credentials",
  },
  {
    name: "402",
    deed: refuses(402, { message: "Insufficient balance" }),
    outcome: "quota-exhausted",
    alone: { status: 429, code: "quota_exhausted", retryAfter: true },
    cools: "quota",
  },
  {
    name: "404",
    deed: refuses(404, { message: "The model `a` does not exist", code: "model_not_found" }),
    outcome: "no-such-model",
    alone: { status: 404, code: "model_not_found" },
    cools: "no-such-model",
  },
  {
    name: "429 with Retry-After",
    deed: refuses(429, { message: "Slow down", code: "rate_limit_exceeded" }, { "retry-after": "30" }),
    outcome: "rate-limited",
    alone: { status: 429, code: "rate_limit_exceeded", retryAfter: true },
    cools: "rate-limit",
  },
  {
    name: "429 without a hint",
    deed: refuses(429, { message: "Slow down" }),
    outcome: "rate-limited",
    alone: { status: 429, code: "rate_limit_exceeded", retryAfter: true },
    cools: "rate-limit",
  },
  {
    name: "429 for a spent quota",
    deed: refuses(429, { message: "You exceeded your current quota", code: "insufficient_quota" }),
    outcome: "quota-exhausted",
    alone: { status: 429, code: "quota_exhausted", retryAfter: true },
    cools: "quota",
  },
  {
    name: "500",
    deed: refuses(500, { message: "Internal error" }),
    outcome: "overloaded",
    alone: { status: 503, code: "service_unavailable", retryAfter: true },
  },
  {
    name: "529",
    deed: refuses(529, { message: "Overloaded" }),
    outcome: "overloaded",
    alone: { status: 503, code: "service_unavailable", retryAfter: true },
  },
  {
    name: "refused",
    deed: () => ({ type: "refuse" }),
    outcome: "unreachable",
    alone: { status: 502, code: "upstream_unreachable" },
  },
  {
    name: "reset before the first byte",
    deed: () => ({ type: "refuse", early: true }),
    outcome: "unreachable",
    alone: { status: 502, code: "upstream_unreachable" },
    repeats: true,
  },
  {
    name: "silence before the first byte",
    deed: () => ({ type: "stall" }),
    outcome: "timeout",
    alone: { status: 504, code: "gateway_timeout" },
  },
  {
    name: "a web page",
    deed: () => ({ type: "answer", headers: { "content-type": "text/html" }, body: "<html>login</html>" }),
    outcome: "malformed",
    alone: { status: 502, code: "upstream_malformed" },
  },
  {
    name: "broken JSON",
    deed: (stream) =>
      stream
        ? { type: "stream", chunks: ['data: {"choi\n\n', "data: {oops\n\n"] }
        : { type: "answer", body: '{"choices":[{"mess' },
    outcome: "malformed",
    alone: { status: 502, code: "upstream_malformed" },
  },
  {
    name: "an empty answer",
    deed: (stream) => (stream ? { type: "stream", chunks: [] } : { type: "answer", body: "" }),
    outcome: "malformed",
    alone: { status: 502, code: "upstream_malformed" },
  },
  {
    name: "an error in a 200",
    deed: (stream) => {
      const error = { message: "Overloaded", code: "server_error" };
      return stream
        ? { type: "stream", chunks: [`data: ${JSON.stringify({ error })}\n\n`] }
        : { type: "answer", body: { error } };
    },
    outcome: "overloaded",
    alone: { status: 503, code: "service_unavailable", retryAfter: true },
  },
  {
    name: "a limit told in a 200",
    deed: (stream) => {
      const error = { message: "Slow down, try again in 40s", code: "rate_limit_exceeded" };
      return stream
        ? { type: "stream", chunks: [head, `data: ${JSON.stringify({ error })}\n\n`] }
        : { type: "answer", body: { error } };
    },
    outcome: "rate-limited",
    alone: { status: 429, code: "rate_limit_exceeded", retryAfter: true },
    cools: "rate-limit",
  },
  {
    name: "a cut before any content",
    deed: (stream) =>
      stream ? { type: "stream", chunks: [head], then: "break" } : { type: "answer", body: '{"id":"x","cho' },
    outcome: "malformed",
    alone: { status: 502, code: "upstream_malformed" },
  },
];

test("every kind of failure that a provider can cause has a row", () => {
  const ours: FailureKind[] = ["cancelled", "shut-down"];
  const kinds = (Object.keys(FAILURES) as FailureKind[]).filter((kind) => !ours.includes(kind));
  expect(new Set(FAULTS.map(({ outcome }) => outcome))).toEqual(new Set(kinds));
});

let gateway: InProcess;
const TEXT = "Hello from b";
/** What node `one` does now. */
let fault: Fault;
let streams = true;

beforeAll(async () => {
  gateway = await startInProcess();
  gateway.outbound.script = ({ url }) => {
    // The credential is good; only what was asked is refused.
    if (url.endsWith("/models")) return { type: "answer", body: { object: "list", data: [] } };
    if (!url.includes("//good.")) return fault.deed(streams);
    return streams ? { type: "stream", chunks: chatStream(TEXT) } : { type: "answer", body: chatReply(TEXT) };
  };
  gateway.node("single");
  gateway.node("double", { connections: 2 });
  gateway.node("good");
  for (const strategy of COMBO_STRATEGIES)
    for (const node of ["single", "double"])
      gateway.combo(
        `${strategy}.${node}`,
        [
          { model: `${node}/a`, weight: 3 },
          { model: "good/b", weight: 1 },
        ],
        { strategy, config: { maxRetries: 0, timeoutMs: 5000, affinity: false } },
      );
  for (const node of ["single", "double"])
    gateway.combo(`alone.${node}`, [`${node}/a`], { config: { maxRetries: 0, timeoutMs: 5000 } });
});
afterAll(() => gateway.stop());

/** Calls for answers so far, without tests of credentials. */
const calls = () => gateway.outbound.sent.filter(({ url }) => !url.endsWith("/models")).length;

const ask = (protocol: ClientProtocol, model: string, headers: { [name: string]: string } = {}) =>
  gateway.call(protocol.path(model, streams), protocol.body(model, streams), { headers });

/** The order in which a plan's targets must be asked, and what must come of each. */
function expectedPath(order: readonly string[]): string[] {
  const path: string[] = [];
  let isRefused = false;
  for (const model of order) {
    if (model === "good/b") return [...path, "good/b ok"];
    if (isRefused) continue;
    path.push(...Array.from({ length: fault.repeats ? 2 : 1 }, () => `${model} ${fault.outcome}`));
    isRefused = FAILURES[fault.outcome].skipModel;
  }
  return path;
}

async function play(strategy: ComboStrategy, node: string, protocol: ClientProtocol, seed: number) {
  const { engine, outbound, clock } = gateway;
  const where = `${fault.name}, ${strategy}, ${node}, ${protocol.name}, ${streams ? "stream" : "whole"}`;
  engine.health.resetAll();
  const combo = `${strategy}.${node}`;
  gateway.reseed(seed);
  const dry = await ask(protocol, combo, { "x-omniroute-dry-run": "true" });
  const order: string[] = JSON.parse(dry.text).targets.map(({ model }: { model: string }) => model);
  expect(order.toSorted(), where).toEqual(
    [...Array.from({ length: node === "double" ? 2 : 1 }, () => `${node}/a`), "good/b"].toSorted(),
  );
  const before = calls();
  gateway.reseed(seed);
  const answer = await ask(protocol, combo);
  const path = expectedPath(order);
  expect(answer.status, where).toBe(200);
  expect(protocol.text(answer.text, streams), where).toBe(TEXT);
  expect(protocol.error(answer.text), where).toBeUndefined();
  if (streams) expect(protocol.endsWell(answer.text), where).toBe(true);
  expect(answer.headers.get("x-omniroute-model"), where).toBe("good/b");
  expect(answer.headers.get("x-omniroute-fallback-attempts"), where).toBe(String(path.length - 1));
  expect(calls() - before, where).toBe(path.length);
  const record = gateway.lastRequest();
  expect(
    record.attempts.map(({ model, outcome }) => `${model} ${outcome}`),
    where,
  ).toEqual(path);
  // Only what failed rests, and only if its kind is one that rests.
  const cooling = engine.health.cooldowns().map(({ kind }) => kind);
  const failed = new Set(
    record.attempts.filter(({ outcome }) => outcome !== "ok").map(({ connectionId }) => connectionId),
  );
  expect(cooling, where).toEqual(Array.from({ length: fault.cools ? failed.size : 0 }, () => fault.cools!));
  expect([outbound.open, engine.router.limits.requestsInFlight], where).toEqual([0, 0]);
  clock.advance(1000);
}

describe.each(FAULTS.map((each) => [each.name, each] as const))("%s at the first model", (_name, each) => {
  test.each(["single", "double"])(
    "over %s connections: the other model answers, whatever the strategy",
    async (node) => {
      fault = each;
      let seed = 1;
      for (const strategy of COMBO_STRATEGIES)
        for (const protocol of CLIENT_PROTOCOLS)
          for (streams of [true, false]) await play(strategy, node, protocol, seed++);
    },
    60_000,
  );

  test.each(["single", "double"])(
    "over %s connections and nothing else: the answer is an error in the client's own shape",
    async (node) => {
      fault = each;
      for (const protocol of CLIENT_PROTOCOLS)
        for (streams of [true, false]) {
          const { engine, clock } = gateway;
          engine.health.resetAll();
          const where = `${fault.name}, ${node}, ${protocol.name}, ${streams ? "stream" : "whole"}`;
          const answer = await ask(protocol, `alone.${node}`);
          const { status, retryAfter } = fault.alone;
          expect(answer.status, where).toBe(status);
          expect(protocol.error(answer.text), where).toMatch(/^\[\d{3}\]: |^prompt is too long/);
          expect(answer.headers.get("retry-after") !== null, where).toBe(retryAfter ?? false);
          if (retryAfter) expect(Number(answer.headers.get("retry-after")), where).toBeGreaterThan(0);
          expect(gateway.lastRequest(), where).toMatchObject({ status, errorCode: fault.alone.code });
          expect(answer.text, where).not.toContain("key-of-");
          clock.advance(1000);
        }
    },
    60_000,
  );
});

describe("a break in the middle of the answer", () => {
  const broken = (then: "break" | "end" | "silence"): Fault => ({
    name: `broken off by ${then}`,
    deed: () => ({ type: "stream", chunks: chatStream("Half an ans", { end: false }), then }),
    outcome: then === "silence" ? "timeout" : "malformed",
    alone: { status: 200, code: "" },
  });
  test.each(["break", "end", "silence"] as const)(
    "by %s: told in the stream, nobody else is asked, no success ending",
    async (then) => {
      fault = broken(then);
      streams = true;
      const { engine, outbound } = gateway;
      gateway.combo(`broken.${then}`, ["single/a", "good/b"], {
        config: { maxRetries: 0, idleTimeoutMs: 5000 },
      });
      for (const protocol of CLIENT_PROTOCOLS) {
        engine.health.resetAll();
        const before = calls();
        const answer = await ask(protocol, `broken.${then}`);
        expect(answer.status).toBe(200);
        expect(protocol.text(answer.text, true)).toBe("Half an ans");
        expect(protocol.error(answer.text)).toBeString();
        expect(protocol.endsWell(answer.text)).toBe(false);
        expect(calls() - before).toBe(1);
        expect(gateway.lastRequest().attempts.map(({ outcome }) => outcome)).toEqual([fault.outcome]);
        expect(outbound.open).toBe(0);
      }
    },
  );
});

test("nothing is left over: no call, no slot, no timer of a call", async () => {
  await gateway.clock.run(600_000);
  expect(gateway.outbound.open).toBe(0);
  expect(gateway.engine.router.limits.requestsInFlight).toBe(0);
  expect(gateway.engine.liveRequests()).toEqual([]);
  // What the engine itself keeps going, whatever the traffic was.
  expect(gateway.clock.pending).toBeLessThan(15);
  expect(gateway.log.filter((line) => line.includes("internal"))).toEqual([]);
});
