import { afterAll, beforeAll, expect, test } from "bun:test";
import { type InProcess, startInProcess } from "../kit/in-process.ts";
import type { Deed } from "../kit/scripted-outbound.ts";
import { chatReply } from "../kit/upstream.ts";

/** Two models on one connection: the first fails and the second must be called; one wrong id must not kill a combo. */

let gateway: InProcess;
let first: Deed;
beforeAll(async () => {
  gateway = await startInProcess({
    script: ({ url, body }) => {
      if (url.endsWith("/models")) return { type: "answer", body: { object: "list", data: [] } };
      return body.model === "a" ? first : { type: "answer", body: chatReply("Hello from b") };
    },
  });
  gateway.node("one");
  gateway.combo("pair", ["one/a", "one/b"], { config: { maxRetries: 0, timeoutMs: 2000 } });
});
afterAll(() => gateway.stop());

const refuses = (status: number, message = "no"): Deed => ({
  type: "answer",
  status,
  body: { error: { message } },
});

test.each<[string, Deed]>([
  ["400", refuses(400)],
  ["401", refuses(401)],
  ["402", refuses(402)],
  ["403", refuses(403)],
  ["404", refuses(404, "The model does not exist")],
  ["408", refuses(408)],
  ["413", refuses(413)],
  ["429", refuses(429)],
  ["429 for the account", refuses(429, "You exceeded your current quota")],
  ["500", refuses(500)],
  ["529", refuses(529)],
  ["refused", { type: "refuse" }],
  ["reset", { type: "refuse", early: true }],
  ["stall", { type: "stall" }],
  ["empty", { type: "answer", body: "" }],
])("%s at the first: the second answers, ten times in a row", async (_name, deed) => {
  gateway.engine.health.resetAll();
  first = deed;
  let served = 0;
  for (let turn = 0; turn < 10; turn++) {
    const { status } = await gateway.call("/v1/chat/completions", {
      model: "pair",
      messages: [{ role: "user", content: "hi" }],
    });
    if (status === 200) served++;
  }
  // A failure that speaks of the whole account or provider may bar it for a while, but only once it is known.
  const isAccountWide = [
    "402",
    "429 for the account",
    "500",
    "529",
    "refused",
    "reset",
    "stall",
    "empty",
  ].includes(_name);
  expect(served).toBeGreaterThanOrEqual(isAccountWide ? 1 : 10);
});

test("a combo with an id nobody knows answers all the same", async () => {
  gateway.engine.health.resetAll();
  gateway.combo("odd", ["nobody/x", "one/b"]);
  const answer = await gateway.call("/v1/chat/completions", {
    model: "odd",
    messages: [{ role: "user", content: "hi" }],
  });
  expect(answer.status).toBe(200);
});
