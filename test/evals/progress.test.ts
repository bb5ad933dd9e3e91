import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { startGateway, type TestGateway } from "../kit/gateway.ts";

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.stop());

const admin = (path: string, body?: object) =>
  fetch(gateway.url + path, {
    method: body ? "POST" : "GET",
    headers: { authorization: `Bearer ${readFileSync(join(gateway.dataDir, "cli-token"), "utf8").trim()}` },
    ...(body && { body: JSON.stringify(body) }),
  });

test("a run that was over before anybody asked tells its end all the same", async () => {
  const begun = await admin("/api/evals", { suiteId: "golden-set", models: ["mock/echo"], background: true });
  expect(begun.status).toBe(202);
  const { runId } = (await begun.json()) as { runId: string };
  while (gateway.engine.evals.runs.running().length > 0) await Bun.sleep(5);
  const events = await admin(`/api/evals/runs/${runId}/events`);
  expect(events.headers.get("content-type")).toContain("text/event-stream");
  const [first, ...more] = (await events.text()).trim().split("\n\n");
  expect(more).toEqual([]);
  expect(JSON.parse(/^data: (.*)$/m.exec(first!)![1]!)).toMatchObject({
    runId,
    suiteId: "golden-set",
    status: "done",
    done: 10,
    total: 10,
  });
  expect((await admin("/api/evals/runs/nobody/events")).status).toBe(404);
});

test("a suite that cannot be checked names the field", async () => {
  const owner = readFileSync(join(gateway.dataDir, "cli-token"), "utf8").trim();
  const one = { id: "a", name: "A", input: "x", expected: { strategy: "custom", value: "answer > 1" } };
  const answer = await fetch(`${gateway.url}/api/evals/mine`, {
    method: "PUT",
    headers: { authorization: `Bearer ${owner}` },
    body: JSON.stringify({ name: "Mine", cases: [one] }),
  });
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({
    error: {
      details: [
        { field: "cases.0.expected.value", message: expect.stringContaining("There is no `answer` here") },
      ],
    },
  });
});
