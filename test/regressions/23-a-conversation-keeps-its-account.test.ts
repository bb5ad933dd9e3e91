import { afterEach, beforeEach, expect, test } from "bun:test";
import { ACCOUNT_STRATEGY_IDS } from "../../src/core/strategy-names.ts";
import { type InProcess, startInProcess } from "../kit/in-process.ts";
import { chatReply } from "../kit/upstream.ts";

/** The provider's prompt cache must not be broken by hopping from account to account. */

let gateway: InProcess;
beforeEach(async () => {
  gateway = await startInProcess({ script: () => ({ type: "answer", body: chatReply("Hello") }) });
  gateway.node("one", { connections: 4 });
});
afterEach(() => gateway.stop());

type Turn = { role: string; content: string };
const grown = (turns: number): Turn[] =>
  Array.from({ length: turns * 2 - 1 }, (_, index) => ({
    role: index % 2 === 0 ? "user" : "assistant",
    content: `turn ${index}`,
  }));

/** The accounts that served a conversation of eight turns. */
async function accounts(make: (turn: number) => { body: object; headers?: { [name: string]: string } }) {
  const used = new Set<string>();
  for (let turn = 1; turn <= 8; turn++) {
    const { body, headers = {} } = make(turn);
    await gateway.call("/v1/chat/completions", { model: "one/a", ...body }, { headers });
    // The first turn of an unnamed conversation may go anywhere; from then on it stays.
    if (turn > 1) used.add(gateway.lastRequest().connectionId ?? "");
    gateway.clock.advance(5000);
  }
  return used;
}

test.each(ACCOUNT_STRATEGY_IDS)("under %s, however the conversation is told", async (fallbackStrategy) => {
  await gateway.admin("PATCH", "/api/settings", { fallbackStrategy, stickyRoundRobinLimit: 1 });
  const hi = [{ role: "user", content: "hi" }];
  const ways: Parameters<typeof accounts>[0][] = [
    () => ({ body: { messages: hi }, headers: { "x-session-id": "s1" } }),
    () => ({ body: { messages: hi }, headers: { "x-claude-code-session-id": "s2" } }),
    () => ({ body: { messages: hi, prompt_cache_key: "s3" } }),
    () => ({ body: { messages: hi, metadata: { user_id: "s4" } } }),
    (turn) => ({ body: { messages: [{ role: "system", content: "You are five." }, ...grown(turn)] } }),
  ];
  for (const way of ways) expect((await accounts(way)).size).toBe(1);
});

test("it moves when its account cannot serve, and stays at the new one", async () => {
  const headers = { "x-session-id": "mine" };
  const ask = async () => {
    await gateway.call(
      "/v1/chat/completions",
      { model: "one/a", messages: [{ role: "user", content: "hi" }] },
      { headers },
    );
    return gateway.lastRequest().connectionId ?? "";
  };
  const first = await ask();
  gateway.engine.manage.connections.update(first, { isActive: false }, { name: "test" });
  const second = await ask();
  expect(second).not.toBe(first);
  gateway.engine.manage.connections.update(first, { isActive: true }, { name: "test" });
  expect(await ask()).toBe(second);
});
