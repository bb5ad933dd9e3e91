import { afterEach, beforeEach, expect, test } from "bun:test";
import { type InProcess, startInProcess } from "../kit/in-process.ts";
import { chatReply } from "../kit/upstream.ts";

let gateway: InProcess;
beforeEach(async () => {
  let count = 0;
  gateway = await startInProcess({
    script: ({ url }) =>
      url.endsWith("/chat/completions")
        ? { type: "answer", body: chatReply(`answer ${++count}`) }
        : { type: "refuse" },
  });
  gateway.node("one");
});
afterEach(() => gateway.stop());

const QUESTION = {
  model: "one/m",
  max_tokens: 9,
  temperature: 0,
  messages: [{ role: "user", content: "2+2?" }],
};
const key = (name: string) => ({
  authorization: `Bearer ${gateway.engine.access.createKey({ name }).key}`,
});

test("an answer earned by chat is a message for Messages, not a chat completion", async () => {
  const headers = key("mine");
  await gateway.call("/v1/chat/completions", QUESTION, { headers });
  const answer = await gateway.call("/v1/messages", QUESTION, { headers });
  expect(answer.headers.get("x-omniroute-cache")).toBe("HIT");
  expect(JSON.parse(answer.text)).toMatchObject({
    type: "message",
    role: "assistant",
    content: [{ type: "text", text: "answer 1" }],
    stop_reason: "end_turn",
  });
});

test("nobody gets the answer to another key's question", async () => {
  const [mine, yours] = [key("mine"), key("yours")];
  const texts = [];
  for (const headers of [mine, yours, {}, mine])
    texts.push((await gateway.call("/v1/chat/completions", QUESTION, { headers })).text);
  const said = texts.map((text) => JSON.parse(text).choices[0].message.content as string);
  expect(said).toEqual(["answer 1", "answer 2", "answer 3", "answer 1"]);
});
