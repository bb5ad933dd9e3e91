import { expect, test } from "bun:test";
import { startInProcess } from "../kit/in-process.ts";
import { chatStream } from "../kit/upstream.ts";

/** A thinking model must not be cut by an idle limit, nor a running answer be killed by a deadline. */

const MINUTE = 60_000;

test.each([
  ["four minutes of silence between its words", 4 * MINUTE, "Hello"],
  [
    "an hour of slow words",
    90_000,
    "A long answer of which each piece takes its time to come, again and again and again.",
  ],
])("%s: the answer comes whole", async (_name, gap, text) => {
  const gateway = await startInProcess({
    config: { streamIdleTimeoutMs: 5 * MINUTE },
    script: () => ({ type: "stream", chunks: chatStream(text), gap }),
  });
  gateway.node("one");
  gateway.combo("team", ["one/a"], { config: { timeoutMs: 10 * MINUTE } });
  for (const model of ["one/a", "team"]) {
    const answer = await gateway.call(
      "/v1/chat/completions",
      { model, stream: true, messages: [{ role: "user", content: "hi" }] },
      { withinMs: 6 * 60 * MINUTE },
    );
    expect(answer.text).toEndWith("data: [DONE]\n\n");
    expect(answer.text).not.toContain('"error"');
    // The client is kept awake meanwhile.
    expect(answer.text.match(/^:/gm)?.length ?? 0).toBeGreaterThan(4);
  }
  await gateway.stop();
});
