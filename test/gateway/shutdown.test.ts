import { describe, expect, test } from "bun:test";
import { startGateway } from "../kit/gateway.ts";
import { chatStream, startUpstream } from "../kit/upstream.ts";

const ask = (url: string) =>
  fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    body: JSON.stringify({ model: "up/m", stream: true, messages: [{ role: "user", content: "x" }] }),
  });

describe("ending", () => {
  test("a running stream is finished, new calls are sent away with a time, and usage is kept", async () => {
    const upstream = startUpstream(() => ({
      type: "stream",
      chunks: chatStream("a stream that takes its time"),
      gap: 60,
    }));
    const gateway = await startGateway();
    gateway.node("up", `${upstream.url}/v1`);
    const running = await ask(gateway.url);
    const stopping = gateway.stop();
    const late = await ask(gateway.url);
    expect(late.status).toBe(503);
    expect(late.headers.get("retry-after")).toBe("5");
    expect((await fetch(`${gateway.url}/readyz`)).status).toBe(503);
    expect(await running.text()).toContain("[DONE]");
    await stopping;
    await upstream.stop();
  });

  test("a stream that does not end is cut off after the grace time", async () => {
    const upstream = startUpstream(() => ({
      type: "stream",
      chunks: chatStream("x", { end: false }),
      then: "silence",
    }));
    const gateway = await startGateway({ shutdownGraceMs: 300 });
    gateway.node("up", `${upstream.url}/v1`);
    const running = await ask(gateway.url);
    await gateway.stop();
    await running.text().catch(() => "cut");
    await upstream.seen[0]?.aborted;
    await upstream.stop();
  });
});
