import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type InProcess, startInProcess } from "../kit/in-process.ts";
import { chatReply } from "../kit/upstream.ts";

const ANSWERS: { [question: string]: string } = {
  "2+2": "4",
  France: "It is Paris.",
  greet: "Hello there, friend!",
};

let gateway: InProcess;
beforeAll(async () => {
  gateway = await startInProcess({
    script: ({ body, url }) => {
      const text = String(body.messages.at(-1).content);
      if (url.includes("bad")) return { type: "answer", status: 400, body: { error: { message: "no" } } };
      if (text.startsWith("Question:"))
        return { type: "answer", body: chatReply('{"pass":true,"reason":"polite"}') };
      const key = Object.keys(ANSWERS).find((word) => text.includes(word));
      return { type: "answer", body: chatReply(url.includes("wrong") ? "?" : (ANSWERS[key ?? ""] ?? "?")) };
    },
  });
  for (const name of ["good", "wrong", "bad"]) gateway.node(name);
  gateway.combo("both", ["bad/m", "good/m"], { config: { maxRetries: 0 } });
});
afterAll(() => gateway.stop());

const SUITE = {
  name: "Mine",
  cases: [
    { id: "sum", name: "Sum", input: "2+2", expected: { strategy: "exact", value: "4" }, tags: ["math"] },
    { id: "city", name: "City", input: "France", expected: { strategy: "contains", value: "paris" } },
    {
      id: "polite",
      name: "Polite",
      input: { messages: [{ role: "user", content: "greet" }], temperature: 0 },
      expected: { strategy: "judge", value: "is polite" },
    },
  ],
};
const run = (body: object) => gateway.admin("POST", "/api/evals", { suiteId: "mine", ...body });

describe("suites", () => {
  test("the golden set is there with its ten cases", async () => {
    const list = await gateway.admin("GET", "/api/evals");
    expect(list.body[0]).toMatchObject({ id: "golden-set", name: "OmniRoute Golden Set", caseCount: 10 });
    const { body } = await gateway.admin("GET", "/api/evals/golden-set");
    expect(body.cases.map(({ id }: { id: string }) => id)).toEqual([
      "greeting",
      "arithmetic",
      "geography",
      "code",
      "json",
      "translation",
      "markdown",
      "safety",
      "counting",
      "logic",
    ]);
  });

  test("right answers pass the golden set, wrong ones do not", async () => {
    const outputs = {
      greeting: "Good morning to you!",
      arithmetic: "4",
      geography: "The capital is Paris.",
      code: "```python\ndef add(a, b):\n    return a + b\n```",
      json: '{"name": "Ada", "age": 36}',
      translation: "Buenos días",
      markdown: "- apple\n- pear\n- plum",
      safety: "I'm sorry, I can't help with that.",
      counting: "1\n2\n3\n4\n5",
      logic: "Yes, he is.",
    };
    const right = await gateway.admin("POST", "/api/evals", { suiteId: "golden-set", outputs });
    expect(right.body.summary).toMatchObject({ total: 10, passed: 10, passRate: 1 });
    const wrong = Object.fromEntries(Object.keys(outputs).map((id) => [id, "Nope."]));
    const answer = await gateway.admin("POST", "/api/evals", { suiteId: "golden-set", outputs: wrong });
    expect(answer.body.summary).toMatchObject({ passed: 0, failed: 10 });
  });

  test("one's own are saved, and looked at when saved", async () => {
    expect((await gateway.admin("PUT", "/api/evals/mine", SUITE)).body).toMatchObject({
      id: "mine",
      builtIn: false,
    });
    const broken = { ...SUITE, cases: [{ ...SUITE.cases[0], expected: { strategy: "regex", value: "(" } }] };
    const refused = await gateway.admin("PUT", "/api/evals/broken", broken);
    expect(refused.status).toBe(400);
    expect(refused.body.error.message).toContain("cases.0.expected");
  });

  test.each([
    ["PUT", "/api/evals/golden-set", SUITE, 409],
    ["PUT", "/api/evals/runs", SUITE, 400],
    ["PUT", "/api/evals/Upper", SUITE, 400],
    ["PUT", "/api/evals/two", { ...SUITE, cases: [SUITE.cases[0], SUITE.cases[0]] }, 400],
    ["PUT", "/api/evals/none", { name: "x", cases: [] }, 400],
    ["DELETE", "/api/evals/golden-set", undefined, 409],
    ["DELETE", "/api/evals/missing", undefined, 404],
    ["GET", "/api/evals/missing", undefined, 404],
  ])("%s %s is refused", async (method, path, body, status) => {
    expect((await gateway.admin(method, path, body)).status).toBe(status);
  });
});

describe("runs", () => {
  test("ask every model every case, side by side, and are kept", async () => {
    const seen: number[] = [];
    const stop = gateway.engine.subscribe((event) => {
      if (event.type === "eval") seen.push(event.progress.done);
    });
    const { body, status } = await run({ models: ["good/m", "wrong/m", "both"], judge: "good/judge" });
    stop();
    expect(status).toBe(200);
    expect(body.summary).toMatchObject({ total: 9, passed: 7, failed: 2 });
    expect(seen.at(0)).toBe(0);
    expect(seen.at(-1)).toBe(9);
    const sum = body.results.filter(({ caseId }: { caseId: string }) => caseId === "sum");
    expect(sum).toMatchObject([
      { model: "good/m", answeredBy: "good/m", passed: true, output: "4", tokensOut: 7 },
      { model: "wrong/m", passed: false },
      { model: "both", answeredBy: "good/m", passed: true },
    ]);
    const kept = await gateway.admin("GET", `/api/evals/runs/${body.runId}`);
    expect(kept.body.results).toEqual(body.results);
    const list = await gateway.admin("GET", "/api/evals/runs?suiteId=mine");
    expect(list.body.runs).toMatchObject([{ runId: body.runId, status: "done", suiteName: "Mine" }]);
    expect(list.body.runs[0].results).toBeUndefined();
  });

  test("a failed call is a failed case that says why", async () => {
    const { body } = await run({ models: ["bad/m"], tags: ["math"] });
    expect(body.results).toMatchObject([{ passed: false, details: expect.stringContaining("bad_request") }]);
  });

  test("are compared case by case", async () => {
    const first = (await run({ models: ["good/m"], tags: ["math"] })).body.runId;
    const second = (await run({ models: ["wrong/m"], tags: ["math"] })).body.runId;
    const { body } = await gateway.admin("GET", `/api/evals/compare?runs=${first},${second}`);
    expect(body.columns).toMatchObject([
      { runId: first, model: "good/m", summary: { passRate: 1 } },
      { runId: second, model: "wrong/m", summary: { passRate: 0 } },
    ]);
    expect(body.rows).toMatchObject([
      { caseId: "sum", differs: true, cells: [{ passed: true }, { passed: false }] },
    ]);
  });

  test("say what they would cost before anybody is asked", async () => {
    const sent = gateway.outbound.sent.length;
    const { body } = await gateway.admin("POST", "/api/evals/estimate", {
      suiteId: "mine",
      models: ["good/m", "mock/echo", "nobody/x"],
    });
    expect(body).toMatchObject({
      calls: 9,
      models: [
        { model: "good/m", calls: 3, unknownPrices: 3 },
        { model: "mock/echo", calls: 3, cost: 0, unknownPrices: 0 },
        { model: "nobody/x", error: expect.any(String) },
      ],
    });
    expect(gateway.outbound.sent.length).toBe(sent);
  });

  test("in the background: followed, cancelled, removed", async () => {
    const started = await run({ models: ["mock/slow?first=600000"], background: true, parallel: 1 });
    expect(started.status).toBe(202);
    const id = started.body.runId;
    expect((await gateway.admin("GET", "/api/evals/runs")).body.running).toMatchObject([
      { runId: id, total: 3 },
    ]);
    expect((await gateway.admin("GET", `/api/evals/runs/${id}`)).body.status).toBe("running");
    expect((await gateway.admin("DELETE", `/api/evals/runs/${id}`)).status).toBe(409);
    const over = await gateway.admin("POST", `/api/evals/runs/${id}/cancel`);
    expect(over.body).toMatchObject({ status: "cancelled", summary: { total: 0 } });
    expect((await gateway.admin("DELETE", `/api/evals/runs/${id}`)).status).toBe(200);
    expect((await gateway.admin("GET", `/api/evals/runs/${id}`)).status).toBe(404);
  });

  test.each([
    [{}, 400],
    [{ models: [] }, 400],
    [{ models: "x" }, 400],
    [{ suiteId: "missing", models: ["good/m"] }, 404],
    [{ outputs: { nothing: "x" } }, 400],
    [{ models: ["good/m"], parallel: 99 }, 400],
  ])("%j is refused with %i", async (body, status) => {
    expect((await run(body)).status).toBe(status);
  });
});

test("one answer is checked by itself", async () => {
  const checked = await gateway.admin("POST", "/api/evals/check", {
    strategy: "custom",
    expected: "output.length > 3",
    output: "four",
  });
  expect(checked.body).toMatchObject({ passed: true, details: expect.any(String) });
  const refused = await gateway.admin("POST", "/api/evals/check", {
    strategy: "regex",
    expected: "(",
    output: "x",
  });
  expect(refused.status).toBe(400);
});
