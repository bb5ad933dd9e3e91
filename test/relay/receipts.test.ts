import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { story } from "../../src/cli/explain.ts";
import { ACCOUNT_STRATEGY_IDS, COMBO_STRATEGIES } from "../../src/core/strategy-names.ts";
import { type InProcess, ranUntil, startInProcess } from "../kit/in-process.ts";
import { type Deed } from "../kit/scripted-outbound.ts";
import { chatReply, chatStream } from "../kit/upstream.ts";

let gateway: InProcess;
beforeEach(async () => {
  gateway = await startInProcess({ script: () => ({ type: "answer", body: chatReply("Hello") }) });
});
afterEach(() => gateway.stop());

const ask = async (
  model: string,
  options: { headers?: { [name: string]: string }; stream?: boolean } = {},
) => {
  const answer = await gateway.call(
    "/v1/chat/completions",
    { model, stream: options.stream ?? false, messages: [{ role: "user", content: "hi" }] },
    { headers: options.headers ?? {} },
  );
  const { id } = gateway.lastRequest();
  return { ...answer, receipt: (await gateway.admin("GET", `/api/receipts/${id}`)).body };
};
const dryRun = async (model: string) => {
  const answer = await gateway.call(
    "/v1/chat/completions",
    { model, messages: [{ role: "user", content: "hi" }] },
    { headers: { "x-omniroute-dry-run": "true" } },
  );
  return { status: answer.status, plan: JSON.parse(answer.text) };
};
const error = (status: number, message: string, headers: { [name: string]: string } = {}): Deed => ({
  type: "answer",
  status,
  headers,
  body: { error: { message } },
});

describe("a receipt", () => {
  test("tells every attempt, its time and status, who was blamed until when, and why the story went on", async () => {
    const [one = ""] = gateway.node("one");
    const [two = ""] = gateway.node("two", { connections: 2 });
    gateway.node("three");
    gateway.combo("team", ["one/a", "two/b", "three/c"]);
    gateway.outbound.script = ({ url, headers }) => {
      if (url.includes("//one.")) return error(429, "slow down, key-of-one-1", { "retry-after": "30" });
      if (url.includes("//two.") && headers["authorization"]?.endsWith("-1")) return error(500, "broken");
      return { type: "answer", body: chatReply("Hello"), after: 120 };
    };
    await gateway.admin("PUT", "/api/models/alias", { alias: "work", model: "team" });
    const at = gateway.clock.now();
    const { receipt } = await ask("work");
    const iso = (ms: number) => new Date(at + ms).toISOString();
    expect(receipt).toMatchObject({
      object: "omniroute.receipt",
      requested: "work",
      resolved: [
        { step: "alias", from: "work", to: "team" },
        { step: "combo", from: "team", to: "team" },
      ],
      strategy: "priority",
      combo: "team",
      status: 200,
      error: null,
      answered: { model: "two/b", connection: { name: "two 2" } },
      cost_kind: "billed",
      cost: null,
      usage: { input: 11, output: 7 },
      translation: { from: "openai-chat", to: "openai-chat", losses: [] },
      not_asked: [{ model: "three/c", connection: { name: "three 1" } }],
    });
    const order = receipt.attempts.map(
      (each: { model: string; connection: { name: string } }) => `${each.model} ${each.connection.name}`,
    );
    expect(order).toEqual(["one/a one 1", "two/b two 1", "two/b two 2"]);
    expect(receipt.attempts[0]).toMatchObject({
      position: 1,
      connection: { id: one },
      started: iso(0),
      status: 429,
      code: "rate-limited",
      message: "slow down, [redacted]",
      blamed: "model",
      until: iso(30_000),
      reason_for_next: "rate limited: on to the next target at once",
    });
    expect(receipt.attempts[1]).toMatchObject({
      status: 500,
      code: "overloaded",
      blamed: "provider",
      reason_for_next: "overloaded: on to the next target at once",
    });
    expect(receipt.attempts[2]).toMatchObject({
      code: "ok",
      status: 200,
      first_content_ms: 120,
      duration_ms: 120,
      blamed: null,
      reason_for_next: null,
    });
    expect([one, two]).not.toContain("");
  });

  test("tells what was left out and until when, also where nothing could be asked", async () => {
    const [one = ""] = gateway.node("one");
    gateway.outbound.script = () => error(429, "slow down", { "retry-after": "60" });
    await ask("one/a");
    const until = new Date(gateway.clock.now() + 60_000).toISOString();
    const { status, receipt } = await ask("one/a");
    expect(status).toBe(429);
    expect(receipt).toMatchObject({
      answered: null,
      attempts: [],
      error: { code: "rate_limit_exceeded" },
      excluded: [{ model: "one/a", connection: { id: one, name: "one 1" }, reason: "rate limited", until }],
    });
  });

  test.each<[string, Deed[], string[]]>([
    [
      "a reset before the first byte",
      [{ type: "refuse", early: true }],
      ["unreachable before the first byte: repeated at once", ""],
    ],
    [
      "a refusal",
      [error(400, "no"), error(400, "no")],
      [
        "rejected: its other accounts would say the same, so on to the next model",
        "rejected: no target was left",
      ],
    ],
    [
      "passing failures all round",
      [error(500, "x"), error(500, "x")],
      [
        "overloaded: on to the next target at once",
        "overloaded: all were asked, so those that failed passingly were asked again",
        "",
      ],
    ],
    [
      "a cut in the middle",
      [{ type: "stream", chunks: chatStream("Half", { end: false }), then: "break" }],
      ["malformed in the middle of the answer: nothing is generated twice"],
    ],
  ])("%s says why the story went on, or did not", async (_name, deeds, reasons) => {
    gateway.node("one");
    gateway.node("two");
    gateway.combo("team", ["one/a", "two/b"]);
    gateway.outbound.script = (_sent, count) =>
      deeds[count] ?? { type: "stream", chunks: chatStream("Hello") };
    const { receipt } = await ask("team", { stream: true });
    expect(
      receipt.attempts.map((each: { reason_for_next: string | null }) => each.reason_for_next ?? ""),
    ).toEqual(reasons);
  });

  test("tells affinity: kept, moved, or none", async () => {
    const ids = gateway.node("one", { connections: 2 });
    const headers = { "x-session-id": "talk" };
    const first = await ask("one/a", { headers });
    expect(first.receipt.session).toMatchObject({ affinity: null });
    const kept = await ask("one/a", { headers });
    expect(kept.receipt.session.affinity).toBe("kept");
    expect(kept.receipt.session.id).toBe(kept.headers.get("x-omniroute-session-id"));
    expect(kept.headers.get("x-omniroute-decision")).toContain("reason=affinity");
    const holder = kept.receipt.answered.connection.id;
    gateway.outbound.script = ({ headers: sent }) =>
      sent["authorization"]?.endsWith(holder === ids[0] ? "-1" : "-2")
        ? error(500, "down")
        : { type: "answer", body: chatReply("Hello") };
    const moved = await ask("one/a", { headers });
    expect(moved.receipt.session.affinity).toBe("moved");
    expect(moved.receipt.answered.connection.id).not.toBe(holder);
  });

  test("a plain call stores no story, and its receipt is whole all the same", async () => {
    gateway.node("one");
    const { receipt } = await ask("one/a");
    expect(gateway.lastRequest().story).toBeUndefined();
    expect(receipt).toMatchObject({
      requested: "one/a",
      answered: { model: "one/a" },
      attempts: [{ code: "ok" }],
    });
  });

  test("told in words on the command line", async () => {
    gateway.node("one");
    gateway.node("two");
    gateway.combo("team", ["one/a", "two/b"]);
    gateway.outbound.script = ({ url }) =>
      url.includes("//one.")
        ? error(429, "slow", { "retry-after": "9" })
        : { type: "answer", body: chatReply("Hi") };
    const { receipt } = await ask("team");
    const text = story(receipt).join("\n");
    for (const words of [
      'asked /v1/chat/completions for "team"',
      "Order: priority, combo team.",
      "1. one/a over one 1: rate-limited (status 429)",
      "counts against this model over this connection until ",
      "2. two/b over two 1: ok (status 200)",
      "two/b over two 1 answered: status 200",
      "price unknown",
    ])
      expect(text).toContain(words);
  });

  test("says why a better target was not asked, and the answer's head says that it was not the first choice", async () => {
    gateway.node("one");
    gateway.node("two");
    gateway.combo("team", ["one/a", "two/b"]);
    gateway.outbound.script = ({ url }) =>
      url.includes("//one.") ? error(503, "busy") : { type: "answer", body: chatReply("Hi") };
    const first = await ask("team");
    expect(first.receipt.not_asked).toEqual([]);
    const { receipt, headers } = await ask("team");
    const reason = "it failed a moment ago, so it stands behind the others";
    expect(receipt.not_asked).toMatchObject([{ model: "one/a", reason }]);
    expect(story(receipt)).toContain(`  not asked: one/a over one 1: ${reason}`);
    expect(headers.get("x-omniroute-decision")).toBe("strategy=priority; combo=team; reason=first-usable");
  });

  test("an answer that broke off is not told as one that was given", async () => {
    gateway.node("one");
    gateway.outbound.script = () => ({
      type: "stream",
      chunks: chatStream("Half", { end: false }),
      then: "break",
    });
    const { receipt } = await ask("one/a", { stream: true });
    const text = story(receipt).join("\n");
    expect(text).toContain("one/a over one 1 began to answer and broke off: status 200");
    expect(text).not.toContain("answered");
  });

  test("a connection that is gone keeps its name", async () => {
    const [one = ""] = gateway.node("one");
    const { receipt } = await ask("one/a");
    await gateway.admin("DELETE", `/api/providers/${one}`);
    const later = (await gateway.admin("GET", `/api/receipts/${receipt.request_id}`)).body;
    expect(later.answered.connection).toEqual({ id: one, name: "one 1" });
  });

  test("a call that waited for a limit says so, and counts its tries on", async () => {
    gateway.node("one");
    gateway.outbound.script = (_sent, count) =>
      count === 0 ? error(429, "slow", { "retry-after": "5" }) : { type: "answer", body: chatReply("Hi") };
    const { receipt } = await ask("one/a", { headers: { "x-omniroute-wait": "9000" } });
    expect(receipt.waited_ms).toBe(5000);
    expect(receipt.attempts.map(({ position }: { position: number }) => position)).toEqual([1, 2]);
    expect(receipt.attempts[0].reason_for_next).toBe(
      "rate limited: the call waited until a limit was over, and asked again",
    );
  });

  test("a refused connection is asked again after a pause, and that is what is told", async () => {
    gateway.node("one");
    gateway.outbound.script = (_sent, count) =>
      count === 0 ? { type: "refuse" } : { type: "answer", body: chatReply("Hi") };
    gateway.combo("team", ["one/a"], { config: { maxRetries: 1 } });
    const { receipt } = await ask("team");
    expect(receipt.attempts[0].reason_for_next).toBe(
      "unreachable: all were asked, so those that failed passingly were asked again",
    );
  });

  test("of a call that is still running says that it is", async () => {
    gateway.node("one");
    gateway.outbound.script = () => ({ type: "stall" });
    const leaving = new AbortController();
    const pending = gateway
      .call(
        "/v1/chat/completions",
        { model: "one/a", messages: [{ role: "user", content: "hi" }] },
        { signal: leaving.signal },
      )
      .catch(() => undefined);
    await ranUntil(gateway.clock, 0, () => gateway.outbound.sent.length === 1);
    const [running] = gateway.engine.liveRequests();
    const { status, body } = await gateway.admin("GET", `/api/receipts/${running?.id}`);
    expect([status, body.error.message]).toEqual([
      404,
      "This request is still running; its receipt is there once it has ended.",
    ]);
    leaving.abort();
    await pending;
  });

  test("an unknown id is 404", async () => {
    expect((await gateway.admin("GET", "/api/receipts/nothing")).status).toBe(404);
  });
});

describe("the dry run", () => {
  test("tells what is left out even when nothing is left, and sends nothing", async () => {
    gateway.node("one");
    gateway.outbound.script = () => error(429, "slow", { "retry-after": "60" });
    await ask("one/a");
    const before = gateway.outbound.sent.length;
    const { status, plan } = await dryRun("one/a");
    expect(status).toBe(200);
    expect(plan).toMatchObject({ targets: [], excluded: [{ model: "one/a", reason: "rate limited" }] });
    expect(gateway.outbound.sent).toHaveLength(before);
  });

  // Every target fails in a way that leads to the next one, so that reality shows its whole order.
  const everyPair = COMBO_STRATEGIES.flatMap((combo) =>
    ACCOUNT_STRATEGY_IDS.map((accounts) => [combo, accounts] as const),
  );
  test.each(everyPair)(
    "%s over %s: the order told is the order taken",
    async (strategy, fallbackStrategy) => {
      const { engine } = gateway;
      const ids = ["one", "two", "three"].flatMap((name) => gateway.node(name, { connections: 3 }));
      await gateway.admin("PATCH", "/api/settings", { fallbackStrategy });
      gateway.combo(
        "team",
        [
          { model: "one/a", weight: 3 },
          { model: "two/b", weight: 1 },
          { model: "three/c", weight: 2 },
        ],
        { strategy },
      );
      gateway.outbound.script = () => error(404, "The model does not exist");
      for (const [index, id] of ids.entries())
        engine.router.quotas.note(id, [
          {
            name: "5h",
            left: ((index * 7) % 9) / 10 + 0.1,
            resetsAt: gateway.clock.now() + 3_600_000,
            lengthMs: 18_000_000,
          },
        ]);
      const orders = new Set<string>();
      for (let round = 0; round < 6; round++) {
        // Speeds and failures for the strategies that look at them.
        for (const [index, target] of engine.plan("team", { keyId: "k", name: "k" }).targets.entries())
          engine.health.claim(target)?.succeeded(100 + ((index * 37 + round * 53) % 400));
        gateway.reseed(round);
        const told: string[] = (await dryRun("team")).plan.targets.map(
          (target: { model: string; connection: string }) => `${target.model} ${target.connection}`,
        );
        gateway.reseed(round);
        const { receipt } = await ask("team");
        const taken = receipt.attempts.map(
          (each: { model: string; connection: { id: string } }) => `${each.model} ${each.connection.id}`,
        );
        expect(taken).toEqual(told);
        expect(taken).toHaveLength(9);
        orders.add(taken.join(","));
        engine.health.resetAll();
        gateway.clock.advance(7000);
      }
      const moves = !["priority", "fill-first", "cost-optimized", "least-used"].includes(strategy);
      if (moves && strategy !== "quota-aware") expect(orders.size).toBeGreaterThan(1);
    },
  );
});
